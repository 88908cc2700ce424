from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from tangente.contactlog.catalog import BEGINNING, EVER
from tangente.contactlog.erasure import held
from tangente.contactlog.files import SyncedFileIO
from tangente.contactlog.schema import RECORD
from tangente.contactlog.sql import query
from tangente.contactlog.store import Change, files_of, open_log
from tangente.contactlog.testing import START
from tangente.contactlog.upkeep import SPARE_FILES, Upkeep, compact, expire, scattered
from tangente.errors import ContactLogError
from tests.contactlog.copies import keep, put_back
from tests.contactlog.deliveries import CONTACT, RATING, deliver, stored_rows
from tests.contactlog.questions import QUESTIONS

pytestmark = pytest.mark.slow


def imports(store, count):
    """As many imports of some customers; each but the first changes a row of the one before."""
    for number in range(count):
        contacts = [
            CONTACT
            | {"customer_id": f"k{k}", "contact_id": f"c{number}", "occurred_at": START + timedelta(hours=number)}
            for k in range(12)
        ]
        changed = [CONTACT | {"customer_id": "k1", "contact_id": f"c{number - 1}", "touchpoint": f"t{number}"}]
        deliver(
            store, contacts + changed * (number > 0), [RATING | {"customer_id": f"k{number}"}], import_id=f"i{number}"
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs") / "log"
    return keep(folder, lambda store: imports(store, SPARE_FILES + 2), buckets=2)


@pytest.fixture
def many(place):
    """A log with more files than it needs."""
    with put_back(place) as store:
        yield store


def answers(store):
    return {name: ask(store.log()) for name, ask in QUESTIONS.items()}


def record(store):
    return {name: sorted(map(repr, stored_rows(store, name))) for name in RECORD}


def test_compact_merges_files_and_changes_no_row_and_no_answer(many):
    before = record(many), answers(many)
    done = compact(many, before=BEGINNING)
    assert (record(many), answers(many)) == before
    assert done.merged > done.into > 0
    assert max(len(files) for name in RECORD for files in many.data_files(name)) <= SPARE_FILES + 1


def test_compact_has_nothing_to_do_the_second_time(many):
    compact(many, before=EVER)
    assert compact(many, before=EVER) == Upkeep(0, 0, 0, 0)
    assert [scattered(many, name) for name in RECORD] == [[], [], [], []]


def test_compact_leaves_a_log_of_few_files_alone(store):
    imports(store, 3)
    places = store.catalog.places()
    assert compact(store, before=BEGINNING) == Upkeep(0, 0, 0, 0)
    assert store.catalog.places() == places


def test_readers_of_an_earlier_state_can_go_on(many):
    with open_log(many.folder) as reader:
        table = reader.table("contacts")
        compact(many, before=BEGINNING)
        assert len(table.scan().to_arrow()) == len(stored_rows(many, "contacts"))


READERS = {
    "log": lambda store: sum(bucket.customers for bucket in store.log().stored),
    "files": lambda store: sum(file.record_count for file in chain(*store.data_files("contacts"))),
    "imports": lambda store: store.imports("contacts"),
    "held": lambda store: held(store, ["k1"]),
    "sql": lambda store: query(store, "SELECT count(*) FROM contacts").read_all(),
}


@pytest.mark.parametrize("moment", [".json", ".avro", "m0.avro"])
@pytest.mark.parametrize("reader", READERS)
def test_reader_whose_files_are_removed_meanwhile_looks_again(store, monkeypatch, reader, moment):
    imports(store, 2)
    expected, read, meanwhile = READERS[reader](store), SyncedFileIO.new_input, [compact]

    def overtaken(files, location):
        if location.endswith(moment) and meanwhile:
            meanwhile.pop()(store, before=EVER)
        return read(files, location)

    monkeypatch.setattr("tangente.contactlog.upkeep.SPARE_FILES", 0)
    monkeypatch.setattr(SyncedFileIO, "new_input", overtaken)
    assert READERS[reader](store) == expected


@pytest.mark.parametrize("lost", ["contacts/metadata/*.json", "contacts/data/*/*.parquet"])
def test_reader_is_told_of_a_file_that_is_lost(store, lost):
    imports(store, 1)
    for path in store.folder.glob(lost):
        path.unlink()
    with pytest.raises(ContactLogError, match="is missing or not as it was written"):
        store.log()


def test_expire_leaves_the_files_of_the_current_state_only(many):
    before = record(many)
    removed = expire(many, before=EVER)
    needed = {
        path
        for table in many.catalog.tables().values()
        for path in (*(task.file.file_path for task in table.scan().plan_files()), table.metadata_location)
    }
    assert record(many) == before
    assert needed <= {str(path) for path in many.record_files()}
    assert [len(table.snapshots()) for table in many.catalog.tables().values()] == [1, 1, 1, 0]
    assert (removed.merged, removed.removed > 10, removed.freed > 1000) == (0, True, True)


def test_expire_keeps_what_is_younger(many):
    files = many.record_files()
    assert expire(many, before=datetime.now(UTC) - timedelta(days=1)) == Upkeep(0, 0, 0, 0)
    assert many.record_files() == files


def test_no_file_is_left_that_belongs_to_nothing(many):
    for change in (lambda: compact(many, before=BEGINNING), lambda: expire(many, before=EVER)):
        change()
        known = set(chain(*map(files_of, many.catalog.tables().values())))
        assert {str(path) for path in many.record_files()} == known
        assert many.catalog.checksums().keys() == known | {str(many.folder / "log.toml")}


def test_change_of_nothing_commits_nothing(store):
    places = store.catalog.places()
    with store.writing():
        store.apply(Change("contacts"))
    assert store.catalog.places() == places
