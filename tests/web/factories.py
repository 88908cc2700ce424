"""One function a table, with values that hold; and a fixed cast."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from tangente.web.jobs.models import Job
from tangente.web.people.models import Department, Membership, Person, Workspace
from tangente.web.people.roles import Role

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
PASSWORD = "ein langes Wort"  # noqa: S105 - of people who live as long as a test

_number = count(1)


def make_person(name: str = "Anna Beer", **values: Any) -> Person:
    email = values.pop("email", f"person{next(_number)}@example.org")
    person = Person.objects.create_person(email=email, name=name, password=values.pop("password", PASSWORD))
    Person.objects.filter(pk=person.pk).update(**values)
    person.refresh_from_db()
    return person


def make_workspace(name: str = "Morgennetz", **values: Any) -> Workspace:
    return Workspace.objects.create(**{"slug": f"workspace-{next(_number)}", "name": name, "created_at": AT} | values)


def make_member(workspace: Workspace, role: str = Role.VIEWER, **values: Any) -> Membership:
    person = values.pop("person", None) or make_person(values.pop("name", "Anna Beer"))
    return Membership.objects.create(workspace=workspace, person=person, role=role, joined_at=AT, **values)


def make_department(workspace: Workspace, name: str = "Service", **values: Any) -> Department:
    return Department.objects.create(workspace=workspace, name=name, **values)


def make_job(workspace: Workspace | None = None, name: str = "test.step", **values: Any) -> Job:
    return Job.objects.create(**{"workspace": workspace, "name": name, "created_at": AT, "due_at": AT} | values)
