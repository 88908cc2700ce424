from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.catalog import BEGINNING, mark
from tangente.contactlog.coded import coded
from tangente.contactlog.erasure import erase, held
from tangente.contactlog.identity import Pseudonyms, pseudonyms
from tangente.contactlog.imported import imported
from tangente.contactlog.imports import Added, Import
from tangente.contactlog.schema import RECORD
from tangente.contactlog.store import create_log
from tangente.contactlog.testing import START
from tangente.contactlog.undoing import undo
from tangente.contactlog.upkeep import compact
from tangente.contactlog.waiting import WaitingRows
from tangente.errors import ContactLogError
from tests.contactlog.copies import keep, put_back
from tests.contactlog.deliveries import CONTACT, RATING, batch, deliver, stored_rows
from tests.contactlog.questions import QUESTIONS
from tests.contactlog.searching import traces

pytestmark = pytest.mark.slow

ANNA = "K-4711"
OTHERS = [f"k{number}" for number in range(5)]
IMPORTS = ("may", "june", "undone")


def contacts(customer, number):
    """Of a customer in an import: one new contact, and a new version of an old one."""
    at = START + timedelta(days=number, hours=len(customer))
    own = {"customer_id": customer, "segment": f"{customer} VIP", "sequence": number}
    new = CONTACT | own | {"contact_id": f"{customer}/{number}", "occurred_at": at}
    changed = new | {"contact_id": f"{customer}/{number - 1}", "channel": f"c{number}"}
    return [new, changed] if number else [new]


def ratings(customer, number):
    own = {"rating_id": f"{customer}/{number}", "customer_id": customer, "wave": f"{customer}, wave {number}"}
    new = RATING | own | {"touchpoint": f"letter to {customer}"}
    return [new, RATING | own | {"rating_id": f"{customer}/{number - 1}", "score": 1.0}] if number else [new]


