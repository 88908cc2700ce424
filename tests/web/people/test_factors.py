"""The second factor: set up with a code, asked for at sign-in, guarded by the password, replaced by recovery codes."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from tangente.web.people.audit import address_mark
from tangente.web.people.models import AuditEntry, Person
from tests.web.conftest import SignedIn
from tests.web.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db

FACTORS = "/account/factors/"


def code(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def confirm(client: Client) -> None:
    client.post("/account/again/", {"password": PASSWORD, "next": FACTORS})


def set_up(client: Client) -> str:
    """Set up an authenticator app; returns its secret."""
    confirm(client)
    secret = client.get(f"{FACTORS}app/").context["form"].secret
    client.post(f"{FACTORS}app/", {"code": code(secret)})
    cache.clear()  # a code serves once, and a test is quicker than its half minute
    return str(secret)


@pytest.fixture
def anna() -> Person:
    return make_person("Anna Beer", email="anna@example.org")


def _half_signed_in() -> Client:
    client = Client()
    client.post("/account/sign-in/", {"login": "anna@example.org", "password": PASSWORD})
    return client


@pytest.mark.parametrize("page", ["app/", "codes/", "codes/new/", "codes/download/", "app/remove/"])
def test_factors_change_only_after_the_password_again(signed_in: SignedIn, anna: Person, page: str):
    set_up(signed_in(anna))
    answer = signed_in(anna).get(FACTORS + page)
    expected = f"/account/again/?next=%2Faccount%2Ffactors%2F{page.replace('/', '%2F')}"
    assert answer["Location"] in (expected, f"{FACTORS}app/remove/")


def test_second_factor_is_asked_for_before_any_page_opens(signed_in: SignedIn, anna: Person):
    secret = set_up(signed_in(anna))
    client = _half_signed_in()
    before = client.get(FACTORS).status_code
    client.post(f"{FACTORS}sign-in/", {"code": code(secret)})
    assert (before, client.get(FACTORS).status_code) == (302, 200)


def test_second_factor_takes_a_code_once(signed_in: SignedIn, anna: Person):
    now = code(set_up(signed_in(anna)))
    codes = [_half_signed_in().post(f"{FACTORS}sign-in/", {"code": now}).status_code for _ in range(2)]
    assert codes == [302, 200]


def test_second_factor_remembers_a_code_as_long_as_it_is_good(signed_in: SignedIn, anna: Person):
    now = code(set_up(signed_in(anna)))
    _half_signed_in().post(f"{FACTORS}sign-in/", {"code": now})
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM tangente_cache WHERE cache_key LIKE '%%totp.used%%'", [])
        expires = datetime.fromisoformat(str(cursor.fetchone()[0])).replace(tzinfo=UTC)
    assert expires - timezone.now() > timedelta(seconds=80)


def test_second_factor_gives_way_to_a_recovery_code_once(signed_in: SignedIn, anna: Person):
    client = signed_in(anna)
    set_up(client)
    one = client.get(f"{FACTORS}codes/").context["unused_codes"][0]
    codes = [_half_signed_in().post(f"{FACTORS}sign-in/", {"code": one}).status_code for _ in range(2)]
    assert codes == [302, 200]
    assert one not in client.get(f"{FACTORS}codes/").context["unused_codes"]


def test_second_factor_cannot_be_guessed(signed_in: SignedIn, anna: Person):
    secret = set_up(signed_in(anna))
    client = _half_signed_in()
    for number in range(20):
        client.post(f"{FACTORS}sign-in/", {"code": "wrong"}, REMOTE_ADDR=f"198.51.100.{number}")
    right = client.post(f"{FACTORS}sign-in/", {"code": code(secret)}, REMOTE_ADDR="198.51.100.99")
    assert (right.status_code, client.get(FACTORS).status_code) == (200, 302)


def test_account_tells_its_person_what_happened(signed_in: SignedIn, anna: Person):
    client = signed_in(anna)
    set_up(client)
    confirm(client)
    client.post(f"{FACTORS}codes/new/")
    client.post(f"{FACTORS}app/remove/")
    Client().post("/account/sign-in/", {"login": "anna@example.org", "password": "wrong"})
    happened = [entry.action for entry in AuditEntry.objects.of_account(anna, address_mark(anna.email))]
    assert happened == ["sign_in.fail", "factor.remove", "sign_in"]
    assert not Authenticator.objects.exists()
