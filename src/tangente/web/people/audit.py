"""The log of what people did: only added to, each entry sealing the one before."""

from datetime import datetime

from django.db import transaction

from tangente.web.people.models import AuditEntry, Person, Workspace

BEGINNING = "0" * 64


def record(
    *, workspace: Workspace | None, person: Person | None, action: str, about: str = "", at: datetime
) -> AuditEntry:
    """Add an entry; within the transaction of what it tells, so that either both are there or neither."""
    with transaction.atomic():
        if workspace is not None:  # one writer at a time on PostgreSQL, too; SQLite has only one
            Workspace.objects.select_for_update().get(pk=workspace.pk)
        before = AuditEntry.objects.filter(workspace=workspace).first()
        entry = AuditEntry(workspace=workspace, person=person, at=at, action=action, about=about[:300])
        entry.digest = entry.sealed(before.digest if before else BEGINNING)
        entry.save(force_insert=True)
    return entry


def broken(workspace: Workspace | None) -> AuditEntry | None:
    """The first entry that is not as it was written, or follows one that is gone; None if all hold."""
    before = BEGINNING
    entry: AuditEntry
    for entry in AuditEntry.objects.filter(workspace=workspace).order_by("id").iterator():
        if entry.digest != entry.sealed(before):
            return entry
        before = entry.digest
    return None
