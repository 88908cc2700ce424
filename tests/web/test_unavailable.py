"""Exceptions that are no fault of the program, wherever in a request they come up, are told as what they are."""

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection
from django.test import Client

from tangente.contactlog.store import create_log
from tangente.web.people.models import Person
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
    def fails(*_told: object, **_more: object) -> object:
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


@pytest.fixture
def damaged(client: Client) -> Iterator[Path]:
    """The catalog of the workspace's log, of which only a part is left."""
    folder = Path(settings.LOGS, "here")
    create_log(folder, buckets=1).close()
    (folder / "catalog.db").write_bytes(b"SQLite format 3")
    yield folder / "catalog.db"
    shutil.rmtree(folder)


@pytest.mark.parametrize("page", ["", "data/"])
def test_answer_names_a_damaged_log_and_the_way_out(
    client: Client, damaged: Path, caplog: pytest.LogCaptureFixture, page: str
):
    answer = client.get(f"/w/here/{page}", headers={"accept-language": "en"})
    said = answer.content.decode()
    assert answer.status_code == 503
    assert [word in said for word in ("catalog.db is damaged", "log/here", "tangente doctor", "tangente restore")] == [
        True
    ] * 4
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [(one["event"], one["workspace"]) for one in told] == [("contact log damaged", "here")]


def test_damaged_log_leaves_other_workspaces_and_pages_alone(client: Client, damaged: Path):
    make_member(make_workspace(slug="there"), Role.OWNER, person=Person.objects.get())
    pages = (
        "/w/here/people/",
        "/w/here/jobs/",
        "/w/here/audit/",
        "/w/here/find/?q=p",
        "/w/there/",
        "/w/there/data/",
        "/health",
    )
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)


def test_log_that_is_written_to_for_long_is_told_as_busy(
    client: Client, damaged: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sqlite3.connect", failing(sqlite3.OperationalError("database is locked"), "SQLITE_BUSY"))
    assert client.get("/w/here/").status_code == 503


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
