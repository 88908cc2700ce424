"""What every page knows: the menu, the workspace it is of, and the person's others."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tangente.web.people.models import Membership, Workspace
from tangente.web.people.roles import DATA


@dataclass(frozen=True)
class Entry:
    """A line of the menu; `views` are the pages behind it, the first of them its address."""

    name: Promise
    views: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One of the four steps of the loop, with the pages that belong to it."""

    name: Promise
    entries: tuple[Entry, ...] = ()


FIRST = (Entry(_("Overview"), ("overview",)),)
SPINE = (Step(_("As is")), Step(_("To be")), Step(_("To do")), Step(_("Check")))
KEEPING = (Entry(_("Data"), ("data",)),)
LAST = (
    Entry(_("Jobs"), ("job_list", "job_show")),
    Entry(
        _("People"), ("member_list", "member_invite", "member_edit", "department_new", "department_edit", "audit_log")
    ),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """For the menu; asks the database only where a page has one."""
    workspace: Workspace | None = getattr(request, "workspace", None)
    if workspace is None or not request.user.is_authenticated:
        return {}
    view = request.resolver_match.url_name if request.resolver_match else ""
    keeps_data = Workspace.objects.visible_to(request.user, *DATA).filter(pk=workspace.pk).exists()
    return {
        "workspace": workspace,
        "menu": menu(workspace, view, keeps_data=keeps_data),
        "imports_at": reverse("data", args=[workspace.slug]) if keeps_data else "",
        "membership": lambda: Membership.objects.get(workspace=workspace, person=request.user),
        "other_workspaces": lambda: Workspace.objects.visible_to(request.user).exclude(pk=workspace.pk),
    }


def menu(workspace: Workspace, view: str | None, *, keeps_data: bool = False) -> dict[str, Any]:
    """The menu of a workspace, as its page of that name sees it."""
    first, last = _lines(FIRST, workspace, view), _lines((*KEEPING, *LAST) if keeps_data else LAST, workspace, view)
    return {
        "first": first,
        "spine": [{"name": step.name, "entries": _lines(step.entries, workspace, view)} for step in SPINE],
        "last": last,
        "doors": first + last,
    }


def _lines(entries: tuple[Entry, ...], workspace: Workspace, view: str | None) -> list[dict[str, Any]]:
    return [
        {
            "name": entry.name,
            "view": entry.views[0],
            "url": reverse(entry.views[0], args=[workspace.slug]),
            "is_here": view in entry.views,
        }
        for entry in entries
    ]
