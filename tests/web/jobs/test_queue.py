"""Jobs are started with what they belong to, once, and begun anew by those who may."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import translation

from tangente.web.errors import RuleError
from tangente.web.jobs.models import Job, State
from tangente.web.jobs.queue import retry, start
from tangente.web.people.models import AuditEntry
from tangente.web.people.roles import Role
from tests.web.factories import AT, make_job, make_member, make_person, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_start_writes_the_job_down():
    member = make_member(make_workspace())
    with translation.override("de"):
        job = start("test.step", workspace=member.workspace, person=member.person, arguments={"n": 3}, at=AT)
    assert (job.state, job.arguments, job.language, job.attempts) == (State.WAITING, {"n": 3}, "de", 0)


def test_start_is_undone_with_the_transaction_around_it():
    with transaction.atomic():
        start("test.step", workspace=None, person=None, arguments={}, at=AT)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


@pytest.mark.parametrize("of_workspace", [True, False])
def test_start_gives_the_open_job_of_the_same_key(of_workspace: bool):
    workspace = make_workspace() if of_workspace else None
    first = start("test.step", workspace=workspace, person=None, arguments={}, key="nightly", at=AT)
    assert start("test.step", workspace=workspace, person=None, arguments={}, key="nightly", at=AT) == first
    Job.objects.update(state=State.DONE)
    assert start("test.step", workspace=workspace, person=None, arguments={}, key="nightly", at=AT) != first


def test_start_keeps_workspaces_apart():
    one, other = (
        start("test.step", workspace=make_workspace(), person=None, arguments={}, key="same", at=AT) for _ in range(2)
    )
    assert one != other


@pytest.mark.parametrize("state", [State.FAILED, State.PARKED])
def test_retry_begins_anew(state: str):
    member = make_member(make_workspace(), Role.MANAGER)
    job = make_job(member.workspace, state=state, attempts=5, fence=7, reason="killed", finished_at=AT)
    retry(job=job, by=member.person, at=AT)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.fence, job.reason, job.finished_at) == (State.WAITING, 0, 7, "", None)
    assert AuditEntry.objects.get().action == "job.retry"


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.DONE])
def test_retry_is_refused_where_nothing_stopped(state: str):
    member = make_member(make_workspace(), Role.MANAGER)
    with pytest.raises(RuleError, match="begun anew"):
        retry(job=make_job(member.workspace, state=state), by=member.person, at=AT)


def test_retry_is_refused_while_the_same_is_open():
    member = make_member(make_workspace(), Role.MANAGER)
    stopped = make_job(member.workspace, state=State.PARKED, key="nightly")
    make_job(member.workspace, key="nightly")
    with pytest.raises(RuleError, match="being done already"):
        retry(job=stopped, by=member.person, at=AT)


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.OWNER, True), (Role.MANAGER, True), (Role.CONTRIBUTOR, False), (Role.VIEWER, False)]
)
def test_jobs_are_seen_by_those_who_look_after_data(role: str, sees: bool):
    member = make_member(make_workspace(), role)
    make_job(member.workspace, started_by=make_person())
    make_job(make_workspace())
    assert Job.objects.visible_to(member.person).count() == Job.objects.editable_by(member.person).count() == sees


def test_jobs_are_seen_by_whoever_started_them_as_long_as_they_belong():
    member = make_member(make_workspace(), Role.VIEWER)
    job = make_job(member.workspace, started_by=member.person)
    assert Job.objects.visible_to(member.person).get() == job
    member.left_at = AT
    member.save()
    assert not Job.objects.visible_to(member.person).exists()


def test_jobs_are_seen_by_nobody_who_has_not_signed_in():
    make_job(make_workspace())
    assert not Job.objects.visible_to(AnonymousUser()).exists()
