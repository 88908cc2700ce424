"""Signing in: passwords, throttles that all processes share, sessions, and who loses access at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from tangente.web.people.audit import address_mark
from tangente.web.people.models import AuditEntry, Membership, Person
from tests.web.conftest import SignedIn
from tests.web.factories import AT, PASSWORD, make_member, make_person, make_workspace

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"


@pytest.fixture
def anna() -> Person:
    return make_person("Anna Beer", email="anna@example.org")


def _try(client: Client, password: str, login: str = "anna@example.org", **options: object) -> int:
    response = client.post(SIGN_IN, {"login": login, "password": password} | options.pop("also", {}), **options)
    return int(response.status_code)


@pytest.mark.parametrize("login", ["anna@example.org", " Anna@Example.ORG "])
def test_sign_in_takes_an_address_however_it_is_written(client: Client, anna: Person, login: str):
    assert client.post(SIGN_IN, {"login": login, "password": PASSWORD})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_sign_in_refuses_known_and_unknown_addresses_alike(client: Client, anna: Person):
    said = [
        client.post(SIGN_IN, {"login": login, "password": "something"}).context["form"].errors.as_json()
        for login in ("anna@example.org", "nobody@example.org")
    ]
    assert said[0] == said[1]


def test_sign_in_hashes_a_password_for_unknown_addresses_too(client: Client, monkeypatch: pytest.MonkeyPatch):
    hashed = []
    monkeypatch.setattr(Person, "set_password", lambda _self, password: hashed.append(password))
    _try(client, "something", login="nobody@example.org")
    assert hashed == ["something"]


def test_sign_in_rests_after_five_wrong_passwords(client: Client, anna: Person):
    assert [_try(client, "wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert _try(Client(), PASSWORD) == 429
    assert [entry.action for entry in AuditEntry.objects.of_account(anna, address_mark(anna.email))] == [
        "sign_in.lock",
        *["sign_in.fail"] * 4,
    ]


def test_sign_in_rests_for_one_address_from_one_place(client: Client, anna: Person):
    make_person("Ben", email="ben@example.org")
    [_try(client, "wrong") for _ in range(5)]
    assert _try(Client(), PASSWORD, login="ben@example.org") == 302
    assert _try(Client(), PASSWORD, REMOTE_ADDR="198.51.100.7") == 302


def test_sign_in_rests_for_an_address_guessed_from_everywhere(client: Client, anna: Person):
    said = [_try(client, "wrong", REMOTE_ADDR=f"198.51.100.{number}") for number in range(20)]
    response = client.post(SIGN_IN, {"login": anna.email, "password": PASSWORD}, REMOTE_ADDR="198.51.100.200")
    assert (said, response.status_code, "_auth_user_id" in client.session) == ([200] * 20, 200, False)


def test_sign_in_starts_counting_anew_after_the_right_password(client: Client, anna: Person):
    for _ in range(2):
        assert [_try(Client(), "wrong") for _ in range(4)] == [200] * 4
        assert _try(Client(), PASSWORD) == 302


def test_sign_in_believes_no_forwarding_header(client: Client, anna: Person):
    codes = [_try(client, "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}") for number in range(5)]
    assert codes[-1] == 429


def test_sign_in_counts_by_the_header_of_a_trusted_proxy(client: Client, anna: Person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    [_try(client, "wrong", HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.1") for _ in range(5)]
    assert _try(client, PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.2") == 302
    assert AccessAttempt.objects.get().ip_address == "203.0.113.1"


def test_sign_in_keeps_no_password_and_no_form_of_a_failure(client: Client, anna: Person):
    _try(client, "nearly my password", also={"once": "0b6f3a4e-45a1-4f1a-9a3e-000000000001"})
    attempt = AccessAttempt.objects.get()
    assert {line.split("=")[1].strip("*") for line in attempt.post_data.splitlines()} == {""}
    assert AuditEntry.objects.get().about == address_mark("anna@example.org")


def test_throttles_are_never_dropped_to_make_room_for_others(settings):
    assert cache._max_entries >= 100_000


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"]
)
def test_sign_in_leads_only_to_pages_of_this_server(client: Client, anna: Person, to: str):
    response = client.post(SIGN_IN, {"login": anna.email, "password": PASSWORD, "next": to})
    assert response["Location"] == "/"


def test_sign_in_begins_a_new_session(client: Client, anna: Person):
    client.cookies[settings.SESSION_COOKIE_NAME] = "chosen-by-somebody-else-0123456"
    _try(client, PASSWORD)
    assert client.session.session_key != "chosen-by-somebody-else-0123456"


def test_sign_in_tells_only_who_knows_the_password_of_a_closed_account(client: Client, anna: Person):
    Person.objects.filter(pk=anna.pk).update(is_active=False)
    assert (_try(client, "wrong"), _try(client, PASSWORD)) == (200, 403)
    assert "_auth_user_id" not in client.session


def test_closed_account_loses_its_sessions_at_once(signed_in: SignedIn, anna: Person):
    member = make_member(make_workspace(), person=anna)
    client, address = signed_in(anna), f"/w/{member.workspace.slug}/people/"
    before = client.get(address).status_code
    Person.objects.filter(pk=anna.pk).update(is_active=False)
    assert (before, client.get(address).status_code) == (200, 302)


def test_ended_membership_loses_access_at_once(signed_in: SignedIn, anna: Person):
    member = make_member(make_workspace(), person=anna)
    client, address = signed_in(anna), f"/w/{member.workspace.slug}/people/"
    before = client.get(address).status_code
    Membership.objects.filter(pk=member.pk).update(left_at=AT)
    assert (before, client.get(address).status_code) == (200, 404)


def test_changed_password_ends_the_other_sessions(signed_in: SignedIn, anna: Person):
    here, elsewhere = signed_in(anna), signed_in(anna)
    said = {"oldpassword": PASSWORD, "password1": "noch ein langes Wort", "password2": "noch ein langes Wort"}
    assert here.post("/account/password/", said).status_code == 302
    assert (here.get("/account/factors/").status_code, elsewhere.get("/account/factors/").status_code) == (200, 302)


def test_sign_out_leads_to_pages_of_this_server_only(signed_in: SignedIn, anna: Person):
    assert signed_in(anna).post("/account/sign-out/", {"next": "https://evil.example/"})["Location"] == SIGN_IN


PROCESS = """
import sys, django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
said = {"login": "anna@example.org", "password": "wrong"}
print(*(Client().post("/account/sign-in/", said).status_code for _ in range(int(sys.argv[1]))))
"""


def _in_another_process(data: Path, attempts: int) -> list[str]:
    environment = {
        "TANGENTE_DATA": str(data),
        "TANGENTE_DEVELOPMENT": "yes",
        "TANGENTE_LOG_LEVEL": "CRITICAL",
        "TANGENTE_URL": "http://testserver",
        "DJANGO_SETTINGS_MODULE": "tangente.web.settings",
    }
    command = [sys.executable, "-c", PROCESS, str(attempts)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.slow
def test_sign_in_rests_across_processes(tmp_path: Path):
    assert _in_another_process(tmp_path, 3) == ["200"] * 3
    assert _in_another_process(tmp_path, 2) == ["200", "429"]


def test_person_without_a_password_is_offered_no_other(signed_in: SignedIn, anna: Person):
    offers = []
    for password in (PASSWORD, None):
        anna.set_password(password)
        anna.save()
        client = signed_in(anna)
        page = client.get("/account/factors/").content.decode()
        offers.append(("/account/password/" in page, client.get("/account/password/").status_code))
    assert offers == [(True, 200), (False, 404)]
