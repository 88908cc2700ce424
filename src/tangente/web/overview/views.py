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

from tangente.errors import TangenteError
from tangente.web.exports import KINDS, attachment
from tangente.web.http import Request
from tangente.web.jobs.queries import shown
from tangente.web.overview.chosen import Chosen
from tangente.web.overview.filtering import filter_bar
from tangente.web.overview.models import Answer
from tangente.web.overview.queries import ask_now_or_later, find
from tangente.web.overview.state import state_now
from tangente.web.people.entering import enter
from tangente.web.people.models import Workspace
from tangente.web.tags import words

LOOK_AGAIN_S = 3


@require_GET
@never_cache
@vary_on_headers("HX-Request")
def overview(request: Request, slug: str) -> HttpResponse:
    """What the contact log says, at a glance."""
    workspace = enter(request, slug)
    state = state_now(workspace)
    if state is None:
        return _page(request, "overview/empty.html", {})
    whole = None
    try:
        whole = _answer(request, workspace, state, Chosen())
        if not isinstance(whole, Answer):
            return whole
        chosen = Chosen.read(request.GET.dict(), whole.choices)
        answer = _answer(request, workspace, state, chosen, whole) if chosen.key else whole
    except TangenteError as error:
        bar = filter_bar(Chosen(), whole) if isinstance(whole, Answer) else None
        return _page(request, "overview/overview.html", {"bar": bar, "refused": words().say(error)}, 422)
    return _shown(request, chosen, whole, answer) if isinstance(answer, Answer) else answer


def _shown(request: Request, chosen: Chosen, whole: Answer, answer: Answer) -> HttpResponse:
    response = _page(request, "overview/overview.html", {"bar": filter_bar(chosen, whole), "page": answer.page})
    if request.htmx:
        response["HX-Push-Url"] = f"{request.path}?{chosen.key}" if chosen.key else request.path
    return response


def _answer(
    request: Request, workspace: Workspace, state: str, chosen: Chosen, whole: Answer | None = None
) -> Answer | HttpResponse:
    """The answer, or the page that waits for it."""
    language = (translation.get_language() or "en")[:2]
    found = find(workspace, state, chosen, language)
    if found is None:
        at = timezone.now()
        job = ask_now_or_later(workspace, state, chosen, person=request.user, at=at)
        if job is not None:
            return _waiting(request, {"bar": filter_bar(chosen, whole) if whole else None, "waiting": shown(job, at)})
        found = find(workspace, state_now(workspace) or state, chosen, language)
    return found if found is not None else redirect(request.get_full_path())


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
    chosen = Chosen.unchecked(request.GET.dict())
    found = find(workspace, request.GET.get("of", ""), chosen, language)
    if found is None:
        messages.info(request, _("The data have changed since; here they are as they are now."))
        return redirect(f"{reverse('overview', args=[slug])}?{chosen.key}")
    sheet = found.page.get("sheets", {}).get(table)
    if sheet is None:
        raise Http404
    return attachment(kind, f"{workspace.slug}-{table}", **sheet)
