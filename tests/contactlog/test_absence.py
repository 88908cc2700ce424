"""What a log surely does not hold is told from what is ready; data files that hold nothing of an import stay unread."""

import shutil
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.contactlog import ready
from tangente.contactlog.absence import ready_rows
from tangente.contactlog.bucket_files import load
from tangente.contactlog.damage import RecordError
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


def lose(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def cut(path):
    """Only half of a file, or of what lies in a folder, is left; who has it open sees it whole."""
    if path.is_dir():
        for half in sorted(path.iterdir())[::2]:
            lose(half)
    else:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content[: len(content) // 2])


@pytest.mark.slow
@settings(examples, max_examples=6)
@given(deliveries(), st.lists(st.tuples(st.sampled_from([lose, cut]), st.integers(0, 20)), min_size=4, max_size=4))
def test_rows_are_known_whatever_became_of_what_was_ready(tmp_path_factory, parts, harms):
    seen = set()
    with pytest.MonkeyPatch.context() as patch, create_log(tmp_path_factory.mktemp("l") / "log", buckets=1) as store:
        patch.setattr(ready, "MOST_CHANGED", 0)
        for number, ((keys, _), (harm, place)) in enumerate(zip(parts, harms, strict=False)):
            added = deliver(store, [contact(*key) for key in keys], import_id=str(number))["contacts"]
            assert added == Added(new=len({*keys} - seen), known=len({*keys} & seen))
            seen |= {*keys}
            assert store.log().bucket(0).rows == len(seen)
            paths = sorted((store.folder / READY).rglob("*"))
            harm(paths[place % len(paths)])


@pytest.fixture
def grown(tmp_path, monkeypatch):
    """A log of one bucket, of which some histories lie apart."""
    monkeypatch.setattr(ready, "MOST_CHANGED", 0)
    with create_log(tmp_path / "grown", buckets=1) as store:
        for number in (1, 2):
            deliver(store, [contact(name, number) for name in ("a", f"new {number}")], import_id=str(number))
            store.log()
        yield store


@pytest.mark.parametrize("harm", [lose, cut])
@pytest.mark.parametrize("lost", ["changed", "changed/contacts.arrow", "changed/people.arrow", "sha256sums"])
def test_rows_that_lay_apart_are_known_when_they_are_gone(grown, lost, harm):
    (path,) = (grown.folder / READY).glob(f"0*/{lost}")
    harm(path)
    rows = [contact("a", 2), contact("new 2", 2)]
    assert deliver(grown, rows, import_id="again")["contacts"] == Added(known=2)


def test_what_lay_apart_is_made_anew_when_it_is_gone(grown):
    (path,) = (grown.folder / READY).glob("0*/changed")
    lose(path)
    assert grown.log().bucket(0).rows == 4


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
