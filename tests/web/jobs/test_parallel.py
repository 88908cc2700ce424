"""Several workers and several people at once, on a real database."""

import pytest

from tangente.web.jobs.models import Job
from tangente.web.jobs.queue import start
from tangente.web.jobs.runs import Claims
from tangente.web.people.models import Workspace
from tests.web.at_once import at_once
from tests.web.factories import AT, make_job, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def started(workspace: Workspace, key: str) -> int:
    return start("test.step", workspace=workspace, person=None, arguments={}, key=key, at=AT).pk


@pytest.mark.parametrize(("key", "jobs"), [("import", 1), ("", 10)])
def test_start_at_once_leaves_one_open_job_of_a_key(key: str, jobs: int):
    """The guard matters: without a key each of them is another job."""
    workspace = make_workspace()
    assert len(set(at_once(10, lambda: started(workspace, key)))) == Job.objects.count() == jobs


def test_take_at_once_gives_each_job_to_one_worker():
    jobs = [make_job().pk for _ in range(20)]
    taken = at_once(4, lambda: [job.pk for job in iter(lambda: Claims().take(AT), None)])
    assert sorted(pk for some in taken for pk in some) == jobs
