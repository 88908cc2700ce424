"""The way from an address to a workspace."""

from django.shortcuts import get_object_or_404
from django.utils import timezone

from tangente.web.http import Request
from tangente.web.people.models import Workspace


def enter(request: Request, slug: str, *roles: str) -> Workspace:
    """The workspace of the address, for its members; of certain roles only, if any are named. A stranger gets 404."""
    workspace = get_object_or_404(Workspace.objects.visible_to(request.user, *roles), slug=slug)
    timezone.activate(workspace.timezone)
    request.workspace = workspace
    return workspace
