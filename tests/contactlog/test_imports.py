import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.contactlog.catalog import LogCatalog
from tangente.contactlog.coded import coded
from tangente.contactlog.data_files import write_data_file
from tangente.contactlog.imports import Added, Import, commit_all
from tangente.contactlog.store import WRITING, create_log, open_log
from tangente.contactlog.table_info import table_info
from tangente.contactlog.testing import START
from tangente.contactlog.variants import variants
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, batch, deliver, positions, stored_rows
from tests.contactlog.strategies import tuples

few = settings(deadline=None, max_examples=8)  # each example writes a log


@pytest.fixture
def spilled(store):
    return lambda: [path.name for path in store.folder.glob(".import-*")]


def at(hours, **values):
    return CONTACT | {"occurred_at": START + timedelta(hours=hours)} | values


def facts(import_id, *, new=0, known=0, changed=0, rests_on=(), **more):
    counts = {"new": new, "known": known, "changed": changed, "rests_on": list(rests_on)}
    return {"name": f"{import_id}.csv", "at": f"{START:%Y-%m-%dT%H:%M:%SZ}", **more, **counts}


def test_same_file_twice_adds_nothing(store):
    rows = [at(0), at(1, customer_id="ben")]
    assert deliver(store, rows, import_id="may") == {"contacts": Added(new=2, known=0)}
    assert deliver(store, rows, import_id="may") == {"contacts": Added(new=0, known=2)}
    assert store.imports("contacts") == {"may": facts("may", new=2)}


def test_same_import_adds_nothing_even_with_other_rows(store):
    deliver(store, [at(0)], import_id="may")
    assert deliver(store, [at(1), at(2)], import_id="may") == {"contacts": Added(new=0, known=2)}
    assert len(stored_rows(store, "contacts")) == 1


def test_same_rows_under_another_name_add_nothing(store):
    deliver(store, [at(0), at(1)], [RATING], import_id="may")
    again = deliver(store, [at(0), at(1)], [RATING], import_id="copy of may")
    assert again == {"contacts": Added(new=0, known=2), "ratings": Added(new=0, known=1)}


def test_rows_that_come_coded_are_stored_as_plain_ones(store):
    rows = batch(
        "contacts", positions([at(hour, channel=channel) for hour, channel in enumerate([None, "web", "web"])])
    )
    with Import(store, "may", "may.csv") as delivery:
        delivery.add("contacts", pa.RecordBatch.from_struct_array(coded(pa.table(rows)).to_struct_array().chunk(0)))
        delivery.commit()
    with Import(store, "again", "again.csv") as delivery:
        delivery.add("contacts", rows)
        assert delivery.commit() == {"contacts": Added(known=3)}


def test_overlapping_file_adds_only_what_is_new(store):
    deliver(store, [at(hours) for hours in range(4)], import_id="may")
    assert deliver(store, [at(hours) for hours in range(2, 7)], import_id="june") == {"contacts": Added(new=3, known=2)}
    assert len(stored_rows(store, "contacts")) == 7


@pytest.mark.parametrize("batches", [1, 3])
def test_legal_duplicates_stay_two(store, batches):
    assert deliver(store, [at(0), at(1), at(0)], import_id="may", batches=batches)["contacts"].new == 3
    first, second = sorted(row["contact_id"] for row in stored_rows(store, "contacts") if row["occurred_at"] == START)
    assert second == f"{first}#2"


def test_third_equal_row_is_new_where_two_are_known(store):
    deliver(store, [at(0)] * 2, import_id="may")
    assert deliver(store, [at(0)] * 3, import_id="june") == {"contacts": Added(new=1, known=2)}


def test_mapped_ids_decide_which_row_is_known(store):
    deliver(store, [at(0, contact_id="1"), at(0, contact_id="2")], import_id="may")
    again = deliver(store, [at(0, contact_id="2"), at(0, contact_id="3")], import_id="june")
    assert again == {"contacts": Added(new=1, known=1)}


def test_import_notes_what_it_rests_on_and_what_was_refused(store):
    for number, name in enumerate(["b", "a", "c"]):
        deliver(store, [at(number)], import_id=name)
    with Import(store, "d", "d.csv", at=START) as delivery:
        delivery.add("contacts", batch("contacts", positions([at(0), at(1), at(9)])))
        delivery.refused["contacts"] = 3
        delivery.commit()
    assert store.imports("contacts")["d"] == facts("d", new=1, known=2, rests_on="ab", refused=3)


