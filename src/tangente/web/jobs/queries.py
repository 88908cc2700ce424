"""Jobs as a person reads of them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from tangente.web.jobs.models import KILLED, MOST_ATTEMPTS, UNFINISHED, Job, State
from tangente.web.jobs.queue import KINDS
from tangente.web.outbox import LABELS, OutboxEntry
from tangente.web.people.models import Workspace

SURE_AFTER_S = 5  # before that, nobody can say how long the rest will take

MARKS = {State.RUNNING: "run", State.DONE: "done", State.FAILED: "block", State.PARKED: "late"}


@dataclass(frozen=True)
class ShownJob:
    """A job in words; `remaining_s` is None where it cannot be told."""

    job: Job
    label: str
    mark: str
    step: str
    percent: int
    remaining_s: float | None
    reason: str
    kept: str
    facts: list[tuple[str, object]]
    leads_to: str

    @property
    def can_be_retried(self) -> bool:
        return self.job.state in UNFINISHED


def shown(job: Job, at: datetime) -> ShownJob:
    """The job as it is told at a time."""
    kind = KINDS.get(job.name)
    label = str(kind.label) if kind else job.name
    facts = kind.facts if kind else {}
    is_done = job.state == State.DONE
    leads_to = kind.leads_to if kind and is_done and job.workspace else ""
    return ShownJob(
        job=job,
        label=f"{label}: {job.about}" if job.about else label,
        mark=MARKS.get(State(job.state), "plan"),
        step=str(kind.steps.get(job.step, "")) if kind else "",
        percent=100 if is_done else min(99, 100 * job.done // job.total) if job.total else 0,
        remaining_s=_remaining_s(job, at),
        reason=_reason(job),
        kept=str(kind.kept) if kind else "",
        facts=[(str(label), job.result[name]) for name, label in facts.items() if name in job.result],
        leads_to=reverse(leads_to, args=[job.workspace.slug]) if leads_to and job.workspace else "",
    )


def _remaining_s(job: Job, at: datetime) -> float | None:
    if job.state != State.RUNNING or not job.done or not job.started_at:
        return None
    past = (at - job.started_at).total_seconds()
    return past * max(0, job.total - job.done) / job.done if past >= SURE_AFTER_S else None


def _reason(job: Job) -> str:
    """Why it ended, or is not done yet."""
    said = {"n": job.attempts, "type": job.reason}
    if job.state == State.PARKED and job.reason == KILLED:
        return _("%(n)s attempts ended in the middle of the work, as if the power had gone.") % said
    if job.state == State.PARKED:
        return _("%(n)s attempts ended with a fault of the program (%(type)s); its log says where.") % said
    if job.state == State.WAITING and job.reason:
        said["most"] = MOST_ATTEMPTS
        return _("Attempt %(n)s of %(most)s ended with a fault of the program (%(type)s); the next one follows.") % said
    return job.reason


def undelivered(workspace: Workspace) -> list[tuple[str, OutboxEntry]]:
    """What is to leave the workspace and could not yet, each with its name."""
    entries = OutboxEntry.objects.filter(workspace=workspace, delivered_at=None, attempts__gt=0).order_by("id")
    return [(str(LABELS.get(entry.kind, entry.kind)), entry) for entry in entries]