def fill(store, customers):
    """A log with all that can happen to it: changed rows, an import taken back, files merged, rows made ready."""
    for number, name in enumerate(IMPORTS):
        said = [row for customer in customers for row in ratings(customer, number)]
        met = [row for customer in customers for row in contacts(customer, number)]
        deliver(store, met, said, import_id=name, name=f"{name}-{ANNA}.csv", mapped_sequence=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tangente.contactlog.upkeep.SPARE_FILES", 1)
        compact(store, before=BEGINNING)
    undo(store, "undone")
    store.log()


def leave_behind(store):
    """What killed processes leave: rows of an import, a file that belongs to nothing, a bucket half made ready."""
    rows = batch("contacts", contacts(ANNA, 9))
    place, ids = rows.schema.get_field_index("customer_id"), rows.column("customer_id")
    bare = rows.set_column(place, "customer_id", Pseudonyms(store.key).of(ids).dictionary_decode())
    rows = rows.set_column(place, "customer_id", pseudonyms(ids, store.key))
    for folder in (".import-killed", "ready/making", "contacts/data/customer_bucket=0"):
        (store.folder / folder).mkdir(parents=True, exist_ok=True)
    waiting = WaitingRows(store.folder / ".import-killed/contacts")
    waiting.add(coded(pa.table(bare)), np.zeros(len(bare), np.int32))
    waiting.close()
    pq.write_table(pa.Table.from_batches([rows]), store.folder / "contacts/data/customer_bucket=0/orphan.parquet")
    (store.folder / "ready/making/codes-3").write_text("\n" + f'["{ANNA} VIP"]')


def fill_and_leave(store):
    fill(store, [*OTHERS, ANNA])
    leave_behind(store)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return keep(tmp_path_factory.mktemp("logs") / "log", fill_and_leave, buckets=2)


@pytest.fixture
def filled(place):
    """A log that knows the customer."""
    with put_back(place) as store:
        yield store


def words(store):
    (pseudonym,) = pseudonyms(pa.array([ANNA]), store.key).to_pylist()
    return {ANNA: "id", pseudonym: "pseudonym", pseudonym[:16]: "beginning of the pseudonym"}


def found(store):
    named = words(store)
    return {(named[word], place) for word, place in traces(store.folder, named)}


def test_search_finds_the_customer_in_every_kind_of_place_before_the_erasure(filled):
    decoded = {"Parquet values", "Parquet dictionaries", "Parquet statistics", "rows of imports", "raw bytes"}
    assert found(filled) == {
        *(
            (kind, place)
            for kind in ("pseudonym", "beginning of the pseudonym")
            for place in (*decoded, "mapped columns")
        ),
        *(("id", place) for place in (*decoded, "Avro records", "JSON", "facts of imports", "codes")),
    }


def test_search_finds_values_of_a_dictionary_that_no_row_has(tmp_path):
    column = pa.array([ANNA, "ben"]).dictionary_encode().filter(pa.array([False, True]))
    pq.write_table(pa.table({"customer_id": column}), tmp_path / "rows.parquet")
    assert traces(tmp_path, [ANNA]) == {(ANNA, "Parquet dictionaries"), (ANNA, "raw bytes")}


def test_erased_customer_is_nowhere(filled):
    assert erase(filled, [ANNA]) == {"contacts": 2, "ratings": 2, "replaced_contacts": 1, "replaced_ratings": 1}
    filled.log()
    assert found(filled) == set()
    assert filled.catalog.erased() == {mark(person) for person, named in words(filled).items() if named == "pseudonym"}


@pytest.mark.parametrize(
    ("guard", "left"),
    [
        ("store.LogStore.sweep", ("pseudonym", "Parquet values")),
        ("ready.clear", ("id", "codes")),
        ("store.remove_abandoned", ("pseudonym", "rows of imports")),
        ("erasure._forget_removed", ("id", "Avro records")),
        ("erasure._redacted", ("id", "facts of imports")),
    ],
)
def test_search_finds_the_customer_if_a_step_of_the_erasure_is_left_out(filled, monkeypatch, guard, left):
    monkeypatch.setattr(f"tangente.contactlog.{guard}", lambda *_: {})
    erase(filled, [ANNA])
    assert left in found(filled)


def test_erasure_leaves_the_log_as_if_it_had_never_known_the_customer(filled, tmp_path):
    erase(filled, [ANNA])
    with create_log(tmp_path / "other", buckets=2, key=b"key") as other:
        fill(other, OTHERS)
        assert contents(filled) == contents(other)
        assert answers(filled) == answers(other)


def contents(store):
    return {name: sorted(map(repr, stored_rows(store, name))) for name in RECORD}


def answers(store):
    return {name: ask(store.log()) for name, ask in QUESTIONS.items()}


def test_erasure_writes_only_files_that_hold_the_customer(filled):
    before = {path for files in filled.data_files("contacts") for path in files}
    erase(filled, [ANNA])
    after = {path for files in filled.data_files("contacts") for path in files}
    assert {file.partition[0] for file in before ^ after} == {bucket_of(filled)}


def bucket_of(store):
    (pseudonym,) = (person for person, named in words(store).items() if named == "pseudonym")
    return BucketTransform(2).transform(StringType())(pseudonym)


def erased_again(store):
    erase(store, [ANNA])


def imported_next(store):
    deliver(store, [CONTACT], import_id="september")


@pytest.mark.parametrize("step", ["store.LogStore.sweep", "store.remove_abandoned", "ready.clear"])
@pytest.mark.parametrize("done_next", [erased_again, imported_next])
def test_interrupted_erasure_is_completed_by_the_next_writer(filled, step, done_next):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"tangente.contactlog.{step}", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            erase(filled, [ANNA])
    assert found(filled) != set()
    done_next(filled)
    assert found(filled) == set()


def test_held_says_how_many_rows_will_go(filled):
    before = held(filled, [ANNA, ANNA, "nobody"])
    assert before == {"contacts": 2, "ratings": 2, "replaced_contacts": 1, "replaced_ratings": 1}
    assert erase(filled, [ANNA, "nobody"]) == before
    assert held(filled, [ANNA]) == dict.fromkeys(RECORD, 0)


def test_log_that_never_knew_a_customer_can_forget_them(store):
    assert erase(store, ["nobody"]) == dict.fromkeys(RECORD, 0)
    assert len(store.catalog.erased()) == 1


@pytest.mark.parametrize(
    ("name", "redacted"),
    [("mail an K-4711.csv", "mail an ….csv"), ("k-4711_2026.csv", "…_2026.csv"), ("K-47110.csv", "K-47110.csv")],
)
def test_name_of_a_file_loses_the_id_where_it_stands_alone(store, name, redacted):
    deliver(store, [CONTACT], import_id="may", name=name)
    erase(store, [ANNA])
    assert [one.name for one in imported(store)] == [redacted]


def test_later_imports_refuse_rows_of_an_erased_customer(store):
    erase(store, [ANNA])
    with Import(store, "may", "may.csv") as delivery:
        refused = delivery.add("contacts", batch("contacts", contacts("ben", 0) + contacts(ANNA, 1)))
        only = delivery.add("ratings", batch("ratings", ratings(ANNA, 0)))
        assert (refused.tolist(), only.tolist()) == ([False, True, True], [True])
        assert delivery.commit() == {"contacts": Added(new=1)}
    assert found(store) == set()


def test_import_during_which_a_customer_is_erased_stores_nothing(store):
    with Import(store, "may", "may.csv") as delivery:
        assert delivery.add("contacts", batch("contacts", contacts(ANNA, 0))).tolist() == [False]
        erase(store, [ANNA])
        with pytest.raises(ContactLogError, match=r"^Customers were erased while may.csv was read; nothing is stored"):
            delivery.commit()
    assert found(store) == set()


def test_erase_refuses_an_empty_id(filled):
    with pytest.raises(ContactLogError) as refusal:
        erase(filled, ["anna", ""])
    assert (refusal.value.code, filled.catalog.erased()) == ("E-CUSTOMER", set())


def test_erase_redacts_a_file_name_however_its_letters_are_composed(store):
    deliver(store, [CONTACT | {"customer_id": "M\u00fcller"}], import_id="brief-Mu\u0308ller")
    erase(store, ["M\u00fcller"])
    assert [one["name"] for one in store.imports("contacts").values()] == ["brief-\u2026.csv"]
