"""Makes answers before anybody waits for them: after an import, or as a job."""

import json
import sqlite3
from contextlib import suppress
from threading import Thread
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tangente.errors import TangenteError
from tangente.web.jobs.models import Job, State
from tangente.web.jobs.queue import job, start
from tangente.web.jobs.runs import Run
from tangente.web.overview.chosen import LABELS, PERIODS, Chosen
from tangente.web.overview.models import Answer
from tangente.web.overview.scope import scopes
from tangente.web.overview.state import is_large, is_small, state_now
from tangente.web.people.models import Workspace

NAME, AHEAD = "overview.ask", "overview.ask_ahead"

PATIENCE_S = 1.0
"""For so long a request waits until others are answered; meanwhile it keeps a thread from who only reads."""

MOST_AHEAD = 80
"""Choices of filters that are asked for before anybody does."""


def prepare(workspace: Workspace, chosen: Chosen | None = None) -> None:
    """Answer for the log as it is now, in all languages, so that the next request only reads."""
    from tangente.web.overview.asking import ask  # noqa: PLC0415 - the whole library; a server starts without it

    ask(workspace, chosen or Chosen())


def prepare_soon(workspace: Workspace, chosen: Chosen, language: str) -> bool:
    """The same within a request, in one language; False if so much else is asked that somebody else should do it."""
    from tangente.web.overview.asking import ask  # noqa: PLC0415 - as above

    return ask(workspace, chosen, [language], patience_s=PATIENCE_S)


_rehearsed: dict[int, str] = {}


def rehearse_beside(workspace: Workspace, state: str) -> None:
    """Once for each state that this process shows of a log of middle size: be ready for a choice of filters."""
    if _rehearsed.get(workspace.pk) == state:
        return
    _rehearsed[workspace.pk] = state
    if not is_small(workspace) and not is_large(workspace):
        Thread(target=_rehearse, args=[workspace], name="rehearsal", daemon=True).start()


def _rehearse(workspace: Workspace) -> None:
    from tangente.web.overview.asking import rehearse  # noqa: PLC0415 - as above

    with suppress(TangenteError, sqlite3.OperationalError):  # whoever asks is told
        rehearse(workspace)


def prepare_after_import(workspace: Workspace) -> None:
    """Answer for all of the log at once and, where that takes long, for the likely filters when a worker has time."""
    prepare(workspace)
    if not is_small(workspace):
        start(AHEAD, workspace=workspace, person=None, arguments={}, key=AHEAD, at=timezone.now())


@job(NAME, label=_("Analysis"), kept=_("The log is as it was."), leads_to="overview")
def prepare_as_job(run: Run, *, filters: str, units: str = "null") -> dict[str, Any]:
    """The same for whoever waits for a page."""
    workspace = run.job.workspace
    if workspace is not None:
        prepare(workspace)
        run.progress(1, 2)
        limit = json.loads(units)
        prepare(workspace, Chosen.unchecked(QueryDict(filters).dict(), None if limit is None else tuple(limit)))
    return {}


@job(AHEAD, label=_("Analysis of each filter"), kept=_("The log is as it was."), leads_to="overview")
def prepare_filters(run: Run) -> dict[str, Any]:
    """Answer for what is likely to be asked; whatever else is to be done goes first."""
    workspace = run.job.workspace
    if workspace is None:
        return {}
    ahead = _ahead(workspace)
    for done, chosen in enumerate(ahead):
        run.progress(done, len(ahead))
        if Job.objects.filter(state=State.WAITING, due_at__lte=timezone.now()).exclude(name=AHEAD).exists():
            start(AHEAD, workspace=workspace, person=None, arguments={}, at=timezone.now())
            break
        prepare(workspace, chosen)
    return {}


def _ahead(workspace: Workspace) -> list[Chosen]:
    """Departments, single filters, and segments and channels in a period: of two filters these leave most to reckon."""
    whole = Answer.objects.filter(workspace=workspace, state=state_now(workspace) or "", filters="").first()
    choices = whole.choices if whole else {}
    parts = [Chosen(units=units) for units in sorted(scopes(workspace, choices.get("department", [])))]
    single = [Chosen(**{name: value}) for name in LABELS for value in choices.get(name, [])]
    both = [
        Chosen(period=period, **{name: value})
        for name in ("segment", "channel")
        for period in PERIODS
        for value in choices.get(name, [])
    ]
    return [*parts, *single, *both][:MOST_AHEAD]
