"""Invitations: one link, one person, one use; and what never follows from them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tangente.web import outbox
from tangente.web.errors import RuleError
from tangente.web.people import actions
from tangente.web.people.models import Invitation, Membership, Person, Workspace
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
from tests.web.factories import PASSWORD, make_department, make_member, make_person, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NEW = {"name": "Ben Wolff", "password": "ein langes Wort"}


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def invited(workspace: Workspace, **values: object) -> tuple[Invitation, str]:
    """An invitation of Ben, and the address of its link."""
    owner = make_member(workspace, Role.OWNER).person
    said = {"email": "Ben@example.org", "role": Role.CONTRIBUTOR, "department": None, "at": timezone.now()} | values
    invitation = actions.invite(workspace=workspace, invited_by=owner, **said)
    return invitation, f"/invitation/{actions.invitation_token(invitation)}/"


def test_invitation_makes_a_new_person_a_member_who_is_signed_in(client: Client, workspace: Workspace):
    _, link = invited(workspace)
    response = client.post(link, NEW)
    member = Membership.objects.get(person__email="ben@example.org")
    assert (response["Location"], member.role) == (f"/w/{workspace.slug}/", Role.CONTRIBUTOR)
    assert client.get(response["Location"]).status_code == 200


def test_invitation_sends_a_known_person_to_sign_in_and_back(client: Client, workspace: Workspace):
    _, link = invited(workspace)
    ben = make_person("Ben Wolff", email="ben@example.org")
    assert client.get(link)["Location"] == f"/account/sign-in/?next={link}"
    said = {"login": ben.email, "password": PASSWORD, "next": link}
    assert client.post("/account/sign-in/", said)["Location"] == link
    assert client.post(link)["Location"] == f"/w/{workspace.slug}/"


def test_invitation_gives_nobody_a_password_of_a_known_person(client: Client, workspace: Workspace):
    _, link = invited(workspace)
    ben = make_person("Ben Wolff", email="ben@example.org")
    client.post(link, {"name": "Mallory", "password": "my own long word"})
    ben.refresh_from_db()
    assert (ben.name, ben.check_password(PASSWORD), ben.memberships.count()) == ("Ben Wolff", True, 0)


def test_invitation_is_not_for_somebody_else(signed_in: SignedIn, workspace: Workspace):
    _, link = invited(workspace)
    cem = signed_in(make_person("Cem"))
    assert (cem.get(link).status_code, cem.post(link, NEW).status_code) == (409, 409)
    assert not Person.objects.filter(email="ben@example.org").exists()


def test_invitation_serves_once(client: Client, workspace: Workspace):
    _, link = invited(workspace)
    client.post(link, NEW)
    assert (Client().get(link).status_code, Client().post(link, NEW).status_code) == (404, 404)


@pytest.mark.parametrize("change", [{"withdrawn_at": timezone.now()}, {"expires_at": timezone.now()}])
def test_invitation_that_is_over_leads_nowhere(client: Client, workspace: Workspace, change: dict[str, object]):
    invitation, link = invited(workspace)
    Invitation.objects.filter(pk=invitation.pk).update(**change)
    assert (client.get(link).status_code, client.post(link, NEW).status_code) == (404, 404)


def test_invitation_is_over_once_a_new_one_is_made(client: Client, workspace: Workspace):
    _, link = invited(workspace)
    invited(workspace, role=Role.VIEWER)
    assert client.get(link).status_code == 404


def test_invitation_cannot_be_guessed_from_what_the_database_holds(client: Client, workspace: Workspace):
    invitation, _ = invited(workspace)
    assert client.get(f"/invitation/{invitation.token_hash}/").status_code == 404


def test_invitation_lasts_beyond_a_change_of_the_secret_key(client: Client, workspace: Workspace, settings):
    invitation, link = invited(workspace)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert link == f"/invitation/{actions.invitation_token(invitation)}/"
    assert client.get(link).status_code == 200


def test_accept_invitation_changes_no_role_of_a_member(workspace: Workspace):
    invitation, _ = invited(workspace)
    ben = make_member(workspace, Role.OWNER, person=make_person("Ben", email="ben@example.org"))
    with pytest.raises(RuleError):
        actions.accept_invitation(invitation=invitation, person=ben.person, at=timezone.now())
    ben.refresh_from_db()
    assert ben.role == Role.OWNER


def test_accept_invitation_brings_a_former_member_back(workspace: Workspace):
    now = timezone.now()
    former = make_member(workspace, Role.OWNER, person=make_person("Ben", email="ben@example.org"), left_at=now)
    invitation, _ = invited(workspace, role=Role.VIEWER)
    actions.accept_invitation(invitation=invitation, person=former.person, at=now)
    former.refresh_from_db()
    assert (former.role, former.left_at) == (Role.VIEWER, None)


def test_invite_refuses_a_member(workspace: Workspace):
    make_member(workspace, person=make_person("Ben", email="ben@example.org"))
    with pytest.raises(RuleError, match=r"ben@example\.org"):
        invited(workspace)


def test_department_of_an_open_invitation_stays(workspace: Workspace):
    department = make_department(workspace)
    invitation, _ = invited(workspace, department=department)
    said = {"department": department, "by": invitation.invited_by}
    with pytest.raises(RuleError, match="Service"):
        actions.delete_department(at=timezone.now(), **said)
    actions.delete_department(at=timezone.now() + timedelta(days=15), **said)


def test_password_link_leads_to_another_password_once(client: Client):
    ben = make_person("Ben Wolff", email="ben@example.org")
    assert client.post("/account/forgotten/", {"email": "BEN@example.org"})["Location"] == "/account/forgotten/sent/"
    outbox.deliver(timezone.now())
    link = next(line for line in mail.outbox[0].body.splitlines() if line.startswith("http"))
    form = client.get(link)["Location"]
    said = {"password1": "noch ein langes Wort", "password2": "noch ein langes Wort"}
    assert client.post(form, said)["Location"] == "/account/forgotten/done/"
    ben.refresh_from_db()
    assert (ben.check_password(said["password1"]), client.get("/account/forgotten/done/").status_code) == (True, 200)
    assert Client().get(link).context["token_fail"]


def test_password_link_goes_to_nobody_unknown(client: Client):
    assert client.post("/account/forgotten/", {"email": "no@example.org"})["Location"] == "/account/forgotten/sent/"
    assert (outbox.deliver(timezone.now()), mail.outbox) == (0, [])


def test_password_link_is_no_page_without_a_mail_server(client: Client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert client.get("/account/forgotten/").status_code == 404
    assert not client.get("/account/sign-in/").context["has_mail"]()
