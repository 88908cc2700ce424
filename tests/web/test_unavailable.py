"""Exceptions that are no fault of the program, wherever in a request they come up, are told as what they are."""

import errno
import sqlite3
from collections.abc import Callable

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client

from tangente.web.people.roles import Role
from tangente.web.unavailable import is_full
from tests.web.conftest import SignedIn
from tests.web.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


def cause(code: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorname = code
    return error


def failing(error: Exception, code: str) -> Callable[..., object]:
    def fails(*_told: object) -> object:
        raise error from cause(code)

    return fails


@pytest.fixture
def client(signed_in: SignedIn) -> Client:
    client = signed_in(make_member(make_workspace(slug="here"), Role.OWNER).person)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("error", "code", "status", "retry", "title"),
    [
        (OperationalError("locked"), "SQLITE_BUSY", 503, "5", "Die Datenbank ist belegt"),
        (OperationalError("full"), "SQLITE_FULL", 507, None, "Die Platte des Servers ist voll"),
        (OperationalError("i/o"), "SQLITE_IOERR_WRITE", 507, None, "Die Platte des Servers ist voll"),
        (OSError(errno.ENOSPC, "full"), "", 507, None, "Die Platte des Servers ist voll"),
        (IntegrityError("ours"), "SQLITE_CONSTRAINT", 500, None, "Hier ist etwas kaputt"),
    ],
)
def test_answer_says_what_it_was(
    client: Client, error: Exception, code: str, status: int, retry: str | None, title: str
):
    with connection.execute_wrapper(failing(error, code)):
        answer = client.get("/w/here/people/", headers={"accept-language": "de"})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry)
    assert f"<h1>{title}</h1>" in answer.content.decode()


def test_answer_is_in_english_too(client: Client):
    with connection.execute_wrapper(failing(OperationalError("locked"), "SQLITE_BUSY")):
        answer = client.get("/w/here/people/", headers={"accept-language": "en"})
    assert "<h1>The database is busy</h1>" in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, False),
        (OSError(errno.EACCES, "no"), False),
        (OSError(errno.EDQUOT, "quota"), True),
        (OSError(errno.EFBIG, "limit"), True),
    ],
)
def test_is_full_tells_a_full_disk_from_others(error: BaseException | None, expected: bool):
    assert is_full(error) == expected


def test_is_full_knows_the_code_of_postgres():
    error = OperationalError("could not extend file")
    error.sqlstate = "53100"  # type: ignore[attr-defined]
    assert is_full(error)
