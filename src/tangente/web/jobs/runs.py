"""One attempt at a job, and how workers take jobs: only ever one of them writes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from tangente.web.jobs.models import KILLED, MOST_ATTEMPTS, Job, State

LEASE_S = 60.0
"""How long a job is left to a worker that gives no sign of life."""

WAITS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""After the first, second, third, fourth attempt that ended unexpectedly."""

TOLD_S = 0.5  # progress is written no more often within a step

Clock = Callable[[], float]


class Fenced(Exception):
    """The job is another worker's by now, or nobody's: nothing of this attempt may be written."""


class GivenBack(Exception):
    """The worker is asked to stop: another one goes on with the job."""


class Run:
    """One attempt at a job, for the function that does it."""

    def __init__(self, job: Job, stopping: Event | None = None, clock: Clock = time.monotonic) -> None:
        self.job = job
        self._fence = job.fence
        self._stopping = stopping or Event()
        self._clock = clock
        self._told: tuple[str, float] | None = None

    def progress(self, done: int, total: int, step: str = "") -> None:
        """Say how far it is, at least every 30 seconds; ends the attempt if the job is lost or the worker stops."""
        if self._stopping.is_set():
            raise GivenBack
        if self._told and self._told[0] == step and self._clock() - self._told[1] < TOLD_S:
            return
        try:
            self._write(done=done, total=total, step=step)
        except OperationalError:  # held for long: what is done goes on, the next one may be told
            if connection.in_atomic_block:
                raise
            connection.close()
        self._told = (step, self._clock())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction of the job's effects: it is not committed if another worker has the job."""
        with transaction.atomic():
            self.beat()  # holds the row until the end, so that nobody takes the job in between
            yield

    def beat(self) -> None:
        """A sign of life."""
        self._write(heartbeats=F("heartbeats") + 1)

    def finish(self, result: dict[str, Any]) -> None:
        self._write(state=State.DONE, result=result, reason="", finished_at=timezone.now())

    def fail(self, sentence: str) -> None:
        """End it: trying again without a person's doing would change nothing."""
        self._write(state=State.FAILED, reason=sentence, finished_at=timezone.now())

    def try_again(self, reason: str) -> None:
        """Leave it for a later attempt; after the last one, park it."""
        if self.job.attempts >= MOST_ATTEMPTS:
            self._write(state=State.PARKED, reason=reason, finished_at=timezone.now())
        else:
            due_at = timezone.now() + WAITS[self.job.attempts - 1]
            self._write(state=State.WAITING, reason=reason, due_at=due_at)

    def give_back(self) -> None:
        """Leave it to another worker at once; this attempt does not count."""
        self._write(state=State.WAITING, attempts=F("attempts") - 1)

    def _write(self, **values: Any) -> None:
        mine = Job.objects.filter(pk=self.job.pk, fence=self._fence, state=State.RUNNING)
        if not mine.update(**values):
            raise Fenced


class Claims:
    """Takes jobs for one worker, one at a time.

    Whether another worker still lives is seen by its heartbeats, over this process's own monotonic time: no clock is
    compared with another one, so none that jumps lets a lease expire early.
    """

    def __init__(self, lease_s: float = LEASE_S, clock: Clock = time.monotonic) -> None:
        self._lease_s = lease_s
        self._clock = clock
        self._seen: dict[int, tuple[tuple[int, int], float]] = {}

    def take(self, at: datetime) -> Job | None:
        """A job whose worker is gone, else the next that waits; None if there is nothing to do."""
        for job in self._abandoned():
            if job.attempts >= MOST_ATTEMPTS:
                _as_seen(job).update(state=State.PARKED, reason=KILLED, finished_at=at)
            elif claimed := _claim(job, at):
                return claimed
        for job in Job.objects.filter(state=State.WAITING, due_at__lte=at).order_by("id")[:20]:
            if claimed := _claim(job, at):
                return claimed
        return None

    def _abandoned(self) -> list[Job]:
        """Running jobs that have shown no sign of life for a whole lease while this worker looked."""
        now = self._clock()
        running = list(Job.objects.filter(state=State.RUNNING).order_by("id"))
        seen = {}
        for job in running:
            sign = (job.fence, job.heartbeats)
            before = self._seen.get(job.pk)
            seen[job.pk] = before if before and before[0] == sign else (sign, now)
        self._seen = seen
        return [job for job in running if now - seen[job.pk][1] >= self._lease_s]


def _claim(job: Job, at: datetime) -> Job | None:
    """The job with its attempt counted before the work, unless another worker was faster."""
    taken = {"state": State.RUNNING, "fence": job.fence + 1, "attempts": job.attempts + 1, "started_at": at}
    if not _as_seen(job).update(**taken):
        return None
    for name, value in taken.items():
        setattr(job, name, value)
    return job


def _as_seen(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=job.state, fence=job.fence, heartbeats=job.heartbeats)
