"""At every write, sync, close, rename and commit of one import: kill the process there, or let the call fail.

Whatever happens, a reader sees the log before the import or after it, and the same import again completes it exactly once
and leaves no file behind.
"""

import json
import shutil
import sys
from collections import Counter

import pytest

from tangente.errors import ContactLogError
from tests.faults.importing import AFTER, BEFORE, completed, import_new, prepare, restore
from tests.faults.injection import Plan, forked, installed

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="forks")]

KILLED = -9


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log of one import, beside it a backup; only forked processes look at it."""
    folder = tmp_path_factory.mktemp("faults") / "log"
    assert forked(lambda: prepare(folder)) == 0
    shutil.copytree(folder, folder.with_name("backup"))
    return folder


@pytest.fixture(scope="module")
def calls(log):
    """What the import calls, in its order."""

    def record():
        with installed(Plan()) as plan:
            import_new(log)
        return json.dumps(plan.calls)

    report = log.with_name("calls")
    assert forked(record, report) == 0
    restore(log)
    return json.loads(report.read_text())


def test_sweep_reaches_every_kind_of_call(calls):
    counts = Counter(calls)
    assert counts["commit, before"] == counts["commit, after"] == 1
    assert min(counts[name] for name in ("write", "fsync", "close")) >= 5


CHANGES = {"write", "replace", "rename", "unlink", "commit, before", "commit, after"}
"""Before and after any other call the disk holds the same, so a kill there adds nothing."""

FAILS = CHANGES | {"fsync"}

all_calls = pytest.param(None, marks=pytest.mark.exhaustive, id="every call")


@pytest.mark.parametrize("kinds", [pytest.param(CHANGES, id="changes"), all_calls])
def test_kill_at_any_call_leaves_old_or_new_and_a_rerun_completes_it(log, calls, kinds):
    report = log.with_name("found")
    for at, call in chosen(calls, kinds):
        assert forked(lambda at=at: interrupted(log, Plan(at))) == KILLED, (at, call)
        assert forked(lambda: completed(log), report) == 0, (at, call)
        expected = AFTER if calls[: at + 1].count("commit, after") else BEFORE
        assert json.loads(report.read_text()) == [expected, AFTER, []], (at, call)
        restore(log)


def chosen(calls, kinds):
    return [(at, call) for at, call in enumerate(calls) if kinds is None or call in kinds]


def interrupted(log, plan):
    with installed(plan):
        import_new(log)


@pytest.mark.parametrize("kinds", [pytest.param(FAILS, id="changes and syncs"), all_calls])
def test_error_at_any_call_leaves_old_or_new_and_a_rerun_completes_it(log, calls, kinds):
    report = log.with_name("found")
    assert forked(lambda: errors_at(log, chosen(calls, kinds)), report) == 0
    assert json.loads(report.read_text()) == []


def errors_at(log, calls):
    """Where something else happened than should."""
    wrong = []
    for at, call in calls:
        told = refusal(log, Plan(at, errors=True))
        found, rerun, left = json.loads(completed(log))
        if found not in ([BEFORE, AFTER] if told else [AFTER]) or rerun != AFTER or left:
            wrong.append([at, call, told, found, rerun, left])
        restore(log)
    return json.dumps(wrong)


def refusal(log, plan):
    """With which sentence the import ended; "" if it went through, since the call did not matter."""
    try:
        interrupted(log, plan)
    except ContactLogError as error:
        return str(error)
    return ""
