"""Ctrl-K: the pages, people and touchpoints of a workspace by the beginning of a word."""

import sqlite3
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tangente.errors import TangenteError
from tangente.web.http import Request
from tangente.web.overview.queries import touchpoints
from tangente.web.people.entering import enter
from tangente.web.people.models import Membership, Workspace
from tangente.web.people.roles import DATA
from tangente.web.shell import menu

MOST = 12


@dataclass(frozen=True)
class Found:
    """One way to go on."""

    name: str
    kind: str
    url: str


@require_GET
def find(request: Request, slug: str) -> HttpResponse:
    """What begins like what was typed."""
    workspace = enter(request, slug)
    words = request.GET.get("q", "").casefold().split()
    candidates = (of(request, workspace) for of in (_pages, _people, _touchpoints)) if words else ()
    found = [one for some in candidates for one in some if all(_begins(word, one.name) for word in words)][:MOST]
    template = "find.html#found" if request.htmx else "find.html"
    return render(request, template, {"found": found, "query": request.GET.get("q", "")})


def _begins(word: str, name: str) -> bool:
    return any(part.startswith(word) for part in name.casefold().replace("-", " ").split())


def _pages(request: Request, workspace: Workspace) -> list[Found]:
    keeps_data = Workspace.objects.visible_to(request.user, *DATA).filter(pk=workspace.pk).exists()
    pages = [(str(line["name"]), line["url"]) for line in menu(workspace, None, keeps_data=keeps_data)["doors"]]
    if Workspace.objects.editable_by(request.user).filter(pk=workspace.pk).exists():
        views = (
            (_("Invite somebody"), "member_invite"),
            (_("Add a department"), "department_new"),
            (_("Audit log"), "audit_log"),
        )
        pages += [(name, reverse(view, args=[workspace.slug])) for name, view in views]
    pages.append((_("Second factor"), reverse("mfa_index")))
    return [Found(name, _("page"), url) for name, url in pages]


def _people(request: Request, workspace: Workspace) -> list[Found]:
    members = Membership.objects.visible_to(request.user).filter(workspace=workspace, left_at=None)
    url = reverse("member_list", args=[workspace.slug])
    return [
        Found(member.person.name, _("person"), f"{url}#member-{member.pk}")
        for member in members.select_related("person").order_by("person__name")
    ]


def _touchpoints(request: Request, workspace: Workspace) -> list[Found]:
    """Each in the table of all, which the overview has; none while the log is damaged or held."""
    try:
        names = touchpoints(request.user, workspace, (translation.get_language() or "en")[:2])
    except (TangenteError, sqlite3.OperationalError):
        return []
    url = reverse("overview", args=[workspace.slug])
    return [Found(name, _("touchpoint"), f"{url}#touchpoint-{row}") for row, name in enumerate(names, 1)]
