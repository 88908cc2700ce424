"""A disk that is full, and files that may not grow: one sentence, the log as it was, and no restart needed afterwards."""

import json
import os
import resource
import shutil
import subprocess

import pytest

from tangente.contactlog.store import open_log
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import deliver, stored_rows
from tests.faults.importing import BEFORE, contact, prepare, restore, state
from tests.faults.injection import forked

pytestmark = pytest.mark.slow

ROWS = 20_000
KIB = 1024


def import_many(folder):
    with open_log(folder) as store:
        deliver(store, [contact(k, customer_id=f"k{k}") for k in range(10, ROWS + 10)], import_id="many")


def told(folder):
    """What the import says, and what a reader sees then."""
    try:
        import_many(folder)
    except ContactLogError as error:
        with open_log(folder) as store:
            return json.dumps([str(error), state(store)])
    return json.dumps(["", {}])


def count(folder):
    with open_log(folder) as store:
        return len(stored_rows(store, "contacts"))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults") / "log"
    assert forked(lambda: prepare(folder)) == 0
    shutil.copytree(folder, folder.with_name("backup"))
    return folder


@pytest.mark.parametrize("limit", [4 * KIB, 40 * KIB, 400 * KIB])
def test_file_size_limit_is_told_and_leaves_the_log_as_it_was(log, limit):
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        return told(log)

    report = log.with_name("told")
    assert forked(limited, report) == 0
    restore(log)
    sentence, seen = json.loads(report.read_text())
    assert (sentence.startswith(f"{log} cannot be written: "), seen) == (True, BEFORE)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("free", [0, 16 * KIB, 100 * KIB, 1000 * KIB])
def test_full_disk_is_told_and_space_is_all_it_takes(small_disk, free):
    log, filler, report = small_disk / "log", small_disk / "filler", small_disk.with_name("told")
    assert forked(lambda: prepare(log)) == 0
    space = os.statvfs(small_disk)
    filler.write_bytes(bytes(max(space.f_bavail * space.f_frsize - free, 0)))
    assert forked(lambda: told(log), report) == 0
    sentence, seen = json.loads(report.read_text())
    assert ("No space left on device" in sentence or "full" in sentence, seen) == (True, BEFORE)
    filler.unlink()
    assert forked(lambda: (import_many(log), count(log))[1], report) == 0
    assert report.read_text() == str(ROWS + 2)
