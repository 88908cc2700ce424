"""The log of what people did: only added to, each entry sealing the one before."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tangente.web.people.models import AuditEntry, Person, Workspace

WORDS = {
    "workspace.create": _("made the workspace"),
    "invitation.create": _("invited"),
    "invitation.withdraw": _("withdrew the invitation of"),
    "invitation.accept": _("joined, invited as"),
    "member.create": _("made a member"),
    "member.change": _("changed role or department"),
    "member.end": _("ended the membership of"),
    "department.save": _("saved the department"),
    "department.delete": _("removed the department"),
    "data.import": _("uploaded for import"),
    "data.erase": _("had customers erased"),
    "job.retry": _("began a stopped job anew"),
    "person.create": _("made a person"),
    "sign_in": _("signed in"),
    "sign_in.fail": _("wrong password"),
    "sign_in.lock": _("locked after too many wrong passwords"),
    "factor.add": _("second factor set up"),
    "factor.remove": _("second factor removed"),
    "factor.lift": _("second factor removed by whoever runs the server"),
    "factor.reset": _("new recovery codes"),
    "factor.fail": _("wrong code of the second factor"),
    "password.ask": _("link for another password asked for"),
    "password.change": _("password changed"),
    "password.set": _("password changed by whoever runs the server"),
    "password.reset": _("password changed by a link"),
}
"""What people read of an action; one that stands not here is told by its name."""

BEGINNING = "0" * 64
LOCK = 0x7A47
"""Of the audit log, among PostgreSQL's advisory locks."""


def record(
    *, workspace: Workspace | None, person: Person | None, action: str, about: str = "", at: datetime
) -> AuditEntry:
    """Add an entry; within the transaction of what it tells, so that either both are there or neither."""
    with transaction.atomic():
        _wait_for_other_writers(workspace)
        before = AuditEntry.objects.filter(workspace=workspace).first()
        entry = AuditEntry(workspace=workspace, person=person, at=at, action=action, about=about[:300])
        entry.digest = entry.sealed(before.digest if before else BEGINNING)
        entry.save(force_insert=True)
    return entry


def told(entries: Iterable[AuditEntry]) -> list[tuple[AuditEntry, str]]:
    """Each entry with its action in words."""
    return [(entry, str(WORDS.get(entry.action, entry.action))) for entry in entries]


def address_mark(address: str) -> str:
    """An address as entries name it that a stranger may have caused: comparable, not readable."""
    return salted_hmac("tangente.sign_in", address, algorithm="sha256").hexdigest()[:16]


def _wait_for_other_writers(workspace: Workspace | None) -> None:
    """Else two entries might follow the same one; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, workspace.pk if workspace else 0])


def broken(workspace: Workspace | None) -> AuditEntry | None:
    """The first entry that is not as it was written, or follows one that is gone; None if all hold."""
    before = BEGINNING
    entry: AuditEntry
    for entry in AuditEntry.objects.filter(workspace=workspace).order_by("id").iterator():
        if entry.digest != entry.sealed(before):
            return entry
        before = entry.digest
    return None
