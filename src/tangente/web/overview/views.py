"""The first page of a workspace."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tangente.web.http import Request
from tangente.web.people.entering import enter


@require_GET
def overview(request: Request, slug: str) -> HttpResponse:
    """What the contact log says, at a glance."""
    enter(request, slug)
    return render(request, "overview/overview.html")
