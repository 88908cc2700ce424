"""What tests of the application share."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from tangente.web.people.models import Person

SignedIn = Callable[[Person], Client]

audit_guard = import_module("tangente.web.migrations.0003_audit_guard")


def unguard() -> None:
    """Let the database change the audit log."""
    with connection.cursor() as cursor:
        for statement in audit_guard.UNGUARD[connection.vendor]:
            cursor.execute(statement)


def _empty(flush: Callable[[Sequence[str]], None], statements: Sequence[str]) -> None:
    """Django empties the tables after tests that commit, which the audit log refuses."""
    unguard()
    flush(statements)
    with connection.cursor() as cursor:
        for statement in audit_guard.GUARD[connection.vendor]:
            cursor.execute(statement)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The table that throttles count in is no model."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("createcachetable", verbosity=0)
    connection.ops.execute_sql_flush = partial(_empty, connection.ops.execute_sql_flush)


@pytest.fixture
def signed_in() -> SignedIn:
    """A browser in which a person has signed in."""

    def client_of(person: Person) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of