def test_mapped_ids_need_to_be_unique_within_a_customer_only(store):
    rows = [at(0, contact_id="1"), at(0, contact_id="1", customer_id="ben"), at(0, contact_id="1")]
    assert deliver(store, rows, import_id="may") == {"contacts": Added(new=2, known=1)}


def test_mapped_id_of_two_different_rows_stops_the_import(store):
    with pytest.raises(ContactLogError) as refusal:
        deliver(store, [at(0, contact_id="1"), at(5, contact_id="7"), at(6, contact_id="7")], import_id="may")
    assert str(refusal.value) == (
        "contacts: contact_id '7' stands twice in may.csv with different content; map another column as contact_id, or "
        "none: then rows are told apart by their content"
    )
    assert (stored_rows(store, "contacts"), store.imports("contacts"), data_files(store)) == ([], {}, [])


def test_mapped_id_of_two_different_ratings_stops_the_import(store):
    with pytest.raises(
        ContactLogError, match=r"^ratings: rating_id 'r' stands twice in may.csv with different content;"
    ):
        deliver(store, [], [RATING | {"rating_id": "r", "touchpoint": name} for name in "ab"], import_id="may")


def test_place_in_the_file_is_no_content_but_a_mapped_sequence_is(store):
    rows = [at(0, contact_id="1", sequence=number) for number in (1, 2)]
    assert deliver(store, rows, import_id="may", mapped_sequence=False)["contacts"].known == 1
    with pytest.raises(ContactLogError, match="stands twice"):
        deliver(store, rows, import_id="june", mapped_sequence=True)


def test_rows_without_id_are_numbered_among_themselves(store):
    deliver(store, [at(0), at(0, contact_id="1"), at(0)], import_id="may")
    assert deliver(store, [at(0)] * 2, import_id="june") == {"contacts": Added(new=0, known=2)}


def test_sequence_counts_as_content_only_if_it_is_mapped(store):
    row = at(0, sequence=7)
    assert deliver(store, [row], import_id="1", mapped_sequence=True)["contacts"].new == 1
    assert deliver(store, [row | {"sequence": 8}], import_id="2", mapped_sequence=True)["contacts"].new == 1
    assert deliver(store, [row], import_id="3", mapped_sequence=False)["contacts"].new == 1
    assert deliver(store, [row | {"sequence": 8}], import_id="4", mapped_sequence=False)["contacts"].new == 0


ROWS = st.lists(st.tuples(st.sampled_from(["anna", "ben", "cem"]), st.integers(0, 2)), max_size=8)


@few
@given(st.lists(st.tuples(ROWS, st.integers(1, 3)), min_size=1, max_size=3))
def test_accepted_rows_are_new_or_known_and_no_content_is_lost(tmp_path_factory, files):
    most = Counter()
    with create_log(tmp_path_factory.mktemp("log"), buckets=2) as store:
        for number, (rows, batches) in enumerate(files):
            before = most.total()
            most |= Counter(rows)  # how often at most one file has a row
            contacts = [at(hours, customer_id=name) for name, hours in rows]
            added = deliver(store, contacts, import_id=str(number), batches=batches)
            expected = Added(new=most.total() - before, known=len(rows) - (most.total() - before))
            assert added == ({"contacts": expected} if rows else {})
        assert len(stored_rows(store, "contacts")) == most.total()


def test_nothing_is_stored_without_commit(store, spilled):
    with Import(store, "may", "may.csv") as delivery:
        delivery.add("contacts", batch("contacts", positions([at(0)])))
        assert len(spilled()) == 1
    assert (stored_rows(store, "contacts"), store.imports("contacts"), spilled()) == ([], {}, [])


def interrupted(store, error):
    with Import(store, "may", "may.csv") as delivery:
        delivery.add("contacts", batch("contacts", positions([at(0)])))
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_is_stored_after_an_error(store, spilled, error):
    with pytest.raises(error):
        interrupted(store, error)
    assert (stored_rows(store, "contacts"), store.imports("contacts"), spilled()) == ([], {}, [])


