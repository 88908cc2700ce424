"""What really reaches the disk, seen by strace: the order of syncs and the commit, and faults inside SQLite."""

import json
import os
import shutil
import sys
from collections import Counter

import pytest

from tangente.contactlog.schema import RECORD
from tests.faults.importing import AFTER, BEFORE, completed, import_new, prepare, restore
from tests.faults.injection import forked
from tests.faults.tracing import calls, traced, unsynced

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux" or not shutil.which("strace"), reason="needs strace"),
]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults") / "log"
    assert forked(lambda: prepare(folder)) == 0
    shutil.copytree(folder, folder.with_name("backup"))
    return folder


def missing_syncs(log, task):
    """What the commit of the task did not wait for, and how many system calls of each kind it made."""
    trace = log.with_name("trace")
    assert traced(task, trace) == 0
    made = list(calls(trace))
    restore(log)
    found = unsynced(made, [log / name for name in RECORD], log / "catalog.db-journal")
    return found, Counter(call.name for call in made)


def test_every_file_and_folder_is_on_disk_before_the_commit(log):
    found, counts = missing_syncs(log, lambda: import_new(log))
    assert found == []
    assert min(counts[name] for name in ("openat", "write", "fsync", "fdatasync", "unlink")) > 0


def test_trace_shows_where_syncs_are_missing(log):
    def careless():
        os.fsync = lambda handle: None
        import_new(log)

    found, _ = missing_syncs(log, careless)
    assert {line.split(": ")[1].split(" ")[0] for line in found} == {"content", "name"}


EVERYWHERE = ["openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "unlinkat", "close"]


@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO", "error=ENOSPC"])
@pytest.mark.parametrize("call", [pytest.param(call, marks=pytest.mark.exhaustive) for call in EVERYWHERE])
def test_fault_at_any_system_call_leaves_old_or_new(log, call, fault):
    sweep(log, call, fault)


@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO"])
def test_fault_at_a_sync_of_sqlite_leaves_old_or_new(log, fault):
    sweep(log, "fdatasync", fault)


def sweep(log, call, fault):
    """The import with the fault at the first, second … such call, until there is none left to fail."""
    trace, report = log.with_name("trace"), log.with_name("found")
    for number in range(1, 1000):
        traced(lambda: import_new(log), trace, ["-e", f"inject={call}:{fault}:when={number}"])
        assert forked(lambda: completed(log), report) == 0
        found, rerun, left = json.loads(report.read_text())
        assert (found in (BEFORE, AFTER), rerun, left) == (True, AFTER, []), number
        restore(log)
        if "(INJECTED)" not in trace.read_text() and "killed by SIGKILL" not in trace.read_text():
            return
    pytest.fail("the sweep did not come to its end")
