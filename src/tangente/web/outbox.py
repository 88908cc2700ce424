"""The outbox: what is to leave the database, written in the transaction that it tells of, delivered after it.

At least once: whoever handles an entry makes a second time harmless.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from smtplib import SMTPResponseException
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from django.db import connection, models, transaction
from django.utils.functional import Promise
from django.utils.timezone import now

if TYPE_CHECKING:
    from tangente.web.people.models import Workspace

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 480, 1440, 1440, 1440))
"""Before the second, third … attempt; nothing follows the last one: an outage of four days loses nothing."""
AT_ONCE = 20
KEPT = timedelta(days=30)

UNSURE = "unsure"
"""The code of an attempt that nobody saw the end of: it may have arrived."""

Handler = Callable[..., None]
HANDLERS: dict[str, Handler] = {}
"""By their kinds, which stay: entries of earlier versions carry them."""
LABELS: dict[str, Promise | str] = {}
"""What people call the kinds."""

logger = structlog.get_logger(__name__)


class OutboxEntry(models.Model):
    """Something to be delivered; the attempts are counted, and the next one put off, before each is made."""

    workspace = models.ForeignKey("tangente.Workspace", models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120, unique=True)
    arguments = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(delivered_at=None, given_up_at=None),
                name="outbox_to_deliver",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


def handles(kind: str, label: Promise | str) -> Callable[[Handler], Handler]:
    """Let a function deliver the entries of a kind; it takes their arguments, and may be called twice with the same."""

    def registered(handler: Handler) -> Handler:
        HANDLERS[kind], LABELS[kind] = handler, label
        return handler

    return registered


def announce(
    kind: str, *, key: str, arguments: Mapping[str, int | str], workspace: "Workspace | None", at: datetime
) -> None:
    """Have it delivered if the transaction around it is committed; the same key again changes nothing."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an entry is written in the transaction of what it tells")
    OutboxEntry.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "arguments": dict(arguments),
            "workspace": workspace,
            "created_at": at,
            "due_at": at,
        },
    )


def deliver(at: datetime) -> int:
    """Try what is due; returns how much was delivered."""
    due = OutboxEntry.objects.filter(delivered_at=None, given_up_at=None, due_at__lte=at).order_by("due_at")
    return sum(_try(entry, at) for entry in due[:AT_ONCE])


def _try(entry: OutboxEntry, at: datetime) -> bool:
    mine = _counted(entry, at)
    if mine is None:
        return False
    log = logger.bind(entry=entry.pk, kind=entry.kind, attempt=entry.attempts + 1)
    if entry.error_code == UNSURE:
        log.warning("delivered again: nobody saw how the attempt before ended")
    try:
        HANDLERS[entry.kind](**entry.arguments)
    except Exception as error:  # noqa: BLE001 - whatever one entry meets, the others are delivered
        code = _code(error)
        log.warning("not delivered", error=code)
        mine.update(error_code=code)
        return False
    mine.update(delivered_at=at, error_code="")
    return True


def _counted(entry: OutboxEntry, at: datetime) -> "models.QuerySet[OutboxEntry] | None":
    """The entry as only this attempt may change it; None if another worker was faster, or nothing is tried any more."""
    as_seen = OutboxEntry.objects.filter(pk=entry.pk, attempts=entry.attempts, delivered_at=None)
    if entry.attempts >= len(WAITS):
        as_seen.update(given_up_at=at)
        logger.error("given up", entry=entry.pk, kind=entry.kind, error=entry.error_code)
        return None
    attempt = entry.attempts + 1
    if not as_seen.update(attempts=attempt, due_at=at + WAITS[entry.attempts], error_code=UNSURE):
        return None
    return OutboxEntry.objects.filter(pk=entry.pk, attempts=attempt)


def _code(error: Exception) -> str:
    """What is kept of an error: its type, and the mail server's number; its words may hold addresses."""
    number: Any = error.smtp_code if isinstance(error, SMTPResponseException) else ""
    return f"{type(error).__name__} {number}".strip()[:60]


def forget(at: datetime) -> None:
    """Remove what was delivered long ago."""
    OutboxEntry.objects.filter(delivered_at__lt=at - KEPT).delete()
