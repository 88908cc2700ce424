"""A data folder that is full: a sentence for whoever writes, pages for whoever reads, and room is all it takes."""

import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.web.factories import PASSWORD
from tests.web.serving.conftest import Serve
from tests.web.serving.processes import Server, below
from tests.web.serving.visits import Answer, Visitor

pytestmark = pytest.mark.slow

PAGES = ("/w/morgennetz/", "/w/morgennetz/people/", "/w/morgennetz/jobs/", "/w/morgennetz/audit/", "/ready")
MANY = 40


@pytest.fixture
def small_disk(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder that is a disk of 12 MB."""
    disk = tmp_path / "small"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount one")
    shutil.copytree(prepared, disk, dirs_exist_ok=True)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def new_department(visitor: Visitor, name: str) -> int:
    return visitor.post("/w/morgennetz/departments/new/", name=name).status


def sign_in(server: Server) -> Answer:
    """Somebody else, whose attempt is to be counted."""
    visitor = Visitor(server)
    visitor.get("/account/sign-in/")
    return visitor.post("/account/sign-in/", login="b@example.org", password=PASSWORD)


def departments(server: Server) -> int:
    with closing(sqlite3.connect(server.data / "tangente.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(connection.execute("SELECT count(*) FROM tangente_department").fetchone()[0])


def check(server: Server, make_full: Callable[[], None], make_room: Callable[[], None]) -> None:
    """What holds however the disk became full."""
    visitor = Visitor.who_sets_up(server)
    make_full()
    statuses = [new_department(visitor, f"{number} {'x' * 100}") for number in range(MANY)]
    full = visitor.post("/w/morgennetz/departments/new/", name="One more")
    assert (full.status, "The disk of the server is full" in full.text) == (507, True)
    assert set(statuses) <= {302, 507}
    assert sign_in(server).status == 507
    assert [visitor.get(page).status for page in PAGES] == [200] * len(PAGES)
    assert departments(server) == statuses.count(302)
    make_room()
    assert new_department(visitor, "Service") == 302
    assert "process ended" not in server.logged()


def test_full_disk_refuses_writers_and_serves_readers(small_disk: Path, serve: Serve):
    filler = small_disk / "filler"

    def fill() -> None:
        space = os.statvfs(small_disk)
        filler.write_bytes(bytes(space.f_bavail * space.f_frsize))

    check(serve(small_disk), fill, filler.unlink)


def test_files_that_may_not_grow_refuse_writers_and_serve_readers(data: Path, serve: Serve):
    server = serve(data)

    def limit(size: int) -> None:
        for process in below(server.process.pid):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    check(server, lambda: limit(200_000), lambda: limit(resource.RLIM_INFINITY))
