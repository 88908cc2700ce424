from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.contactlog.catalog import BEGINNING
from tangente.contactlog.imported import find_import, imported
from tangente.contactlog.schema import RECORD
from tangente.contactlog.store import create_log
from tangente.contactlog.testing import START
from tangente.contactlog.undoing import undo
from tangente.contactlog.upkeep import compact
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, deliver, stored_rows

pytestmark = pytest.mark.slow

few = settings(deadline=None, max_examples=6)  # each example writes a log


def at(hours, **values):
    return CONTACT | {"occurred_at": START + timedelta(hours=hours)} | values


def record(store):
    """All rows, as multisets, and what is known of imports but for when they were."""
    rows = {name: sorted(map(repr, stored_rows(store, name))) for name in RECORD}
    return rows, [(one.id, one.name, one.counts, one.rests_on) for one in imported(store)]


CHANGES = st.lists(
    st.tuples(st.sampled_from(["anna", "ben", "cem"]), st.integers(0, 3), st.sampled_from(["phone", "web"])),
    max_size=8,
    unique_by=lambda row: row[:2],
)


def rows_of(changes):
    contacts = [at(hours, customer_id=who, contact_id=f"c{hours}", channel=channel) for who, hours, channel in changes]
    return contacts, [RATING | {"customer_id": who, "touchpoint": channel} for who, _, channel in changes]


def compact_everything(store):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tangente.contactlog.upkeep.SPARE_FILES", 0)
        compact(store, before=BEGINNING)


@few
@given(CHANGES, CHANGES, st.booleans())
def test_undoing_an_import_restores_the_log_before_it(tmp_path_factory, first, second, compacted):
    with create_log(tmp_path_factory.mktemp("log"), buckets=2) as store:
        deliver(store, *rows_of(first), import_id="may")
        before = record(store)
        deliver(store, *rows_of([*second, ("dora", 0, "web")]), import_id="june")
        if compacted:
            compact_everything(store)
        undo(store, "june")
        assert record(store) == before


MAY, JUNE = (START + timedelta(days=days) for days in (31, 61))


def two_imports(store):
    deliver(store, [at(0, contact_id="1"), at(1, contact_id="2")], [RATING], import_id="may", at=MAY)
    deliver(store, [at(1, contact_id="2", channel="web"), at(2, contact_id="3")], import_id="june", at=JUNE)


def test_undo_says_what_went_and_came_back(store):
    two_imports(store)
    undone = undo(store, "june.csv")
    assert (undone.one.name, undone.gone, undone.back) == ("june.csv", 2, 1)


def test_file_of_an_undone_import_can_be_imported_again(store):
    two_imports(store)
    after = record(store)
    undo(store, "june")
    two_imports(store)
    assert record(store) == after


def test_undo_of_both_tables_leaves_an_empty_log(store):
    before = record(store)
    two_imports(store)
    for one in ("june", "may"):
        undo(store, one)
    assert record(store) == before


def test_undo_drops_files_of_one_import_without_reading_them(store):
    deliver(store, [at(0)], import_id="may")
    before = record(store)
    deliver(store, [at(1)], import_id="june")
    *_, newest = sorted(store.folder.glob("contacts/data/**/*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(b"damaged")
    undo(store, "june")
    assert record(store) == before


def test_undo_names_the_imports_to_undo_first_newest_first(store):
    two_imports(store)
    deliver(store, [at(2, contact_id="3")], import_id="july", at=START)
    before = record(store)
    with pytest.raises(ContactLogError) as refusal:
        undo(store, "may")
    assert str(refusal.value) == (
        "may.csv (may, 2026-02-01) cannot be undone while later imports rest on its rows; undo first, in this order: "
        "july.csv (july, 2026-01-01), june.csv (june, 2026-03-03)"
    )
    assert record(store) == before


@pytest.mark.parametrize(
    ("meant", "message"),
    [
        ("", r"^“” may mean several imports: may.csv \(may, .*\), june.csv \(june, .*\); give more of the id$"),
        ("mai", "^.*/log holds no import “mai”; `tangente log info` lists them$"),
    ],
)
def test_import_that_is_not_meant_clearly_is_refused(store, meant, message):
    two_imports(store)
    with pytest.raises(ContactLogError, match=message):
        find_import(store, meant)


@pytest.mark.parametrize("meant", ["may", "may.csv", "m"])
def test_import_is_found_by_id_name_or_beginning_of_its_id(store, meant):
    two_imports(store)
    assert find_import(store, meant).id == "may"


def test_imports_are_shown_by_as_much_of_their_id_as_tells_them_apart(store):
    for number, import_id in enumerate(["0123456789a", "0123456789b", "f" * 64]):
        deliver(store, [at(number)], import_id=import_id, at=MAY)
    assert [one.short for one in imported(store)] == ["0123456789a", "0123456789b", "f" * 11]


def counts(**some):
    return {"new": 0, "known": 0, "changed": 0} | some


def test_imports_are_listed_with_what_they_did_to_each_table(store):
    two_imports(store)
    assert [(one.name, one.counts, one.rests_on) for one in imported(store)] == [
        ("may.csv", {"contacts": counts(new=2), "ratings": counts(new=1)}, set()),
        ("june.csv", {"contacts": counts(new=1, changed=1)}, {"may"}),
    ]
