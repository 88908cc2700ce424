"""The first page of a workspace: what the contact log says, and its tables to take away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from tangente.contactlog.damage import DAMAGED
from tangente.errors import TangenteError
from tangente.web.errors import RuleError, told
from tangente.web.exports import KINDS, attachment
from tangente.web.http import Request
from tangente.web.jobs.models import UNFINISHED
from tangente.web.jobs.queries import shown
from tangente.web.overview.chosen import Chosen
from tangente.web.overview.filtering import FilterBar, filter_bar
from tangente.web.overview.models import Answer
from tangente.web.overview.preparing import rehearse_beside
from tangente.web.overview.queries import ask_now_or_later, find
from tangente.web.overview.scope import Part, part_of
from tangente.web.overview.state import state_now
from tangente.web.people.entering import enter
from tangente.web.people.models import Workspace

LOOK_AGAIN_S = 3


class _Instead(Exception):
    """Another page comes first."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


@require_GET
@never_cache
@vary_on_headers("HX-Request")
def overview(request: Request, slug: str) -> HttpResponse:
    """What the contact log says, at a glance."""
    workspace = enter(request, slug)
    state = state_now(workspace)
    if state is None:
        return _page(request, "overview/empty.html", {})
    try:
        part, whole = _whole(request, workspace, state)
        rehearse_beside(workspace, state)
        return _filtered(request, workspace, state, part, whole)
    except _Instead as instead:
        return instead.response
    except TangenteError as error:
        return _refused(request, error, None)


def _whole(request: Request, workspace: Workspace, state: str) -> tuple[Part, Answer]:
    """What the person may see of the log, and the answer for all of that. Raises: _Instead."""
    everything = _answer(request, workspace, state, Chosen())
    part = part_of(request.user, workspace, everything.choices["department"])
    if part.is_nothing:
        raise _Instead(_page(request, "overview/empty.html", {"part": part}))
    if part.units is None:
        return part, everything
    return part, _answer(request, workspace, state, Chosen(units=part.units))


def _filtered(request: Request, workspace: Workspace, state: str, part: Part, whole: Answer) -> HttpResponse:
    """The page under the filters of the address. Raises: _Instead."""
    try:
        chosen = Chosen.read(request.GET.dict(), whole.choices, part.units)
        answer = _answer(request, workspace, state, chosen, whole) if chosen.key else whole
    except TangenteError as error:
        return _refused(request, error, filter_bar(Chosen(units=part.units), whole))
    shown = {"bar": filter_bar(chosen, whole), "page": answer.page, "part": part}
    response = _page(request, "overview/overview.html", shown)
    if request.htmx:
        response["HX-Push-Url"] = f"{request.path}?{chosen.key}" if chosen.key else request.path
    return response


def _refused(request: Request, error: TangenteError, bar: FilterBar | None) -> HttpResponse:
    if error.code == DAMAGED:
        raise error  # has a page of its own
    return _page(request, "overview/overview.html", {"bar": bar, "refused": told(error)}, 422)


def _answer(request: Request, workspace: Workspace, state: str, chosen: Chosen, whole: Answer | None = None) -> Answer:
    """The answer. Raises: _Instead with the page that waits for it, TangenteError if the log cannot be asked so."""
    language = (translation.get_language() or "en")[:2]
    found = find(workspace, state, chosen, language)
    if found is None:
        at = timezone.now()
        job = ask_now_or_later(workspace, state, chosen, language, person=request.user, at=at)
        if job is not None and job.state in UNFINISHED:
            raise RuleError(shown(job, at).reason)
        if job is not None:
            bar = filter_bar(chosen, whole) if whole else None
            raise _Instead(_waiting(request, {"bar": bar, "waiting": shown(job, at)}))
        found = find(workspace, state, chosen, language)
    if found is None:  # an import came between: all of the page is asked anew
        raise _Instead(redirect(request.get_full_path()))
    return found


def _waiting(request: Request, context: dict[str, object]) -> HttpResponse:
    """How far the job is: a page that looks again by itself; on a page that shows another answer, above that."""
    if request.htmx and context["bar"]:
        headers = {"HX-Retarget": "#waiting", "HX-Reswap": "outerHTML"}
        return HttpResponse(render_to_string("overview/waiting.html", context, request), status=202, headers=headers)
    response = _page(request, "overview/overview.html", context, 202)
    response["Refresh"] = str(LOOK_AGAIN_S)  # without JavaScript, too
    return response


def _page(request: Request, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    part = "#content" if request.htmx and not request.htmx.history_restore_request else ""
    return render(request, template + part, context, status=status)


@require_GET
@never_cache
def overview_table(request: Request, slug: str, table: str, kind: str) -> HttpResponse:
    """One table of the page, exactly as it is shown, as a file."""
    workspace = enter(request, slug)
    if kind not in KINDS:
        raise Http404
    language = (translation.get_language() or "en")[:2]
    found = _kept(request, workspace, request.GET.get("of", ""), language)
    if found is None:
        messages.info(request, _("The data have changed since; here they are as they are now."))
        return redirect(f"{reverse('overview', args=[slug])}?{Chosen.unchecked(request.GET.dict()).key}")
    sheet = found.page.get("sheets", {}).get(table)
    if sheet is None:
        raise Http404
    return attachment(kind, f"{workspace.slug}-{table}", **sheet)


def _kept(request: Request, workspace: Workspace, state: str, language: str) -> Answer | None:
    """The answer of a state that a page showed to this person, if it is kept still."""
    everything = find(workspace, state, Chosen(), language)
    if everything is None:
        return None
    part = part_of(request.user, workspace, everything.choices["department"])
    return (
        None if part.is_nothing else find(workspace, state, Chosen.unchecked(request.GET.dict(), part.units), language)
    )