def test_empty_import_leaves_no_trace(store):
    assert deliver(store, import_id="may") == {}
    assert store.imports("contacts") == {}


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("contacts", at(0, sequence=0, customer_id=None), "contacts.customer_id is empty in 1 rows"),
        ("contacts", at(0, sequence=None), "contacts.sequence is empty in 1 rows"),
        ("contacts", at(0, sequence=0, cost=-1), "contacts.cost is -1; it must lie between"),
        ("ratings", RATING | {"score": None}, "ratings.score must be there where the answer is given"),
    ],
)
def test_rows_that_break_the_contract_are_refused_on_arrival(store, spilled, name, row, message):
    with pytest.raises(ContactLogError, match=f"^{message}"), Import(store, "may", "may.csv") as delivery:
        delivery.add(name, batch(name, [row]))
    assert spilled() == []


def test_columns_may_arrive_in_any_order(store):
    rows = batch("contacts", positions([at(0)]))
    deliver(store, [at(0)], import_id="may")
    with Import(store, "june", "june.csv") as delivery:
        delivery.add("contacts", rows.select(rows.schema.names[::-1]))
        assert delivery.commit() == {"contacts": Added(new=0, known=1)}


def test_people_are_stored_under_pseudonyms_only(store):
    deliver(store, [at(0, employee="Eva Groß")], [RATING], import_id="may")
    (contact,), (rating,) = stored_rows(store, "contacts"), stored_rows(store, "ratings")
    assert contact["customer_id"] == rating["customer_id"] != "anna"
    assert {len(contact["customer_id"]), len(contact["employee"])} == {32}
    assert stored_rows(store, "contacts")[0]["employee"] != "Eva Groß"


def test_answers_of_a_customer_at_one_moment_are_one_sheet(store):
    later = RATING["occurred_at"] + timedelta(hours=1)
    said = [RATING, RATING | {"touchpoint": None}, RATING | {"occurred_at": later}, RATING | {"response_id": "own"}]
    deliver(store, [], said, import_id="may")
    sheets = Counter(row["response_id"] for row in stored_rows(store, "ratings"))
    assert (sorted(sheets.values()), sheets["own"]) == ([1, 1, 2], 1)


def test_ties_keep_the_order_of_their_file(store):
    deliver(store, [at(0, touchpoint=name) for name in ("shop", "ad", "call")], import_id="may", batches=3)
    assert tuples(variants(store.log()), "path") == [(["shop", "ad", "call"],)]


def test_imports_at_the_same_time_add_each_row_once(store):
    def import_of(hours):
        with open_log(store.folder) as own:
            return deliver(own, [at(hour) for hour in range(hours)], import_id=str(hours))["contacts"]

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(import_of, [5, 6, 7, 8]))
    assert (len(stored_rows(store, "contacts")), sum(one.new for one in added)) == (8, 8)


def data_files(store):
    return list(store.folder.rglob("*.parquet"))


