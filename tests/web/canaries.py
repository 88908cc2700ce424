"""A workspace full of canaries: each text of each table holds the workspace's mark, so that a leak is seen anywhere.

Tables and columns come from the models: a new one is filled, too, or the tests fail until it is said how.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.core import serializers
from django.db import models
from django.utils import timezone

from tangente.web.people.models import AuditEntry, Membership, Person, Workspace
from tangente.web.people.roles import Role
from tests.web.factories import make_person

SHORTEST = 20
"""Characters that a canary needs; shorter columns stand in `PLAIN`."""

PLAIN = {
    "person.language": "",
    "workspace.timezone": "Europe/Berlin",
    "workspace.currency": "EUR",
    "job.language": "en",
    "answer.language": "en",
}
"""Texts that cannot hold a canary, with what they hold instead."""


@dataclass(frozen=True)
class Twin:
    """A workspace with one row of each table, and a person in each role."""

    mark: str
    rows: dict[str, models.Model]
    people: dict[str, Person]

    @property
    def workspace(self) -> Workspace:
        return self.rows["workspace"]  # type: ignore[return-value]

    def pk(self, table: str) -> Any:
        return self.rows[table].pk


def make_twin(mark: str) -> Twin:
    """Fill every table with the mark; the person by chance is the owner."""
    rows: dict[str, models.Model] = {}
    for model in apps.get_app_config("tangente").get_models():
        _row(model, mark, rows)
    people = {Role.OWNER.value: Person.objects.get(pk=rows["person"].pk)}
    for role in Role:
        if role != Role.OWNER:
            people[role.value] = _member(rows["workspace"], mark, role)
    people["former"] = _member(rows["workspace"], mark, Role.OWNER, left_at=timezone.now())
    for person in people.values():  # their pages are open then, too
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(person)
    return Twin(mark, rows, people)


def _member(workspace: models.Model, mark: str, role: Role, **values: Any) -> Person:
    name = f"{mark}-{role}{'-former' if values else ''}"
    person = make_person(name, email=f"{name.replace('_', '-')}@example.org")
    Membership.objects.create(workspace=workspace, person=person, role=role, **values)
    return person


def _row(model: type[models.Model], mark: str, rows: dict[str, models.Model]) -> models.Model:
    name = str(model._meta.model_name)
    if name not in rows:
        values = {each.name: _value(each, mark, rows) for each in model._meta.concrete_fields if not _is_given(each)}
        row = model(**{field: value for field, value in values.items() if value is not None})
        row.save(force_insert=True)
        rows[name] = row
    return rows[name]


def _is_given(field: "models.Field[Any, Any]") -> bool:
    """Whether the row has it without us: its number, or a default that is no text."""
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    return isinstance(field, models.AutoField) or (not is_text and field.has_default())


def _value(field: "models.Field[Any, Any]", mark: str, rows: dict[str, models.Model]) -> Any:
    name = f"{field.model._meta.model_name}.{field.name}"
    if name in PLAIN:
        return PLAIN[name]
    if isinstance(field, models.ForeignKey):
        related = field.related_model
        return None if related is field.model else _row(related, mark, rows)
    if isinstance(field, models.CharField | models.TextField | models.JSONField):
        return _text(field, f"{mark}-{name.replace('.', '-').replace('_', '-')}")
    if isinstance(field, models.UUIDField):
        return uuid5(NAMESPACE_URL, mark + name)
    if isinstance(field, models.DateTimeField | models.DateField):
        return None if field.null else timezone.now() + timedelta(days=1)
    raise AssertionError(f"say in tests/web/canaries.py how {name} is filled")


def _text(field: "models.Field[Any, Any]", canary: str) -> Any:
    if field.choices:
        return next(choice for choice, _ in field.flatchoices if choice)
    if isinstance(field, models.EmailField):
        return f"{canary}@example.org"
    if isinstance(field, models.JSONField):
        return {canary: canary}
    assert (field.max_length or 1_000) >= SHORTEST, f"name {field} in PLAIN, it is too short for a canary"
    return canary[: field.max_length]


def filled_texts(twin: Twin) -> dict[str, bool]:
    """Each text column of each table, and whether it holds the twin's mark."""
    found = {}
    for name, row in twin.rows.items():
        for field in row._meta.concrete_fields:
            text = isinstance(field, models.CharField | models.TextField | models.JSONField)
            if text and not field.choices and f"{name}.{field.name}" not in PLAIN:
                found[f"{name}.{field.name}"] = twin.mark in json.dumps(getattr(row, field.name), default=str)
    return found


def contents(twin: Twin) -> str:
    """Everything a workspace has, to compare; without what is noted of each request."""
    said = [
        str(serializers.serialize("json", _of(model, twin))) for model in apps.get_app_config("tangente").get_models()
    ]
    return "\n".join(said)


def _of(model: type[models.Model], twin: Twin) -> "models.QuerySet[Any]":
    rows = model._default_manager.order_by("pk")
    if model is AuditEntry or not any(field.name == "workspace" for field in model._meta.concrete_fields):
        return rows.filter(pk=twin.pk(str(model._meta.model_name)))
    return rows.filter(workspace=twin.workspace)
