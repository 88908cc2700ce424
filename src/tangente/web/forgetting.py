"""What a server keeps of customers beside the contact log, and lets go of when the log has forgotten them."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction

from tangente.errors import TangenteError
from tangente.web.data.models import Upload
from tangente.web.data.places import forget_files
from tangente.web.jobs.models import Job
from tangente.web.jobs.queue import sweeps
from tangente.web.overview.models import Answer
from tangente.web.overview.state import state_now
from tangente.web.people.audit import record
from tangente.web.people.models import Workspace

logger = structlog.get_logger(__name__)


def forget(workspace: Workspace, customers: Sequence[str], at: datetime) -> None:
    """Let go of answers, which hold small groups and rare names, of files that name people, and of ids in file names."""
    with transaction.atomic():
        Answer.objects.filter(workspace=workspace).delete()
        for upload in Upload.objects.filter(workspace=workspace):
            _redact(upload, customers, "name", "mapping_name")
        for job in Job.objects.filter(workspace=workspace).exclude(about=""):
            _redact(job, customers, "about", "reason", "result")  # both others tell files by their names
        record(workspace=workspace, person=None, action="data.erase", about=str(len(customers)), at=at)
        transaction.on_commit(_overwrite)
    forget_files(workspace)


def _redact(row: Upload | Job, customers: Sequence[str], *names: str) -> None:
    changed = {name: new for name in names if (new := _without(customers, old := getattr(row, name))) != old}
    if changed:
        type(row).objects.filter(pk=row.pk).update(**changed)


def _without(customers: Sequence[str], said: Any) -> Any:
    from tangente.contactlog.erasure import redacted  # noqa: PLC0415 - Iceberg is heavy; only an erasure needs it here

    if isinstance(said, dict):
        return {name: _without(customers, one) for name, one in said.items()}
    return redacted(said, customers) if isinstance(said, str) else said


@sweeps
def forget_past_answers(_at: datetime) -> None:
    """Let go of answers about logs as they were: what was erased or undone by another way stands in them still."""
    for workspace in Workspace.objects.filter(answers__isnull=False).distinct():
        _forget_past(workspace)


def _forget_past(workspace: Workspace) -> None:
    try:
        state = state_now(workspace)
    except (TangenteError, sqlite3.OperationalError) as error:  # damaged or held: nobody knows which answers are past
        logger.warning("past answers not removed", workspace=workspace.slug, error=type(error).__name__)
        return
    with transaction.atomic():
        if Answer.objects.filter(workspace=workspace).exclude(state=state or "").delete()[0]:
            transaction.on_commit(_overwrite)


def _overwrite() -> None:
    """What was removed stays in SQLite's journal, else, until others have written as much."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
