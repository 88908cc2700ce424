"""What was answered about a log, so that it is asked once for each of its states."""

from typing import Any, ClassVar

from django.db import models

from tangente.web.people.models import WithinWorkspace, Workspace


class Answer(models.Model):
    """What one state of a log says under one choice of filters: the page, and of the whole log the Analysis behind it.

    page: title, standfirst, kicker, parts (HTML), sheets (by section: title, heads, rows); `is_hidden` instead of all that
    where so few people are left that they could be recognised. choices: what can be filtered by.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="answers")
    state = models.CharField(max_length=64)
    filters = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=2)
    analysis = models.TextField()
    page: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    choices: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    objects: ClassVar = WithinWorkspace.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "state", "filters", "language"], name="answer_is_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.workspace} {self.filters or 'all'} ({self.language})"
