"""What leaves the database does so after its transaction, at least once, and never silently twice."""

from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPSenderRefused

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import translation

from tangente.web import outbox
from tangente.web.outbox import HANDLERS, KEPT, UNSURE, WAITS, OutboxEntry, announce, deliver
from tangente.web.people.actions import invite, withdraw_invitation
from tangente.web.people.models import Invitation
from tangente.web.people.roles import Role
from tests.web.factories import AT, make_member, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def arrived() -> Iterator[list[int]]:
    """Where deliveries arrive; an `error` put there ends the next one after it has arrived."""
    found: list[object] = []

    def handler(*, error_or_number: int) -> None:
        if found and isinstance(found[-1], BaseException):
            raise found.pop()
        found.append(error_or_number)

    outbox.handles("test", "Test")(handler)
    yield found
    del HANDLERS["test"], outbox.LABELS["test"]


def put(key: str = "one", number: int = 1) -> None:
    announce("test", key=key, arguments={"error_or_number": number}, workspace=None, at=AT)


def test_entry_is_undone_with_what_it_tells(arrived: list[int]):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert (deliver(AT), arrived) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_entry_without_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        put()


def test_entry_of_a_known_key_changes_nothing(arrived: list[int]):
    put(number=1)
    put(number=2)
    assert (deliver(AT), arrived) == (1, [1])


def test_entry_is_delivered_once(arrived: list[int]):
    put()
    assert [deliver(AT + timedelta(days=day)) for day in range(3)] == [1, 0, 0]
    assert arrived == [1]


def test_entry_that_fails_keeps_why_and_waits_longer_each_time(arrived: list[int]):
    put()
    at, waited = AT, []
    for _ in WAITS:
        arrived.append(SMTPSenderRefused(451, b"of Mrs Canary", "a@example.org"))  # type: ignore[arg-type]
        deliver(at)
        entry = OutboxEntry.objects.get()
        waited.append(entry.due_at - at)
        at = entry.due_at
    assert (entry.error_code, waited) == ("SMTPSenderRefused 451", list(WAITS))


def test_entry_is_given_up_visibly_after_four_days(arrived: list[int]):
    put()
    OutboxEntry.objects.update(attempts=len(WAITS), error_code="OSError")
    assert (deliver(AT), deliver(AT)) == (0, 0)
    assert OutboxEntry.objects.values_list("given_up_at", "error_code").get() == (AT, "OSError")
    assert arrived == []


def test_entry_whose_worker_is_killed_counts_as_unsure_and_says_so_when_it_is_sent_again(
    arrived: list[int], caplog: pytest.LogCaptureFixture
):
    put()
    arrived.append(SystemExit())  # type: ignore[arg-type]  # ends the worker as a kill would
    with pytest.raises(SystemExit):
        deliver(AT)
    assert OutboxEntry.objects.values_list("attempts", "error_code").get() == (1, UNSURE)
    with caplog.at_level("WARNING"):
        assert (deliver(AT), deliver(AT + WAITS[0])) == (0, 1)
    assert [record.msg["event"].split(":")[0] for record in caplog.records] == ["delivered again"]  # type: ignore[index]


def test_entry_is_delivered_by_one_of_two_workers(arrived: list[int]):
    put()
    seen_by_both = OutboxEntry.objects.get()
    assert [outbox._try(seen_by_both, AT) for _ in range(2)] == [True, False]
    assert arrived == [1]


def test_entries_delivered_long_ago_are_forgotten(arrived: list[int]):
    put("one")
    put("two")
    OutboxEntry.objects.filter(key="one").update(delivered_at=AT - KEPT - timedelta(days=1))
    outbox.forget(AT)
    assert OutboxEntry.objects.get().key == "two"


def invited(site: str = "https://tangente.example.org/") -> Invitation:
    owner = make_member(make_workspace(), Role.OWNER)
    return invite(
        workspace=owner.workspace,
        email="ben@example.org",
        role=Role.VIEWER,
        department=None,
        invited_by=owner.person,
        at=Invitation().created_at,
        mail_from=site,
    )


def test_invitation_travels_by_mail_with_a_link_that_works(client: Client):
    with translation.override("de"):
        found = invited()
    assert deliver(found.created_at) == 1
    [sent] = mail.outbox
    link = next(line for line in sent.body.splitlines() if line.startswith("https://"))
    assert (sent.to, sent.subject) == (["ben@example.org"], "Einladung zu Morgennetz")
    assert client.get(link.removeprefix("https://tangente.example.org")).context["invitation"] == found


def test_invitation_sent_again_is_the_same_mail():
    found = invited()
    for _ in range(2):
        OutboxEntry.objects.update(delivered_at=None, due_at=found.created_at)
        deliver(found.created_at)
    one, other = mail.outbox
    assert (one.body, one.extra_headers) == (other.body, other.extra_headers)


def test_invitation_that_was_withdrawn_is_not_sent():
    found = invited()
    withdraw_invitation(invitation=found, by=found.invited_by, at=found.created_at)
    assert (deliver(found.created_at), mail.outbox) == (1, [])


def test_invitation_without_a_mail_server_announces_nothing():
    invited(site="")
    assert not OutboxEntry.objects.exists()


def test_outbox_holds_no_secret_of_an_invitation():
    found = invited()
    entry = OutboxEntry.objects.get()
    assert sorted(entry.arguments) == ["invitation", "language", "site"]
    assert entry.arguments["invitation"] == found.pk
