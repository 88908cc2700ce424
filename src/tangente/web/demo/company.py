"""The demo's workspace: an invented company, its departments, and some of its people; none of them has a password."""

from datetime import datetime

from django.db import transaction

from tangente.contactlog.simulate import company
from tangente.web.errors import RuleError
from tangente.web.people import actions
from tangente.web.people.audit import record
from tangente.web.people.models import Department, Membership, Person, Workspace
from tangente.web.people.roles import Role

TIMEZONE = "Europe/Berlin"
OWNER = "Petra Noll"
MEMBERS = (
    ("Miriam Kaltenbach", Role.MANAGER, None),
    ("Derya Aksoy", Role.CONTRIBUTOR, "Außendienst"),
    ("Jonas Ehrlich", Role.CONTRIBUTOR, "Technik"),
    ("Tomasz Lewin", Role.CONTRIBUTOR, "Marketing"),
    ("Lea Brandt", Role.CONTRIBUTOR, "Rechnungswesen"),
    ("Sofie Harms", Role.ACCOUNT_MANAGER, "Vertrieb"),
    ("Finn Oster", Role.VIEWER, "Kundenservice"),
)
"""Name, role, and department if the role is for one only."""


@transaction.atomic
def make_company(at: datetime) -> Workspace:
    """Make the workspace. Raises: RuleError if the folder is somebody's already."""
    if Person.objects.exists():
        raise RuleError("This folder holds people who are not the demo's; give another one with --data")
    owner = _person(OWNER)
    workspace = actions.create_workspace(
        name=company.NAME, owner=owner, timezone=TIMEZONE, currency=company.CURRENCY, at=at
    )
    workspace.is_demo = True
    workspace.save(update_fields=["is_demo"])
    names = sorted({touchpoint.department for touchpoint in company.touchpoints()})
    departments = {name: Department.objects.create(workspace=workspace, name=name) for name in names}
    for name, role, department in MEMBERS:
        person = _person(name)
        Membership.objects.create(
            workspace=workspace, person=person, role=role, department=departments.get(department or ""), joined_at=at
        )
        record(workspace=workspace, person=owner, action="member.create", about=f"{person.email}: {role}", at=at)
    return workspace


def _person(name: str) -> Person:
    address = name.lower().replace(" ", ".")
    return Person.objects.create_person(email=f"{address}@{company.NAME.lower()}.example", name=name, password=None)
