"""People and workspaces made at the command line keep the rules of those made on pages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tangente.errors import ContactLogError
from tangente.web.errors import RuleError
from tangente.web.people.audit import address_mark
from tangente.web.people.by_command import create_user, create_workspace, reset_second_factor, set_password
from tangente.web.people.models import AuditEntry, Membership, Person, Workspace
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
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
SHORT, OTHER = "kurz", "ein anderes Wort"
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


def test_second_factor_goes_with_all_that_the_person_had_opened(signed_in: SignedIn):
    anna, ben = make_person(email="anna@example.org"), make_person("Ben")
    browsers = [signed_in(anna), signed_in(anna), signed_in(ben)]
    for person in (anna, ben):
        Authenticator.objects.create(user=person, type="totp", data={})
        Authenticator.objects.create(user=person, type="recovery_codes", data={})
    assert reset_second_factor(email="Anna@example.org", at=AT) == 2
    assert set(Authenticator.objects.values_list("user", flat=True)) == {ben.pk}
    assert [browser.get("/").status_code for browser in browsers] == [302, 302, 200]
    told = AuditEntry.objects.of_account(anna, address_mark(anna.email))
    assert told.first().action == "factor.lift"


def test_password_set_ends_sessions_and_keeps_the_rules(signed_in: SignedIn):
    anna = make_person(email="anna@example.org")
    browser = signed_in(anna)
    with pytest.raises(RuleError, match="too short"):
        set_password(email="anna@example.org", password=SHORT, at=AT)
    before = browser.get("/").status_code
    set_password(email="Anna@example.org", password=OTHER, at=AT)
    anna.refresh_from_db()
    assert (before, browser.get("/").status_code, anna.check_password(OTHER)) == (200, 302, True)
    assert AuditEntry.objects.of_account(anna, address_mark(anna.email)).first().action == "password.set"


def test_second_factor_that_is_not_there_is_not_reset(signed_in: SignedIn):
    browser = signed_in(make_person(email="anna@example.org"))
    with pytest.raises(RuleError, match="has no second factor; nothing is changed"):
        reset_second_factor(email="anna@example.org", at=AT)
    with pytest.raises(RuleError, match="Nobody signs in as nobody@"):
        reset_second_factor(email="nobody@example.org", at=AT)
    assert browser.get("/account/factors/").status_code == 200


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
