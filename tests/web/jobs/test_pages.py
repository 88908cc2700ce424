"""What a person sees of jobs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tangente.web.jobs.models import KILLED, Job, State
from tangente.web.outbox import OutboxEntry
from tangente.web.people.models import Membership
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
from tests.web.factories import AT, make_job, make_member, make_workspace
from tests.web.jobs import kinds

pytestmark = pytest.mark.django_db
KINDS = kinds.__name__
HTMX = {"HX-Request": "true"}


@pytest.fixture
def member() -> Membership:
    return make_member(make_workspace(), Role.MANAGER)


@pytest.fixture
def client(signed_in: SignedIn, member: Membership) -> Client:
    return signed_in(member.person)


def url_of(job: Job, view: str = "job_show") -> str:
    return reverse(view, args=[job.workspace.slug, job.pk])


def test_running_job_shows_how_far_it_is_and_asks_again(client: Client, member: Membership):
    begun = timezone.now() - timedelta(seconds=60)
    job = make_job(member.workspace, state=State.RUNNING, step="add", done=1500, total=2000, started_at=begun)
    page = client.get(url_of(job)).text
    assert 'hx-trigger="every 2s"' in page
    assert "<b>adding</b>" in page
    assert "1,500 of 2,000, about 20\xa0s left" in page
    assert 'aria-valuenow="75"' in page


def test_job_that_is_put_off_says_why(client: Client, member: Membership):
    job = make_job(member.workspace, attempts=2, reason="OSError")
    said = "Attempt 2 of 5 ended with a fault of the program (OSError); the next one follows."
    assert said in client.get(url_of(job)).text


@pytest.mark.parametrize("view", ["job_list", "job_show"])
def test_partial_is_a_piece_of_the_page(client: Client, member: Membership, view: str):
    job = make_job(member.workspace)
    url = url_of(job) if view == "job_show" else reverse(view, args=[member.workspace.slug])
    partial = client.get(url, headers=HTMX).text.strip()
    assert partial.startswith(("<section", "<div"))
    assert partial in client.get(url).text


def test_job_that_ended_is_asked_for_no_more_and_leads_on(client: Client, member: Membership):
    job = make_job(member.workspace, state=State.DONE, result={"n": 7}, finished_at=AT)
    page = client.get(url_of(job), headers=HTMX).text
    assert "hx-trigger" not in page
    assert "<dt>Steps</dt><dd>7</dd>" in page
    assert f'href="{reverse("overview", args=[member.workspace.slug])}"' in page


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        (State.FAILED, "Line 3 is too long.", "Line 3 is too long."),
        (State.PARKED, KILLED, "5 attempts ended in the middle of the work, as if the power had gone."),
        (State.PARKED, "OSError", "5 attempts ended with a fault of the program (OSError); its log says where."),
    ],
)
def test_job_that_stopped_says_why_what_was_kept_and_what_to_do(
    client: Client, member: Membership, state: str, reason: str, said: str
):
    job = make_job(member.workspace, state=state, reason=reason, attempts=5, finished_at=AT)
    page = client.get(url_of(job)).text
    assert [text in page for text in (said, kinds.KEPT, "Try again</button>")] == [True] * 3


def test_retry_leads_back_to_the_job_that_waits_again(client: Client, member: Membership):
    job = make_job(member.workspace, state=State.PARKED, attempts=5, finished_at=AT)
    assert client.post(url_of(job, "job_retry"))["Location"] == url_of(job)
    job.refresh_from_db()
    assert job.state == State.WAITING


def test_retry_of_what_runs_again_already_says_so(client: Client, member: Membership):
    job = make_job(member.workspace)
    page = client.post(url_of(job, "job_retry"), follow=True).text
    assert "This has begun anew already." in page


@pytest.mark.parametrize(("view", "method"), [("job_show", "get"), ("job_retry", "post")])
def test_job_of_others_is_no_page(signed_in: SignedIn, member: Membership, view: str, method: str):
    job = make_job(member.workspace, state=State.PARKED)
    viewer = make_member(member.workspace)
    stranger = make_member(make_workspace(), Role.OWNER)
    answers = [getattr(signed_in(who.person), method)(url_of(job, view)) for who in (viewer, stranger)]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_job_of_another_workspace_of_the_same_person_is_no_page(client: Client, member: Membership):
    job = make_job(make_member(make_workspace(), Role.OWNER, person=member.person).workspace)
    assert client.get(reverse("job_show", args=[member.workspace.slug, job.pk])).status_code == 404


@pytest.mark.parametrize("jobs", [1, 3])
def test_list_asks_the_database_as_often_for_one_as_for_many(
    client: Client, member: Membership, jobs: int, django_assert_num_queries: DjangoAssertNumQueries
):
    for state in (State.RUNNING, State.DONE) * jobs:
        make_job(member.workspace, state=state, started_by=member.person, finished_at=AT)
    with django_assert_num_queries(8):
        client.get(reverse("job_list", args=[member.workspace.slug]), headers=HTMX)


def test_list_shows_what_could_not_be_delivered_to_those_who_look_after_data(signed_in: SignedIn, member: Membership):
    OutboxEntry.objects.create(
        workspace=member.workspace, kind="invitation.mail", key="1", attempts=2, error_code="SMTPSenderRefused 451"
    )
    url = reverse("job_list", args=[member.workspace.slug])
    seen = [
        "SMTPSenderRefused 451" in signed_in(who.person).get(url).text
        for who in (member, make_member(member.workspace))
    ]
    assert seen == [True, False]
