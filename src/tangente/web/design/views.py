"""The sample page: every component in every state, from the templates that the pages use."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tangente.web.design import samples
from tangente.web.design.forms import GOOD, WRONG, Sample
from tangente.web.people.models import Person, Workspace
from tangente.web.shell import menu


@login_not_required
@require_http_methods(["GET", "POST"])
def design(request: HttpRequest) -> HttpResponse:
    """Where nobody develops, there is no such page."""
    if not settings.DEBUG:
        raise Http404
    if request.method == "POST":
        messages.success(request, "That was taken back.")
        return redirect("design")
    if "toasts" in request.GET:
        messages.success(request, "Two touchpoints are Derya Aksoy’s now.", extra_tags=request.path)
        messages.error(request, "The department is not empty.")
    request.user = Person(name="Miriam Kaltenbach")
    workspace = Workspace(slug="sample", name="Morgennetz")
    listing, rows = samples.listing(request.GET)
    page = {
        "workspace": workspace,
        "menu": menu(workspace, "overview"),
        "bar": samples.filters(),
        "listing": listing,
        "rows": rows,
        "exports": [("XLSX", "#table"), ("CSV", "#table")],
        "series": samples.series(),
        "phases": samples.PHASES,
        "percents": (0, 62, 100),
        "tabs": samples.TABS,
        "steps": enumerate(samples.STEPS, 1),
        "form": Sample(initial=GOOD, prefix="good"),
        "wrong": Sample({f"wrong-{name}": value for name, value in WRONG.items()}, prefix="wrong"),
    }
    return render(request, "design/design.html", page)
