"""The audit log: only added to, which the database holds up, and a change would show."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from tangente.web.people.audit import broken, record
from tangente.web.people.models import AuditEntry, Workspace
from tests.web.conftest import SignedIn, unguard
from tests.web.factories import AT, make_member, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CHANGES = [
    pytest.param("UPDATE tangente_auditentry SET about = 'nothing' WHERE id = %s", id="changed"),
    pytest.param("DELETE FROM tangente_auditentry WHERE id = %s", id="removed"),
]


def _three_entries() -> tuple[Workspace, list[AuditEntry]]:
    workspace = make_workspace()
    return workspace, [record(workspace=workspace, person=None, action=name, at=AT) for name in ("a", "b", "c")]


def _execute(statement: str, entry: AuditEntry) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(statement, [entry.pk])


@pytest.mark.parametrize("change", CHANGES)
def test_database_refuses_to_change_the_audit_log(change: str):
    _, entries = _three_entries()
    with pytest.raises(IntegrityError, match="only added to"):
        _execute(change, entries[1])


@pytest.mark.parametrize(("change", "found"), list(zip([each.values[0] for each in CHANGES], (1, 2), strict=True)))
def test_broken_finds_what_was_changed_past_the_database(change: str, found: int):
    workspace, entries = _three_entries()
    unguard()
    _execute(change, entries[1])
    assert broken(workspace) == entries[found]


def test_broken_finds_nothing_in_entries_as_they_were_written():
    workspace, _ = _three_entries()
    record(workspace=None, person=None, action="elsewhere", at=AT)
    record(
        workspace=workspace,
        person=None,
        action="at noon",
        at=(AT + timedelta(hours=3)).astimezone(ZoneInfo("Asia/Tokyo")),
    )
    assert broken(workspace) is None


@pytest.mark.parametrize("change", [lambda rows: rows.update(about=""), lambda rows: rows.delete()])
def test_audit_entries_offer_no_change(change):
    with pytest.raises(NotImplementedError):
        change(AuditEntry.objects.all())


def test_audit_log_tells_owners_in_pages(signed_in: SignedIn):
    workspace = make_workspace()
    owner = make_member(workspace, "owner").person
    for number in range(101):
        record(workspace=workspace, person=owner, action=f"step.{number}", at=AT)
    first = signed_in(owner).get(f"/w/{workspace.slug}/audit/")
    older = signed_in(owner).get(f"/w/{workspace.slug}/audit/?before={first.context['older']}")
    assert [words for _, words in older.context["entries"]] == ["step.0"]


@pytest.mark.parametrize("before", ["9" * 40, "-1", "x", "٣", ""])
def test_audit_log_bears_any_page(signed_in: SignedIn, before: str):
    workspace, _ = _three_entries()
    owner = make_member(workspace, "owner").person
    assert signed_in(owner).get(f"/w/{workspace.slug}/audit/", {"before": before}).status_code == 200
