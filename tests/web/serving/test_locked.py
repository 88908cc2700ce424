"""A database that somebody else holds: writers wait, then are told to come again; readers notice nothing."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.web.factories import PASSWORD
from tests.web.serving.conftest import Serve
from tests.web.serving.processes import Server
from tests.web.serving.visits import Answer, Visitor

pytestmark = pytest.mark.slow

PATIENCE_S = 10  # of SQLite, in settings.py
WRITERS = 6


@pytest.fixture
def server(data: Path, serve: Serve) -> Server:
    return serve(data)


@pytest.fixture
def visitor(server: Server) -> Visitor:
    return Visitor.who_sets_up(server)


@pytest.fixture
def lock(server: Server, visitor: Visitor) -> Iterator[sqlite3.Connection]:
    """Holds the database until it is rolled back."""
    with closing(sqlite3.connect(server.data / "tangente.sqlite3", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def new_department(visitor: Visitor, name: str) -> Answer:
    return visitor.post("/w/morgennetz/departments/new/", name=name)


def names(server: Server) -> list[str]:
    with closing(sqlite3.connect(server.data / "tangente.sqlite3")) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM tangente_department ORDER BY name")]


def test_writers_are_told_to_come_again_while_readers_read(server: Server, visitor: Visitor, lock: sqlite3.Connection):
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(new_department, visitor, f"Number {number}") for number in range(WRITERS)]
        reading = [visitor.get(f"/w/morgennetz/{page}") for page in ("people/", "jobs/", "", "audit/")]
        written = [one.result() for one in writing]
    assert [answer.status for answer in reading] == [200] * 4
    assert max(answer.seconds for answer in reading) < PATIENCE_S / 2
    assert [(answer.status, answer.headers["Retry-After"]) for answer in written] == [(503, "5")] * WRITERS
    assert min(answer.seconds for answer in written) > PATIENCE_S / 2
    lock.execute("ROLLBACK")
    assert names(server) == []
    assert new_department(visitor, "Service").status == 302
    assert names(server) == ["Service"]


def test_sign_in_is_asked_to_come_again(server: Server, lock: sqlite3.Connection):
    visitor = Visitor(server)
    visitor.get("/account/sign-in/")
    assert visitor.post("/account/sign-in/", login="b@example.org", password=PASSWORD).status == 503


def test_writer_waits_for_a_short_lock(server: Server, visitor: Visitor, lock: sqlite3.Connection):
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(new_department, visitor, "Service")
        visitor.get("/w/morgennetz/people/")
        assert not writing.done()
        lock.execute("ROLLBACK")
        assert writing.result().status == 302
    assert names(server) == ["Service"]