@pytest.mark.parametrize("interrupted_at", [1, 2, 3])
def test_ctrl_c_while_writing_leaves_no_file_and_no_row(store, monkeypatch, interrupted_at):
    written = []

    def interrupted(*arguments):
        written.append(write_data_file(*arguments))
        if len(written) == interrupted_at:
            raise KeyboardInterrupt
        return written[-1]

    monkeypatch.setattr("tangente.contactlog.slices.write_data_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        deliver(store, [at(k, customer_id=f"k{k}") for k in range(40)], [RATING], import_id="may")
    assert (data_files(store), store.imports("contacts"), store.imports("ratings")) == ([], {}, {})


def test_ctrl_c_between_the_tables_stores_neither(store, monkeypatch):
    apply = type(store).apply

    def pressed(store, change):
        apply(store, change)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(type(store), "apply", pressed)
    with pytest.raises(KeyboardInterrupt):
        deliver(store, [at(0)], [RATING], import_id="may")
    assert (data_files(store), store.imports("contacts"), store.imports("ratings")) == ([], {}, {})


def test_failure_after_the_commit_loses_no_file(store, monkeypatch):
    together = LogCatalog.together

    @contextmanager
    def failing(catalog, **settings):
        with together(catalog, **settings):
            yield
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(LogCatalog, "together", failing)
        with pytest.raises(ContactLogError, match="disk full"):
            deliver(store, [at(0)], [RATING], import_id="may")
    assert [len(stored_rows(store, name)) for name in ("contacts", "ratings")] == [1, 1]


def test_files_of_a_killed_writer_are_removed_by_the_next(store):
    orphan = store.folder / "contacts/data/orphan.parquet"
    orphan.parent.mkdir(parents=True, exist_ok=True)
    for name in (orphan, store.folder / WRITING):
        name.write_bytes(b"half")
    deliver(store, [at(0)], import_id="may")
    assert (orphan.exists(), (store.folder / WRITING).exists(), len(stored_rows(store, "contacts"))) == (
        False,
        False,
        1,
    )


def overtaken(store):
    with store.writing():
        deliver_within(store)
        with open_log(store.folder) as other, other.table("contacts").transaction() as transaction:
            transaction.set_properties({"other": "program"})


def deliver_within(store):
    with Import(store, "may", "may.csv") as delivery:
        delivery.add("contacts", batch("contacts", positions([at(0)])))
        delivery.apply()


def test_log_that_another_program_changed_meanwhile_keeps_its_change(store):
    with pytest.raises(ContactLogError, match="Another program changed the table contacts meanwhile"):
        overtaken(store)
    assert (data_files(store), store.table("contacts").properties["other"]) == ([], "program")


def test_readers_see_both_tables_of_an_import_or_none(store):
    with Import(store, "may", "may.csv") as delivery, open_log(store.folder) as reader:
        delivery.add("contacts", batch("contacts", positions([at(0)])))
        delivery.add("ratings", batch("ratings", [RATING]))
        with store.writing():
            delivery.apply()
            assert [table.rows for table in table_info(reader).values()] == [0, 0]
        assert [table.rows for table in table_info(reader).values()] == [1, 1]


def test_same_import_twice_at_once_is_stored_once(store):
    with Import(store, "may", "may.csv", at=START) as first, Import(store, "may", "may.csv", at=START) as again:
        for one in (first, again):
            one.add("contacts", batch("contacts", positions([at(0), at(1)])))
        assert commit_all([first, again]) == [{"contacts": Added(new=2, known=0)}, {"contacts": Added(new=0, known=2)}]
    assert store.imports("contacts") == {"may": facts("may", new=2)}


def test_closed_import_holds_no_file_of_its_rows_open(store, monkeypatch):
    monkeypatch.setattr("tangente.contactlog.waiting.RUN_BYTES", 1)
    with Import(store, "may", "may.csv") as delivery:
        before = len(os.listdir("/dev/fd"))
        delivery.add("contacts", batch("contacts", positions([at(0, customer_id=f"k{k}") for k in range(40)])))
        assert len(os.listdir("/dev/fd")) > before
        delivery.close()
        assert len(os.listdir("/dev/fd")) == before
        assert delivery.commit() == {"contacts": Added(new=40, known=0)}


def test_rows_of_a_killed_import_are_removed_by_the_next(store, spilled):
    killed = store.folder / ".import-killed"
    killed.mkdir()
    (killed / "contacts-0.arrows").write_bytes(b"rows")
    with Import(store, "may", "may.csv"), Import(store, "june", "june.csv"):
        assert (killed.exists(), len(spilled())) == (False, 2)


def test_several_imports_stored_together_know_of_each_other(store):
    with Import(store, "may", "may.csv") as may, Import(store, "june", "june.csv") as june:
        may.add("contacts", batch("contacts", positions([at(0), at(1)])))
        june.add("contacts", batch("contacts", positions([at(1), at(2)])))
        assert commit_all([may, june]) == [{"contacts": Added(new=2, known=0)}, {"contacts": Added(new=1, known=1)}]
    assert len(stored_rows(store, "contacts")) == 3


def test_customer_who_is_an_employee_too_has_two_pseudonyms(store):
    deliver(
        store, [at(0, customer_id="anna", employee="anna"), at(1, customer_id="ben", employee="anna")], import_id="may"
    )
    anna, ben = sorted(stored_rows(store, "contacts"), key=lambda row: row["occurred_at"])
    assert (anna["employee"] == ben["employee"], anna["employee"] == anna["customer_id"]) == (True, False)


def test_no_file_holds_many_more_rows_than_a_slice(store, monkeypatch):
    monkeypatch.setattr("tangente.contactlog.slices.MOST_ROWS", 20)
    deliver(store, [at(k, customer_id=f"c{k}") for k in range(400)], import_id="may")
    sizes = [file.record_count for bucket in store.data_files("contacts") for file in bucket]
    assert (sum(sizes), max(sizes) <= 40) == (400, True)
