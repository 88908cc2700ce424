"""An import that is run again is counted once; that it would be counted twice without its ids shows that these tests can fail."""

import numpy as np
import pytest

from tangente.contactlog.merging import NEW as IS_NEW
from tangente.contactlog.merging import StoredRows
from tangente.contactlog.store import LogStore, create_log
from tests.contactlog.deliveries import deliver
from tests.faults.importing import NEW, OLD, state

pytestmark = pytest.mark.slow


def rows_after_a_rerun(folder):
    """How many rows there are when an import was told that it failed, after its commit, and so is run again."""
    with create_log(folder, buckets=1) as store:
        for import_id, rows in (("old", OLD), ("new", NEW), ("new", NEW)):
            deliver(store, *rows, import_id=import_id)
        return {table: len(rows) for table, rows in state(store).items()}


def forget_imports(monkeypatch):
    monkeypatch.setattr(LogStore, "imports", lambda store, name: {})


def forget_rows(monkeypatch):
    monkeypatch.setattr(StoredRows, "compare", lambda stored, part, rows, *_: np.full(rows.num_rows, IS_NEW))


@pytest.mark.parametrize(
    ("guards_off", "contacts"),
    [
        pytest.param((), 3, id="as it is"),
        pytest.param((forget_imports,), 3, id="rows are known even where the import is not"),
        pytest.param((forget_rows,), 5, id="an import is known even where its rows are not"),
        pytest.param((forget_imports, forget_rows), 8, id="without both, all is counted twice"),
    ],
)
def test_import_run_again_counts_once(tmp_path, monkeypatch, guards_off, contacts):
    for guard_off in guards_off:
        guard_off(monkeypatch)
    assert rows_after_a_rerun(tmp_path / "log")["contacts"] == contacts
