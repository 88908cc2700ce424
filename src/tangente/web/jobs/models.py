"""Jobs: what is to be done, how far it is, and who may do it now."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from tangente.web.people.models import Asker, Person, Workspace
from tangente.web.people.roles import DATA

MOST_ATTEMPTS = 5

KILLED = "killed"
"""The reason of a job whose every attempt ended with its worker; an exception's type would stand there instead."""


class State(models.TextChoices):
    """Where a job stands; only waiting and running ones are open."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("refused")
    PARKED = "parked", _("stopped")


OPEN = (State.WAITING, State.RUNNING)
UNFINISHED = (State.FAILED, State.PARKED)


class JobQuerySet(models.QuerySet["Job"]):
    """The doors to jobs: whoever looks after data, and each person to the own ones."""

    def visible_to(self, person: Asker) -> Self:
        if not person.is_authenticated:
            return self.none()
        own = Q(started_by=person, workspace__in=Workspace.objects.visible_to(person))
        return self.filter(own | Q(workspace__in=Workspace.objects.visible_to(person, *DATA)))

    def editable_by(self, person: Asker) -> Self:
        return self.visible_to(person)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def ended(self) -> Self:
        return self.exclude(state__in=OPEN)


class Job(models.Model):
    """One piece of long work; `arguments` are ids, never what customers said or who they are; `about` names a file.

    `fence` grows with each claim: a worker that lost its job writes nothing any more, since its number is old.
    `heartbeats` grow while a worker lives; others take the job when they have not grown for the time of a lease.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, blank=True, related_name="jobs")
    started_by = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=2, default="en")
    name = models.CharField(max_length=60)
    about = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    step = models.CharField(max_length=60, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    heartbeats = models.PositiveBigIntegerField(default=0)
    reason = models.TextField(blank=True)
    result: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["state", "id"], name="job_by_state")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "key"], condition=Q(state__in=OPEN) & ~Q(key=""), name="job_is_open_once"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=OPEN, workspace=None) & ~Q(key=""),
                name="job_of_the_server_is_open_once",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
