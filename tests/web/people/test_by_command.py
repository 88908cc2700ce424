"""People and workspaces made at the command line keep the rules of those made on pages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tangente.errors import ContactLogError
from tangente.web.errors import RuleError
from tangente.web.people.by_command import create_user, create_workspace
from tangente.web.people.models import AuditEntry, Membership, Person, Workspace
from tangente.web.people.roles import Role
from tests.web.factories import make_person, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ANNA = {
    "email": "Anna@example.org",
    "name": "Anna Beer",
    "password": "ein langes Wort",
    "workspace": None,
    "role": None,
}
MORGENNETZ = {"name": "Morgennetz", "slug": "", "timezone": "Europe/Berlin", "currency": "EUR", "at": AT}


def test_user_can_sign_in():
    create_user(**ANNA, at=AT)
    person = Person.objects.get()
    assert (person.email, person.check_password("ein langes Wort")) == ("anna@example.org", True)


def test_user_may_be_a_member_at_once():
    workspace = make_workspace(slug="morgennetz")
    create_user(**ANNA | {"workspace": "morgennetz", "role": Role.MANAGER}, at=AT)
    assert Membership.objects.get().role == Role.MANAGER
    assert AuditEntry.objects.get(workspace=workspace).action == "member.create"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"password": "kurz"}, "too short"),
        ({"password": "anna@example.org"}, "too similar"),
        ({"email": "anna"}, "valid email"),
        ({"name": ""}, "cannot be blank"),
        ({"workspace": "morgennetz"}, "go together"),
        ({"role": "viewer"}, "go together"),
        ({"workspace": "morgennetz", "role": "king"}, "no role 'king'; there are: owner, manager"),
        ({"workspace": "abendnetz", "role": "viewer"}, "no workspace 'abendnetz'; there are: morgennetz"),
        ({"email": "ben@example.org"}, "already exists"),
    ],
)
def test_user_is_refused(changed: dict[str, Any], refusal: str):
    make_workspace(slug="morgennetz")
    ben = make_person(email="ben@example.org")
    with pytest.raises(RuleError, match=refusal):
        create_user(**ANNA | changed, at=AT)
    assert Person.objects.get() == ben


def test_workspace_belongs_to_its_owner():
    person = make_person(email="ben@example.org")
    workspace = create_workspace(**MORGENNETZ, owner="Ben@example.org")
    assert (workspace.slug, Membership.objects.get(workspace=workspace).person) == ("morgennetz", person)


@pytest.mark.parametrize(
    ("changed", "refusal", "kind"),
    [
        ({"owner": "nobody@example.org"}, "Nobody signs in as", RuleError),
        ({"slug": "Über"}, "valid", RuleError),
        ({"slug": "taken"}, "already exists", RuleError),
        ({"currency": "EURO"}, "ISO 4217", ContactLogError),
    ],
)
def test_workspace_is_refused(changed: dict[str, Any], refusal: str, kind: type[Exception]):
    make_person(email="ben@example.org")
    make_workspace(slug="taken")
    with pytest.raises(kind, match=refusal):
        create_workspace(**MORGENNETZ | {"owner": "ben@example.org"} | changed)
    assert Workspace.objects.count() == 1
