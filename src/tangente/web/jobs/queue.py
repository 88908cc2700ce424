"""Jobs by their names, and how one is started and tried again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tangente.web.errors import RuleError
from tangente.web.jobs.models import UNFINISHED, Job, State
from tangente.web.people.audit import record
from tangente.web.people.models import Person, Workspace

Work = Callable[..., dict[str, Any] | None]
"""Does a job: takes its `Run` and its arguments, returns small facts. It may run twice, so it does no harm twice."""

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """A kind of job: what does it, and how a person reads of it."""

    work: Work
    label: Words
    kept: Words  # what is stored if it does not finish
    steps: Mapping[str, Words] = field(default_factory=dict)
    facts: Mapping[str, Words] = field(default_factory=dict)  # of the result, in the order they are shown
    leads_to: str = ""  # name of the workspace's page that shows what was done


KINDS: dict[str, Kind] = {}
"""By their names, which stay: rows of earlier versions carry them."""


def job(name: str, **described: Any) -> Callable[[Work], Work]:
    """Offer a function as the job `name`; the rest as in `Kind`."""

    def offered(work: Work) -> Work:
        KINDS[name] = Kind(work, **described)
        return work

    return offered


Sweep = Callable[[datetime], None]
SWEEPS: list[Sweep] = []
"""What removes, now and then, what nobody needs any more."""


def sweeps(sweep: Sweep) -> Sweep:
    """Offer a function that workers call every ten minutes."""
    SWEEPS.append(sweep)
    return sweep


def start(
    name: str,
    *,
    workspace: Workspace | None,
    person: Person | None,
    arguments: Mapping[str, int | str],
    about: str = "",
    key: str = "",
    at: datetime,
) -> Job:
    """Let a worker do it once the caller's transaction is committed; the open job of the same key, if there is one."""
    values = {
        "name": name,
        "started_by": person,
        "language": (translation.get_language() or "en")[:2],
        "about": about[:200],
        "arguments": dict(arguments),
        "created_at": at,
        "due_at": at,
    }
    if not key:
        return Job.objects.create(workspace=workspace, **values)
    found: Job = Job.objects.open().get_or_create(workspace=workspace, key=key, defaults=values)[0]
    return found


@transaction.atomic
def retry(*, job: Job, by: Person, at: datetime) -> None:
    """Begin a stopped or refused job anew."""
    again = {"state": State.WAITING, "attempts": 0, "reason": "", "done": 0, "total": 0, "step": "", "due_at": at}
    try:
        with transaction.atomic():
            changed = Job.objects.filter(pk=job.pk, state__in=UNFINISHED).update(finished_at=None, **again)
    except IntegrityError:
        raise RuleError(_("The same is being done already.")) from None
    if not changed:
        raise RuleError(_("This has begun anew already."))
    record(workspace=job.workspace, person=by, action="job.retry", about=f"{job.name} {job.pk}", at=at)
