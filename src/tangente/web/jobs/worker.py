"""The worker process: does jobs one after the other, delivers the outbox beside them, removes what is old."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tangente.errors import TangenteError
from tangente.translation import speak
from tangente.web import once, outbox
from tangente.web.errors import RuleError, told
from tangente.web.heartbeat import beat
from tangente.web.jobs.memory import held_mib
from tangente.web.jobs.models import Job
from tangente.web.jobs.queue import KINDS, SWEEPS, Kind
from tangente.web.jobs.runs import LEASE_S, Claims, Fenced, GivenBack, Run

POLL_S = 1.0
GRACE_S = 2.0  # after SIGTERM, for the current step; the supervisor ends what still runs after 3.5 s
SWEEP_S = 600.0  # what was erased by another way is gone from everywhere within a quarter of an hour

logger = structlog.get_logger(__name__)


class Worker:
    """Takes and does jobs until it is asked to stop."""

    def __init__(self, lease_s: float = LEASE_S) -> None:
        self._claims = Claims(lease_s)
        self._beat_s = lease_s / 4
        self._stopping = threading.Event()
        self._delivering = threading.Lock()
        self._run: Run | None = None

    def run(self) -> bool:
        """Work; look every second, and at once after a job.

        Returns: whether another process is to take over, since this one holds much memory and has nothing to do.
        """
        has_worked = is_replaced = False
        beside = threading.Thread(target=self._deliver, name="outbox", daemon=True)
        beside.start()
        while not self._stopping.is_set():
            beat(settings.CACHE)
            if self._one():
                has_worked = True
            elif has_worked and self._can_be_replaced():
                is_replaced = True
            else:
                self._stopping.wait(POLL_S)
        beside.join(GRACE_S)
        return is_replaced

    def _can_be_replaced(self) -> bool:
        """Whether it holds too much; if so it stops, but never while something leaves the outbox."""
        held = held_mib()
        if held <= settings.WORKER_MIB or not self._delivering.acquire(blocking=False):
            return False
        self._stopping.set()
        self._delivering.release()
        logger.info("ends to give memory back", mib=held)
        return True

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """End at the next step; a step that takes longer is given back, and the process ends in the middle of it."""
        self._stopping.set()
        for wait_s, act in ((GRACE_S, self._leave), (GRACE_S + 1, lambda: os._exit(0))):
            timer = threading.Timer(wait_s, act)
            timer.daemon = True
            timer.start()

    def _leave(self) -> None:
        try:
            if self._run:
                self._run.give_back()
        except (Fenced, DatabaseError):
            pass  # the job is another's, or will be when its lease has run out
        finally:
            os._exit(0)

    def _one(self) -> bool:
        """Whether there was something to do."""
        try:
            job = self._claims.take(timezone.now())
            if job:
                self._do(job)
        except DatabaseError as error:  # locked or away; what was being done comes back when its lease has run out
            _reconnect_after(error)
            return False
        return job is not None

    def _do(self, job: Job) -> None:
        self._run = Run(job, self._stopping)
        try:
            with _alive(self._run, self._beat_s):
                attempt(self._run)
        except Fenced:
            logger.warning("job lost to another worker", job=job.pk)
        finally:
            self._run = None

    def _deliver(self) -> None:
        swept = -SWEEP_S
        while not self._stopping.is_set():
            try:
                with self._delivering:
                    if self._stopping.is_set():
                        break
                    outbox.deliver(timezone.now())
                    if time.monotonic() - swept >= SWEEP_S:
                        sweep()
                        swept = time.monotonic()
            except DatabaseError as error:
                _reconnect_after(error)
            self._stopping.wait(POLL_S)
        connection.close()


def _reconnect_after(error: DatabaseError) -> None:
    logger.warning("database does not answer", error=type(error).__name__)
    connection.close()


def attempt(run: Run) -> None:
    """Do a job as far as it goes, and write down how that ended.

    Raises: Fenced if the job is another worker's by now.
    """
    job = run.job
    log = logger.bind(job=job.pk, name=job.name, attempt=job.attempts)
    with translation.override(job.language):
        speak(job.language)
        try:
            result = _kind(job.name).work(run, **job.arguments)
            run.finish(result or {})
            log.info("job done")
        except Fenced:
            raise
        except GivenBack:
            run.give_back()
            log.info("job given back")
        except TangenteError as error:
            run.fail(f"{told(error)} [{error.code}]" if error.code else told(error))
            log.info("job refused", code=error.code)
        except Exception as error:  # noqa: BLE001 - the one place that must outlive whatever a job does
            _end_unexpectedly(run, error, log)


def _end_unexpectedly(run: Run, error: Exception, log: Any) -> None:
    """Only type and place are logged: a message may hold what customers said."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    log.error("job ended unexpectedly", error=type(error).__name__, place=place)
    run.try_again(type(error).__name__)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise RuleError(_("This version of Tangente does not know this kind of job."))
    return KINDS[name]


@contextmanager
def _alive(run: Run, every_s: float) -> Iterator[None]:
    """Signs of life meanwhile, from a thread of their own."""
    over = threading.Event()

    def beats() -> None:
        while not over.wait(every_s):
            beat(settings.CACHE)
            try:
                run.beat()
            except Fenced:
                break  # the run itself will see it with its next write
            except DatabaseError:
                continue  # locked for long: the next beat may come through
        connection.close()

    thread = threading.Thread(target=beats, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(every_s)


def sweep() -> None:
    """Remove what nobody needs any more."""
    at = timezone.now()
    once.forget(at)
    outbox.forget(at)
    SessionStore.clear_expired()
    for remove in SWEEPS:
        try:
            remove(at)
        except OSError as error:
            logger.warning("not swept", what=remove.__module__, error=type(error).__name__)


def main() -> bool:
    """Work until SIGTERM or SIGINT, or until another process is to take over; returns whether that is so."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    return worker.run()
