"""A log taken in from its copy answers as the log did; a copy that is not as it was saved makes none."""

import json

import pytest

from tangente.contactlog.backup import CONTENTS, save, take_in
from tangente.contactlog.catalog import EVER
from tangente.contactlog.erasure import erase, erase_as, held
from tangente.contactlog.imported import imported
from tangente.contactlog.schema import RECORD
from tangente.contactlog.store import open_log
from tangente.contactlog.undoing import undo
from tangente.contactlog.upkeep import compact
from tangente.contactlog.verification import verify
from tangente.errors import ContactLogError
from tests.contactlog.copies import keep, put_back
from tests.contactlog.deliveries import CONTACT, deliver
from tests.contactlog.searching import traces
from tests.contactlog.test_erasure import ANNA, OTHERS, answers, contents, fill, words

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    def filled(store):
        fill(store, [*OTHERS, ANNA])
        deliver(store, [CONTACT], import_id="not named after her")
        erase(store, ["K-1"])

    return keep(tmp_path_factory.mktemp("logs") / "log", filled, buckets=2)


@pytest.fixture
def filled(place):
    with put_back(place) as store:
        yield store


@pytest.fixture
def saved(filled, tmp_path):
    """The copy of a filled log."""
    (tmp_path / "copy").mkdir()
    save(filled, tmp_path / "copy")
    return tmp_path / "copy"


def test_log_is_the_same_after_it_was_taken_in(filled, saved, tmp_path):
    with take_in(saved, tmp_path / "other") as other:
        assert (other.currency, other.timezone, other.key) == (filled.currency, filled.timezone, filled.key)
        assert contents(other) == contents(filled)
        assert answers(other) == answers(filled)
        assert imported(other) == imported(filled)
        assert other.catalog.erased() == filled.catalog.erased()
        assert verify(other).faults == []


def test_save_says_how_many_rows_each_table_holds(filled, tmp_path):
    assert save(filled, tmp_path) == {name: len(rows) for name, rows in contents(filled).items()}


def test_metadata_of_a_log_taken_in_are_as_they_were(filled, saved, tmp_path):
    def noted(store):
        files = {file.file_path.rpartition("/")[2]: file for one in store.data_files("contacts") for file in one}
        return {name: [file.partition, *file._data[4:12]] for name, file in sorted(files.items())}

    with take_in(saved, tmp_path / "other") as other:
        assert noted(other) == noted(filled)


def test_log_taken_in_can_be_written_further(saved, tmp_path):
    with take_in(saved, tmp_path / "other") as other:
        undo(other, "june")
        known = deliver(other, [CONTACT], import_id="may")
        compact(other, before=EVER)
        assert known["contacts"].new == 0
        assert verify(other).faults == []


def test_log_goes_on_while_it_is_saved(filled, saved, tmp_path):
    before = contents(filled)
    deliver(filled, [CONTACT], import_id="next")
    erase(filled, [ANNA])
    with take_in(saved, tmp_path / "other") as other:
        assert contents(other) == before


def test_copy_that_is_not_as_it_was_saved_makes_no_log(saved, tmp_path):
    victim = next(saved.rglob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    with pytest.raises(ContactLogError, match=r"is not as it was saved; take another backup"):
        take_in(saved, tmp_path / "other")
    with open_log(tmp_path / "other") as other:
        assert {name: len(rows) for name, rows in contents(other).items()} == dict.fromkeys(RECORD, 0)


@pytest.mark.parametrize("named", ["../key", "ratings/data/customer_bucket=0/a.parquet", "contacts/metadata/a.json"])
def test_copy_that_names_a_file_of_another_place_makes_no_log(saved, tmp_path, named):
    said = json.loads((saved / CONTENTS).read_text())
    said["tables"]["contacts"]["files"][0]["place"] = named
    (saved / CONTENTS).write_text(json.dumps(said))
    with pytest.raises(ContactLogError, match="is not as it was saved"):
        take_in(saved, tmp_path / "other")


def test_copy_of_another_version_makes_no_log(saved, tmp_path):
    (saved / CONTENTS).write_text(json.dumps(json.loads((saved / CONTENTS).read_text()) | {"version": 9}))
    with pytest.raises(ContactLogError, match="a copy of a log of version 9"):
        take_in(saved, tmp_path / "other")


def test_copy_under_another_key_makes_no_log(saved, tmp_path):
    (saved / "key").write_text("00" * 32)
    with pytest.raises(ContactLogError, match="was begun with another key"):
        take_in(saved, tmp_path / "other")


def test_key_of_the_environment_is_not_saved(tmp_path, monkeypatch):
    monkeypatch.setenv("TANGENTE_LOG_KEY", "ab" * 32)
    folder = keep(tmp_path / "log", lambda store: deliver(store, [CONTACT], import_id="may"), buckets=1)
    (tmp_path / "saved").mkdir()
    with open_log(folder) as store:
        save(store, tmp_path / "saved")
    assert not (tmp_path / "saved" / "key").exists()
    with take_in(tmp_path / "saved", tmp_path / "other") as other:
        assert len(contents(other)["contacts"]) == 1


def test_customer_erased_after_the_backup_is_erased_from_what_is_restored(filled, saved, tmp_path):
    erase(filled, [ANNA])
    with take_in(saved, tmp_path / "other") as other:
        named = words(other)
        assert traces(other.folder, named) != set()
        assert erase_as(other, filled) == {"contacts": 2, "ratings": 2, "replaced_contacts": 1, "replaced_ratings": 1}
        assert traces(other.folder, named) == set()
        assert contents(other) == contents(filled)
        assert answers(other) == answers(filled)
        assert other.catalog.erased() == filled.catalog.erased()


def test_nothing_is_written_if_nobody_was_erased_since(filled, saved, tmp_path):
    with take_in(saved, tmp_path / "other") as other:
        before = other.catalog.checksums()
        assert erase_as(other, filled) == dict.fromkeys(RECORD, 0)
        assert (other.catalog.checksums(), held(other, ["K-1"])["contacts"]) == (before, 0)
