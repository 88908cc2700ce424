"""`tangente serve`: up with one command, never down by itself, gone when told."""

import os
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tangente.web.people import first
from tests.web.serving.conftest import Serve
from tests.web.serving.processes import alive, below, free_port, run, until

pytestmark = pytest.mark.slow

JOB = """
    INSERT INTO tangente_job (
        name, language, arguments, state, result, about, key, step, reason, done, total, attempts, fence, heartbeats,
        created_at, due_at
    ) VALUES ('none of ours', 'en', '{}', 'waiting', '{}', '', '', '', '', 0, 0, 0, 0, 0, '2026-01-01', '2026-01-01')
"""


def test_serve_begins_with_an_empty_folder(prepared: Path):
    said = (prepared.parent / "data.out").read_text()
    secret = (prepared / first.FILE).read_text()
    assert said.splitlines()[1].endswith(f"/start/{secret}/")
    assert prepared.stat().st_mode & 0o077 == 0


def test_serve_answers_and_becomes_ready(data: Path, serve: Serve):
    server = serve(data)
    assert server.status("/health") == 200
    assert until(lambda: server.status("/ready") == 200)
    assert server.status(f"/start/{(data / first.FILE).read_text()}/") == 200


def test_serve_stops_within_five_seconds_and_leaves_no_process(data: Path, serve: Serve):
    server = serve(data)
    children = below(server.process.pid)
    assert server.stop() < 5
    assert server.process.returncode == 0
    assert [pid for pid in children if alive(pid)] == []


def test_serve_starts_a_killed_web_process_again(data: Path, serve: Serve):
    server = serve(data)
    before = server.part("web")
    os.kill(before, signal.SIGKILL)
    assert until(lambda: server.part("web") != before and server.status("/health") == 200)


def test_serve_starts_web_again_if_only_the_process_that_answers_is_killed(data: Path, serve: Serve):
    server = serve(data)
    before = server.part("web")
    os.kill(below(before)[0], signal.SIGKILL)
    assert until(lambda: server.part("web") != before and server.status("/health") == 200)


def test_serve_replaces_a_worker_that_holds_much_memory(data: Path, serve: Serve):
    server = serve(data, TANGENTE_WORKER_MIB="1")
    before = server.part("worker")
    with closing(sqlite3.connect(data / "tangente.sqlite3")) as connection, connection:
        connection.execute(JOB)
    assert until(lambda: server.part("worker") != before)
    with closing(sqlite3.connect(data / "tangente.sqlite3")) as connection:
        assert connection.execute("SELECT state, attempts FROM tangente_job").fetchall() == [("failed", 1)]
    assert "process ended" not in server.logged()


def test_no_process_outlives_a_killed_serve(data: Path, serve: Serve):
    server = serve(data)
    children = below(server.process.pid)
    server.process.kill()
    assert children
    assert until(lambda: not any(map(alive, children)), seconds=5)


def test_serve_refuses_a_folder_that_is_served(data: Path, serve: Serve):
    server = serve(data)
    second = run("serve", "--data", str(data))
    assert (second.returncode, second.stderr) == (
        2,
        f"{data} is served already; stop that, or give another folder with --data\n",
    )
    assert server.status("/health") == 200


def test_serve_refuses_a_port_in_use(data: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = run("serve", "--data", str(data), "--port", str(port))
    assert (said.returncode, said.stderr) == (
        2,
        f"127.0.0.1:{port} cannot be listened at (Address already in use); give another --port\n",
    )


def test_serve_refuses_a_database_of_a_newer_tangente(data: Path):
    with closing(sqlite3.connect(data / "tangente.sqlite3")) as connection, connection:
        connection.execute("UPDATE django_migrations SET name = '9999_later' WHERE name = '0001_people'")
    said = run("serve", "--data", str(data), "--port", str(free_port()))
    assert (said.returncode, said.stderr.splitlines()[-2].partition(";")[0]) == (
        2,
        "The database was used by a newer Tangente (9999_later)",
    )
