"""The worker's loop, within the process of the test."""

from collections.abc import Callable
from contextlib import nullcontext
from threading import Thread, Timer
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from tangente.web.jobs.models import Job, State
from tangente.web.jobs.runs import Claims, Run
from tangente.web.jobs.worker import Worker
from tangente.web.outbox import OutboxEntry, announce
from tests.web.factories import AT, make_job, make_workspace
from tests.web.jobs import kinds
from tests.web.jobs.test_faults import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
KINDS = kinds.__name__


def does_not_answer(_execute: Callable[..., object], *_arguments: object) -> object:
    raise OperationalError("locked")


def run_in_thread(worker: Worker) -> None:
    """As its process does, whose connection ends with it."""
    worker.run()
    connections.close_all()


def test_worker_does_jobs_delivers_and_ends_when_asked_to():
    make_job(arguments={"n": 1})
    with transaction.atomic():
        announce("of_another_version", key="one", arguments={}, workspace=None, at=AT)
    worker = Worker()
    loop = Thread(target=run_in_thread, args=(worker,))
    loop.start()
    wait_for(lambda: Job.objects.get().state == State.DONE and OutboxEntry.objects.get().error_code == "KeyError")
    worker._stopping.set()
    loop.join(5)
    assert not loop.is_alive()


def test_worker_that_holds_much_memory_ends_once_it_has_nothing_to_do(settings: Any):
    settings.WORKER_MIB = 1
    for _ in range(2):
        make_job(arguments={"n": 1})
    assert Worker().run()
    assert set(Job.objects.values_list("state", "attempts")) == {(State.DONE, 1)}


@pytest.mark.parametrize(("worked", "mib", "delivers"), [(False, 1, False), (True, 1 << 20, False), (True, 1, True)])
def test_worker_goes_on(settings: Any, worked: bool, mib: int, delivers: bool):
    """Before its first job, with little memory, and while something leaves the outbox."""
    settings.WORKER_MIB = mib
    worker = Worker()
    if worked:
        make_job(arguments={"n": 1})
    Timer(0.7, worker._stopping.set).start()
    with worker._delivering if delivers else nullcontext():
        assert not worker.run()


def test_worker_gives_signs_of_life_while_it_works():
    make_job(arguments={"n": 1})
    assert Worker(lease_s=0.08)._one()
    assert Job.objects.get().heartbeats > 1  # one is of the job's own writing


def test_worker_outlives_a_database_that_does_not_answer(caplog: pytest.LogCaptureFixture):
    make_job(arguments={"n": 1})
    worker = Worker()
    with caplog.at_level("WARNING"), connection.execute_wrapper(does_not_answer):
        assert not worker._one()
    assert [record.msg["event"] for record in caplog.records] == ["database does not answer"]  # type: ignore[index]
    assert worker._one()


def test_progress_that_cannot_be_told_does_not_end_the_work():
    make_job(arguments={"n": 1})
    job = Claims().take(AT)
    assert job is not None
    run = Run(job)
    with connection.execute_wrapper(does_not_answer):
        run.progress(1, 3, "read")
    run.progress(2, 3, "add")
    assert Job.objects.get().done == 2


def test_worker_outlives_the_loss_of_its_job(caplog: pytest.LogCaptureFixture):
    make_job(name="test.lose", arguments={"workspace": make_workspace().pk})
    with caplog.at_level("WARNING"):
        assert Worker()._one()
    assert [record.msg["event"] for record in caplog.records] == ["job lost to another worker"]  # type: ignore[index]
