"""What every page knows: the workspace it is of, and the person's others."""

from typing import Any

from django.http import HttpRequest

from tangente.web.people.models import Membership, Workspace


def shell(request: HttpRequest) -> dict[str, Any]:
    """For the menu; asks the database only where a page has one."""
    workspace: Workspace | None = getattr(request, "workspace", None)
    if workspace is None or not request.user.is_authenticated:
        return {}
    return {
        "workspace": workspace,
        "membership": lambda: Membership.objects.get(workspace=workspace, person=request.user),
        "other_workspaces": lambda: Workspace.objects.visible_to(request.user).exclude(pk=workspace.pk),
    }
