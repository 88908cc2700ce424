"""The company of the demo keeps the rules of the application, and belongs to nobody else."""

import pytest

from tangente.web.demo.company import MEMBERS, make_company
from tangente.web.demo.queries import find_demo, visitor
from tangente.web.errors import RuleError
from tangente.web.people.audit import broken
from tangente.web.people.models import Person, Workspace
from tangente.web.people.roles import Role
from tests.web.factories import AT, make_member, make_person, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_company_has_people_of_every_role():
    workspace = make_company(AT)
    assert (find_demo(), visitor().role) == (workspace, Role.MANAGER)
    assert set(workspace.memberships.values_list("role", flat=True)) == set(Role.values)
    assert workspace.memberships.exclude(department=None).count() == sum(1 for *_, name in MEMBERS if name)
    assert (workspace.audit.count(), broken(workspace)) == (1 + len(MEMBERS), None)


def test_nobody_signs_in_by_password():
    make_company(AT)
    assert not any(person.has_usable_password() for person in Person.objects.all())


def test_company_is_not_made_beside_people():
    make_person()
    with pytest.raises(RuleError, match="give another one with --data"):
        make_company(AT)
    assert not Workspace.objects.exists()


def test_visitor_is_of_the_demo_alone():
    make_member(make_workspace(), Role.MANAGER)
    assert (find_demo(), visitor()) == (None, None)
