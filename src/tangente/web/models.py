"""All tables, for Django to find; each lives with its feature."""

from tangente.web.data.models import Upload
from tangente.web.jobs.models import Job
from tangente.web.once import SentForm
from tangente.web.outbox import OutboxEntry
from tangente.web.overview.models import Answer
from tangente.web.people.models import AuditEntry, Department, Invitation, Membership, Person, Workspace

__all__ = [
    "Answer",
    "AuditEntry",
    "Department",
    "Invitation",
    "Job",
    "Membership",
    "OutboxEntry",
    "Person",
    "SentForm",
    "Upload",
    "Workspace",
]
