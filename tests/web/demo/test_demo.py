"""`tangente demo`: a data folder with a company to look around in, made once, opened as often as one likes."""

import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.web.serving.processes import COMMAND, Server, alive, below, environment, run, until

pytestmark = pytest.mark.slow

MADE = ("demo", "--contacts", "3000", "--no-serve", "--data")


def told(output: str) -> list[str]:
    """What is for a person, without the log of the server."""
    return [line for line in output.splitlines() if not line.startswith("{")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("demo") / "data"
    done = run(*MADE, str(data))
    assert (done.returncode, told(done.stderr)[-1:]) == (0, ["Analysing"]), done.stderr
    return data


def asked(data: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "tangente.sqlite3")) as connection:
        return connection.execute(question).fetchall()


def content(data: Path) -> dict[str, str]:
    """All that is kept, but for SQLite's own notes."""
    files = [path for name in ("log", "inventory") for path in (data / name).rglob("*") if path.is_file()]
    tables = [name for (name,) in asked(data, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {str(name): repr(asked(data, f'SELECT * FROM "{name}"')) for name in tables}  # noqa: S608
    return rows | {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def test_demo_makes_a_company_that_is_answered_for(demo: Path):
    assert asked(demo, "SELECT slug, is_demo FROM tangente_workspace") == [("morgennetz", 1)]
    assert asked(demo, "SELECT count(*) FROM tangente_membership WHERE role = 'manager'") == [(1,)]
    assert asked(demo, "SELECT language FROM tangente_answer ORDER BY language") == [("de",), ("en",)]
    assert asked(demo, "SELECT count(*) FROM tangente_person WHERE password NOT LIKE '!%'") == [(0,)]


def test_demo_changes_nothing_the_second_time(demo: Path):
    before = content(demo)
    done = run(*MADE, str(demo))
    assert (done.returncode, told(done.stderr), content(demo)) == (0, [], before)


def test_demo_that_was_stopped_goes_on(tmp_path: Path):
    data = tmp_path / "data"
    making = subprocess.Popen([*COMMAND, *MADE, str(data)], env=environment(), stderr=subprocess.DEVNULL)
    assert until(lambda: any(data.glob("cache/demo-*")))
    children = below(making.pid)
    making.send_signal(signal.SIGINT)
    assert (making.wait(20), [pid for pid in children if alive(pid)]) == (130, [])
    assert run(*MADE, str(data)).returncode == 0
    assert list(data.glob("cache/demo-*")) == []
    assert asked(data, "SELECT count(*) FROM tangente_answer") == [(2,)]


@pytest.fixture
def served(demo: Path) -> Iterator[Server]:
    server = Server.start(demo, command="demo")
    yield server
    server.stop()


def requested(server: Server, method: str, path: str, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_demo_tells_an_address_that_opens_it(served: Server):
    assert until(lambda: "/demo/" in served.said())
    path = re.findall(rf"http://127.0.0.1:{served.port}(/demo/\S+/)", served.said())[0]
    assert requested(served, "GET", path) == 200
    assert requested(served, "GET", path, Via="1.1 proxy") == 404
    assert requested(served, "GET", path, Host="tangente.example.org") == 400


def test_demo_ends_by_one_signal(served: Server):
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(10) == 0
    assert (told(served.logged()), list(served.data.glob("demo-entrance"))) == ([], [])


def test_server_of_a_demo_tells_no_address(demo: Path):
    (demo / "demo-entrance").write_text("left by a killed process")
    server = Server.start(demo)
    try:
        assert ("/demo/" in server.said(), (demo / "demo-entrance").exists()) == (False, False)
    finally:
        server.stop()
