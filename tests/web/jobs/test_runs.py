"""Only one worker writes: claims, leases, fences, attempts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

import pytest

from tangente.web.jobs.models import KILLED, MOST_ATTEMPTS, Job, State
from tangente.web.jobs.runs import LEASE_S, WAITS, Claims, Fenced, GivenBack, Run
from tangente.web.people.models import Department
from tests.web.factories import AT, make_department, make_job, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(claims: Claims | None = None) -> Job:
    job = (claims or Claims()).take(AT)
    assert job is not None
    return job


def stale_run() -> Run:
    """Of a worker that others gave up: its job runs under another fence."""
    make_job()
    run = Run(taken())
    Job.objects.update(fence=run.job.fence + 1)
    return run


def test_take_counts_the_attempt_before_the_work():
    make_job()
    job = taken()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.fence, job.started_at) == (State.RUNNING, 1, 1, AT)


def test_take_gives_a_job_to_one_worker():
    make_job()
    assert [Claims().take(AT) is not None for _ in range(2)] == [True, False]


def test_take_begins_with_the_oldest_that_is_due():
    make_job(due_at=AT + timedelta(seconds=1))
    due = [make_job(), make_job()]
    assert [taken(), taken()] == due


def test_take_leaves_a_job_whose_worker_lives():
    make_job()
    run, clock = Run(taken()), Clock()
    other = Claims(clock=clock)
    for _ in range(10):
        assert other.take(AT) is None
        clock.now += LEASE_S - 1
        run.beat()


def test_take_takes_a_job_whose_worker_is_gone_for_a_lease():
    """The twin of the test above: without heartbeats the same worker takes it."""
    make_job()
    first, clock = taken(), Clock()
    other = Claims(clock=clock)
    assert other.take(AT) is None
    clock.now += LEASE_S
    again = taken(other)
    assert (again.pk, again.fence, again.attempts) == (first.pk, 2, 2)


@pytest.mark.parametrize("jump", [timedelta(hours=2), timedelta(hours=-2), timedelta(days=-1), timedelta(days=400)])
def test_take_is_not_misled_by_a_clock_that_jumps(jump: timedelta):
    make_job()
    taken()
    other = Claims(clock=Clock())
    assert [other.take(AT), other.take(AT + jump)] == [None, None]


@pytest.mark.parametrize(
    "write",
    [
        lambda run: run.progress(1, 2),
        lambda run: run.beat(),
        lambda run: run.finish({}),
        lambda run: run.fail("no"),
        lambda run: run.try_again("OSError"),
        lambda run: run.give_back(),
    ],
    ids=["progress", "beat", "finish", "fail", "try again", "give back"],
)
def test_run_that_lost_its_job_writes_nothing(write: Callable[[Run], None]):
    run = stale_run()
    before = Job.objects.values().get()
    with pytest.raises(Fenced):
        write(run)
    assert Job.objects.values().get() == before


def test_run_that_lost_its_job_stores_no_effect():
    run, workspace = stale_run(), make_workspace()
    with pytest.raises(Fenced), run.writing():
        make_department(workspace)
    assert not Department.objects.exists()


def test_run_without_its_fence_would_overwrite_another_worker():
    """The guard matters: told the newer number, the stale run writes what the tests above forbid."""
    run = stale_run()
    run._fence = Job.objects.get().fence
    run.finish({"n": 1})
    assert Job.objects.get().state == State.DONE


def test_run_writes_nothing_once_the_job_has_ended():
    make_job()
    run = Run(taken())
    run.finish({})
    with pytest.raises(Fenced):
        run.progress(1, 2)


def test_job_that_ends_its_worker_is_parked_after_the_fifth_attempt():
    make_job()
    clock = Clock()
    claims = Claims(clock=clock)
    for _ in range(MOST_ATTEMPTS):
        taken(claims)
        claims.take(AT)
        clock.now += LEASE_S
    assert claims.take(AT) is None
    assert Job.objects.values_list("state", "attempts", "reason").get() == (State.PARKED, MOST_ATTEMPTS, KILLED)


def test_job_that_ends_its_worker_would_return_for_ever_if_attempts_were_counted_after_the_work():
    """The guard matters: nothing is counted of an attempt whose end nobody writes down."""
    make_job()
    clock = Clock()
    claims = Claims(clock=clock)
    for _ in range(3 * MOST_ATTEMPTS):
        taken(claims)
        Job.objects.update(attempts=0)
        claims.take(AT)
        clock.now += LEASE_S
    assert Job.objects.get().state == State.RUNNING


def test_try_again_waits_longer_each_time_and_then_parks():
    make_job()
    waited = []
    for _ in range(MOST_ATTEMPTS):
        Job.objects.update(due_at=AT)
        job = taken()
        Run(job).try_again("OSError")
        job.refresh_from_db()
        waited.append(job.due_at > AT)
    assert (job.state, job.reason, waited) == (State.PARKED, "OSError", [True] * len(WAITS) + [False])


def test_give_back_does_not_count_the_attempt():
    make_job()
    job = taken()
    Run(job).give_back()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.fence) == (State.WAITING, 0, 1)


def test_progress_is_written_at_once_for_a_new_step_and_seldom_within_one():
    make_job()
    clock = Clock()
    run = Run(taken(), clock=clock)
    told = []
    for done, step, wait in ((1, "read", 0.1), (2, "read", 0.1), (3, "sort", 0.6), (4, "sort", 0.0)):
        run.progress(done, 10, step)
        told.append(Job.objects.get().done)
        clock.now += wait
    assert told == [1, 1, 3, 4]


def test_progress_ends_the_attempt_when_the_worker_is_to_stop():
    make_job()
    stopping = Event()
    stopping.set()
    with pytest.raises(GivenBack):
        Run(taken(), stopping).progress(1, 2)
