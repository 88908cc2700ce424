"""Answers about a log as pages need them: read where they are kept, asked for where they are not."""

import hashlib
import json
from datetime import datetime, timedelta

from tangente.web.jobs.models import UNFINISHED, Job
from tangente.web.jobs.queue import start
from tangente.web.overview.chosen import Chosen
from tangente.web.overview.models import Answer
from tangente.web.overview.preparing import NAME, prepare_soon
from tangente.web.overview.scope import part_of
from tangente.web.overview.state import is_large, is_small, state_now
from tangente.web.people.models import Asker, Person, Workspace

ANEW = timedelta(minutes=10)
"""For so long a job that ended without an answer stands for one: a page that looks again shall not begin the next."""


def find(workspace: Workspace, state: str, chosen: Chosen, language: str) -> Answer | None:
    """The answer that is kept, without the Analysis behind its page."""
    answers = Answer.objects.filter(workspace=workspace, state=state, filters=chosen.name, language=language)
    found: Answer | None = answers.defer("analysis").first()
    return found


def find_whole(person: Asker, workspace: Workspace, state: str, language: str) -> Answer | None:
    """The kept answer for all that a person may see of the log."""
    everything = find(workspace, state, Chosen(), language)
    if everything is None:
        return None
    part = part_of(person, workspace, everything.choices["department"])
    if part.is_nothing:
        return None
    return everything if part.units is None else find(workspace, state, Chosen(units=part.units), language)


def touchpoints(person: Asker, workspace: Workspace, language: str) -> list[str]:
    """Those a person may see, as the table of the overview lists them; none while its answer is not kept."""
    state = state_now(workspace)
    whole = find_whole(person, workspace, state, language) if state else None
    return [name for name, *_ in whole.page.get("sheets", {}).get("ranking", {}).get("rows", [])] if whole else []


def ask_now_or_later(
    workspace: Workspace, state: str, chosen: Chosen, language: str, *, person: Person, at: datetime
) -> Job | None:
    """Answer at once where that is quick; else the job that does it, or that has just ended without an answer."""
    is_quick = is_small(workspace) or (chosen.name and not is_large(workspace))
    if is_quick and prepare_soon(workspace, chosen, language):
        return None
    key = f"{NAME}:{state[:16]}:{hashlib.sha256(chosen.name.encode()).hexdigest()[:16]}"
    unanswered = Job.objects.filter(workspace=workspace, key=key, state__in=UNFINISHED, finished_at__gt=at - ANEW)
    ended: Job | None = unanswered.first()
    arguments = {"filters": chosen.key, "units": json.dumps(chosen.units)}
    return ended or start(NAME, workspace=workspace, person=person, arguments=arguments, key=key, at=at)
