"""The first start: one address, known to whoever runs the server, leads to the first workspace."""

import pytest
from django.conf import settings
from django.test import Client

from tangente.web.people import first
from tangente.web.people.models import AuditEntry, Membership, Person
from tangente.web.people.roles import Role
from tests.web.factories import make_person

pytestmark = pytest.mark.django_db

SAID = {
    "name": "Miriam Kaltenbach",
    "email": "M.Kaltenbach@morgennetz.example",
    "password": "ein langes Wort",
    "workspace": "Morgennetz",
    "timezone": "Europe/Berlin",
    "currency": "eur",
}


def test_first_start_makes_the_owner_of_the_first_workspace(client: Client):
    response = client.post(f"/start/{first.token(settings.DATA)}/", SAID)
    member = Membership.objects.select_related("person", "workspace").get()
    assert response["Location"] == "/w/morgennetz/"
    assert (member.role, member.person.email) == (Role.OWNER, "m.kaltenbach@morgennetz.example")
    assert (member.workspace.name, member.workspace.currency) == ("Morgennetz", "EUR")
    assert AuditEntry.objects.get(workspace=member.workspace).action == "workspace.create"


def test_first_start_is_no_page_with_another_secret(client: Client):
    first.token(settings.DATA)
    assert client.get("/start/guessed/").status_code == 404


def test_first_start_is_over_once_there_is_a_person(client: Client):
    token = first.token(settings.DATA)
    make_person()
    assert client.post(f"/start/{token}/", SAID).status_code == 404
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("password", "kurz"), ("currency", "EURO"), ("timezone", "Mars/Olympus"), ("email", "m@")]
)
def test_first_start_refuses_what_cannot_be_meant(client: Client, field: str, value: str):
    response = client.post(f"/start/{first.token(settings.DATA)}/", SAID | {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert not Person.objects.exists()
