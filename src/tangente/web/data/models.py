"""What was uploaded for the contact log, file by file."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tangente.web.jobs.models import Job
from tangente.web.people.models import WithinWorkspace, Workspace
from tangente.web.people.roles import DATA


class Outcome(models.TextChoices):
    """What became of a file; as long as nothing has, its job tells."""

    STORED = "stored", _("imported")
    REPEATED = "repeated", _("imported before")


class UploadQuerySet(WithinWorkspace):
    """Files are seen by those who look after data: their names, mappings and refused rows tell of customers."""

    readers = editors = DATA


class Upload(models.Model):
    """One file; those of one job become part of the log together. `name` is what its sender calls it, for people only.

    `stored` names it on disk until it is read. `import_id` is what the log knows it by: SHA-256 of file and mapping.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="uploads")
    job = models.ForeignKey(Job, models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=150)
    stored = models.CharField(max_length=60, unique=True)
    mapping = models.TextField(blank=True)
    mapping_name = models.CharField(max_length=150, blank=True)
    import_id = models.CharField(max_length=64, blank=True, db_index=True)
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome.choices)
    refused = models.PositiveBigIntegerField(default=0)

    objects: ClassVar = UploadQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.name
