"""Workers as real processes that are killed, stopped and asked to end, on a real database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tangente.web.jobs.models import KILLED, MOST_ATTEMPTS, Job, State
from tangente.web.jobs.runs import Claims, Run
from tangente.web.jobs.worker import attempt
from tangente.web.people.models import Department
from tests.conftest import ROOT
from tests.web.factories import AT, make_job, make_workspace
from tests.web.jobs import kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.slow]

KINDS = kinds.__name__
Start = Callable[..., "subprocess.Popen[bytes]"]


def database_url() -> str:
    """Where the tests' own database is, for other processes."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Start]:
    """Starts worker processes; none outlives the test."""
    started: list[subprocess.Popen[bytes]] = []
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tangente.web.settings",
        "TANGENTE_DATA": str(tmp_path),
        "DATABASE_URL": database_url(),
    }

    def start(lease_s: float = 60) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.web.jobs.dying_worker", str(lease_s)]
        started.append(subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(is_so: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, list(Job.objects.values())
        time.sleep(0.05)


def is_running_step() -> bool:
    return Job.objects.filter(state=State.RUNNING, done__gt=0).exists()


def take_over() -> Job:
    """The job, by a worker of this process that has seen no sign of life for a moment."""
    claims = Claims(lease_s=0.3)
    assert claims.take(AT) is None
    time.sleep(0.35)
    job = claims.take(AT)
    assert job is not None
    return job


@pytest.mark.parametrize("place", ["claimed", "effect done", "before finish"])
def test_job_whose_worker_is_killed_is_done_by_the_next(worker: Start, place: str):
    job = make_job(name="test.die", arguments={"place": place, "workspace": make_workspace().pk})
    assert worker().wait(20) == -signal.SIGKILL
    assert Department.objects.count() == (place == "before finish")
    attempt(Run(take_over()))
    job.refresh_from_db()
    assert (job.state, job.attempts, Department.objects.count()) == (State.DONE, 2, 1)


def test_job_that_kills_every_worker_is_parked(worker: Start):
    arguments = {"place": "claimed", "workspace": make_workspace().pk, "attempts": 99}
    job = make_job(name="test.die", arguments=arguments, attempts=MOST_ATTEMPTS - 2)
    codes = [worker(lease_s=0.3).wait(20) for _ in range(2)]
    last = worker(lease_s=0.3)
    wait_for(lambda: Job.objects.get().state == State.PARKED)
    job.refresh_from_db()
    assert (job.attempts, job.reason, codes) == (MOST_ATTEMPTS, KILLED, [-signal.SIGKILL] * 2)
    assert last.poll() is None


@pytest.mark.parametrize("is_taken_over", [True, False])
def test_worker_that_was_stopped_past_its_lease_writes_nothing_more(worker: Start, tmp_path: Path, is_taken_over: bool):
    """The guard matters: where nobody took the job meanwhile, its number still holds and the effect is stored."""
    gate = tmp_path / "gate"
    make_job(name="test.wait", arguments={"workspace": make_workspace().pk, "gate": str(gate)})
    first = worker()
    wait_for(is_running_step)
    time.sleep(0.2)  # until it waits: a process that is stopped within a transaction keeps everybody out
    first.send_signal(signal.SIGSTOP)
    if is_taken_over:
        take_over()
    after = make_job(arguments={"n": 0})
    gate.touch()
    first.send_signal(signal.SIGCONT)
    wait_for(lambda: Job.objects.filter(pk=after.pk, state=State.DONE).exists())  # it has gone on to the next
    assert Department.objects.exists() == (not is_taken_over)


@pytest.mark.parametrize("name", ["test.step", "test.stall"])
def test_worker_gives_its_job_back_and_ends_when_asked_to(worker: Start, name: str):
    job = make_job(name=name, arguments={"n": 1000} if name == "test.step" else {})
    process = worker()
    wait_for(lambda: Job.objects.get().state == State.RUNNING)
    process.terminate()
    assert process.wait(3.4) == 0  # the supervisor kills after 3.5 s
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.WAITING, 0)
