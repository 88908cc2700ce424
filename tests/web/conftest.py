"""What tests of the application share."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from tangente.web.people.models import Person

SignedIn = Callable[[Person], Client]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The table that throttles count in is no model."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("createcachetable", verbosity=0)


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser in which a person has signed in."""

    def client_of(person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of
