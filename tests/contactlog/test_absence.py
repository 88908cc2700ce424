"""What a log surely does not hold is told from what is ready; data files that hold nothing of an import stay unread."""

import shutil
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.contactlog import ready
from tangente.contactlog.absence import ready_rows
from tangente.contactlog.files import RecordError
from tangente.contactlog.histories import load
from tangente.contactlog.imports import Added
from tangente.contactlog.store import READY, create_log
from tangente.contactlog.testing import START
from tests.contactlog.deliveries import CONTACT, deliver
from tests.contactlog.strategies import examples


def contact(customer, number):
    return CONTACT | {
        "customer_id": customer,
        "contact_id": str(number),
        "occurred_at": START + timedelta(hours=number),
    }


def deliveries():
    rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), min_size=1, max_size=6, unique=True)
    return st.lists(st.tuples(rows, st.booleans()), min_size=2, max_size=4)


@pytest.mark.slow
@settings(examples, max_examples=10)
@given(deliveries(), st.sampled_from([0, 1_000_000]))
def test_rows_are_known_whatever_was_made_ready_between(tmp_path_factory, parts, most_changed):
    seen = set()
    with pytest.MonkeyPatch.context() as patch, create_log(tmp_path_factory.mktemp("l") / "log", buckets=1) as store:
        patch.setattr(ready, "MOST_CHANGED", most_changed)
        for number, (keys, is_asked) in enumerate(parts):
            added = deliver(store, [contact(*key) for key in keys], import_id=str(number))["contacts"]
            assert added == Added(new=len({*keys} - seen), known=len({*keys} & seen))
            seen |= {*keys}
            if is_asked:
                store.log()


def garbled(store):
    """Data files of which nothing can be read."""
    for path in (store.folder / "contacts/data").rglob("*.parquet"):
        path.write_bytes(b"garbled")


@pytest.fixture
def asked(store):
    deliver(store, [contact(name, 1) for name in "abcdefgh"], import_id="may")
    store.log()
    return store


def test_files_that_hold_nothing_of_an_import_stay_unread(asked):
    garbled(asked)
    rows = [contact("a", 2), contact("new", 1)]
    assert deliver(asked, rows, import_id="june")["contacts"] == Added(new=2)
    asked.log()


def test_files_that_hold_a_row_of_an_import_are_read(asked):
    garbled(asked)
    with pytest.raises(RecordError):
        deliver(asked, [contact("a", 1)], import_id="june")


@pytest.mark.parametrize("file", ["contacts.arrow", "people.arrow", "files.json"])
def test_files_are_read_if_what_is_ready_is_damaged(asked, file):
    garbled(asked)
    for path in (asked.folder / READY).rglob(file):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(RecordError):
        deliver(asked, [contact("a", 2)], import_id="june")


def test_files_are_read_if_the_keys_of_what_is_ready_are_damaged(asked):
    filled = [path for path in (asked.folder / READY).rglob("contacts.arrow") if load(path.parent).customers]
    for path in filled:
        ids = load(path.parent).contacts["id"].tobytes()
        path.write_bytes(path.read_bytes().replace(ids, bytes(len(ids))))
    numbers = [int(path.parent.name.partition("-")[0]) for path in filled]
    assert {ready_rows(asked.folder / READY, number, "contacts") for number in numbers} == {None}


def test_files_are_read_if_nothing_is_ready(asked):
    shutil.rmtree(asked.folder / READY)
    assert ready_rows(asked.folder / READY, 0, "contacts") is None
    assert deliver(asked, [contact("a", 1), contact("a", 2)], import_id="june")["contacts"] == Added(new=1, known=1)


def test_ready_rows_may_vanish_while_they_are_looked_up(asked):
    for path in (asked.folder / READY).rglob("people.arrow"):
        path.unlink()
    assert ready_rows(asked.folder / READY, 0, "contacts") is None
