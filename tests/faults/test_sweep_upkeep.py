"""What removes rows or files, killed at every change it makes to the disk: old state or new, and a rerun completes it."""

import json
import shutil
import sys
from contextlib import suppress

import pyarrow as pa
import pytest

from tangente.contactlog.catalog import EVER
from tangente.contactlog.erasure import erase
from tangente.contactlog.identity import pseudonyms
from tangente.contactlog.store import open_log
from tangente.contactlog.undoing import undo
from tangente.contactlog.upkeep import expire
from tangente.contactlog.verification import verify
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import deliver
from tests.contactlog.searching import traces
from tests.faults.importing import AFTER, BEFORE, KEY, contact, import_new, orphans, prepare, restore, state
from tests.faults.injection import Plan, forked, installed
from tests.faults.test_sweep import CHANGES, KILLED

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="forks")]

BEN = ["c9", ""]


def with_ben(seen, *, anna=True):
    return {
        "contacts": sorted([*(seen["contacts"] if anna else []), BEN]),
        "ratings": seen["ratings"] if anna else [],
    }


OPERATIONS = {
    "undo": (lambda store: undo(store, "new"), with_ben(BEFORE)),
    "erase": (lambda store: erase(store, ["anna"]), with_ben(AFTER, anna=False)),
    "expire": (lambda store: expire(store, before=EVER), with_ben(AFTER)),
}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log of three imports, beside it a backup; only forked processes look at it."""
    folder = tmp_path_factory.mktemp("faults") / "log"

    def fill():
        prepare(folder)
        import_new(folder)
        with open_log(folder) as store:
            deliver(store, [contact(9, customer_id="ben")], import_id="ben")

    assert forked(fill) == 0
    shutil.copytree(folder, folder.with_name("backup"))
    return folder


def operate(log, operation, plan):
    with open_log(log) as store, installed(plan):
        operation(store)
    return json.dumps(plan.calls)


def completed(log, operation):
    """What a reader sees, what it sees after a rerun, and what is wrong then."""
    with open_log(log) as store:
        found = state(store)
        with suppress(ContactLogError):  # there is no such import any more
            operation(store)
        return json.dumps([found, state(store), orphans(store) + list(verify(store).faults)])


def holds(log, customer):
    """Whether some file below the folder holds the customer's pseudonym, as it stands or decoded."""
    pseudonym = pseudonyms(pa.array([customer]), KEY)[0].as_py()
    return traces(log, [pseudonym]) != set()


def some(calls):
    """The changes, thinned out but for the commit and what comes right after it."""
    changes = [(at, call) for at, call in enumerate(calls) if call in CHANGES]
    committed = calls.index("commit, after")
    return [(at, call) for place, (at, call) in enumerate(changes) if place % 6 == 0 or 0 <= at + 1 - committed <= 3]


def all_changes(calls):
    return [(at, call) for at, call in enumerate(calls) if call in CHANGES]


@pytest.mark.parametrize("chosen", [some, pytest.param(all_changes, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("name", OPERATIONS)
def test_kill_at_a_change_leaves_old_or_new_and_a_rerun_completes_it(log, name, chosen):
    operation, after = OPERATIONS[name]
    report = log.with_name("report")
    assert forked(lambda: operate(log, operation, Plan()), report) == 0
    for at, call in chosen(json.loads(report.read_text())):
        restore(log)
        assert forked(lambda at=at: operate(log, operation, Plan(at))) == KILLED, (at, call)
        assert forked(lambda: completed(log, operation), report) == 0, (at, call)
        found, rerun, wrong = json.loads(report.read_text())
        assert (found in (with_ben(AFTER), after), rerun, wrong) == (True, after, []), (at, call)
        assert holds(log, "anna") == (name != "erase"), (at, call)
    restore(log)
