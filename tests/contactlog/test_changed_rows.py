from collections import Counter
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.contactlog import slices, store
from tangente.contactlog.identity import pseudonyms
from tangente.contactlog.imports import Added, Import, commit_all
from tangente.contactlog.profile import profile
from tangente.contactlog.schema import IDS, REPLACED
from tangente.contactlog.store import create_log
from tangente.contactlog.testing import START
from tests.contactlog.deliveries import CONTACT, RATING, batch, deliver, positions, stored_rows
from tests.contactlog.questions import QUESTIONS

few = settings(deadline=None, max_examples=8)  # each example writes a log


@pytest.fixture
def small(monkeypatch):
    """Slices, data files and row groups of a handful of rows."""
    small_rows(monkeypatch)


def small_rows(monkeypatch):
    monkeypatch.setattr(slices, "MOST_ROWS", 3)
    monkeypatch.setattr(store, "GROUP_ROWS", 2)


def contact(number, touchpoint="shop", **values):
    return CONTACT | {"contact_id": str(number), "touchpoint": touchpoint} | values


def versions(log, name="contacts"):
    """Touchpoint, import and, if the row was replaced, by which import it was, of each row."""
    fields = ("touchpoint", "import_id", "replaced_by")
    return sorted(tuple(row[field] for field in fields if field in row) for row in stored_rows(log, name))


def test_changed_row_replaces_the_one_of_its_id(store):
    deliver(store, [contact(1), contact(2, "ad"), contact(3)], import_id="may")
    changed = deliver(store, [contact(2, "call"), contact(3), contact(4, "web")], import_id="june")
    assert changed == {"contacts": Added(new=1, known=1, changed=1)}
    assert versions(store) == [("call", "june"), ("shop", "may"), ("shop", "may"), ("web", "june")]
    assert versions(store, "replaced_contacts") == [("ad", "may", "june")]


def test_replaced_row_is_kept_as_it_was(store):
    deliver(store, [contact(1, channel="phone", cost=7)], import_id="may")
    (before,) = stored_rows(store, "contacts")
    deliver(store, [contact(1, "call")], import_id="june")
    assert stored_rows(store, "replaced_contacts") == [before | {"replaced_by": "june"}]


def test_changed_rating_replaces_the_one_of_its_id(store):
    rows = [RATING | {"rating_id": "r", "score": score} for score in (2.0, 5.0)]
    deliver(store, [], rows[:1], import_id="may")
    assert deliver(store, [], rows[1:], import_id="june") == {"ratings": Added(changed=1)}
    assert [row["score"] for row in stored_rows(store, "ratings") + stored_rows(store, "replaced_ratings")] == [
        5.0,
        2.0,
    ]


def test_row_of_an_earlier_file_appended_later_changes_it_back(store):
    for import_id, touchpoint in (("may", "ad"), ("june", "call"), ("may again", "ad")):
        deliver(store, [contact(1, touchpoint)], import_id=import_id)
    assert versions(store) == [("ad", "may again")]
    assert versions(store, "replaced_contacts") == [("ad", "may", "june"), ("call", "june", "may again")]


def test_changed_row_that_stands_twice_is_known_the_second_time(store):
    deliver(store, [contact(1)], import_id="may")
    assert deliver(store, [contact(1, "ad")] * 2, import_id="june") == {"contacts": Added(known=1, changed=1)}


def test_value_that_goes_and_a_value_that_comes_are_changes(store):
    deliver(store, [contact(1, channel="phone"), contact(2)], import_id="may")
    assert deliver(store, [contact(1), contact(2, channel="web")], import_id="june")["contacts"] == Added(changed=2)


@pytest.mark.parametrize(("mapped_sequence", "became"), [(False, Added(known=1)), (True, Added(changed=1))])
def test_other_place_in_the_file_is_no_change_but_another_mapped_sequence_is(store, mapped_sequence, became):
    for import_id, sequence in (("may", 1), ("june", 2)):
        row = contact(1, sequence=sequence)
        added = deliver(store, [row], import_id=import_id, mapped_sequence=mapped_sequence)
    assert added == {"contacts": became}


def test_row_without_an_id_of_its_own_never_changes_one(store):
    deliver(store, [CONTACT], import_id="may")
    (identity,) = (row["contact_id"] for row in stored_rows(store, "contacts"))
    deliver(store, [CONTACT | {"contact_id": identity, "channel": "web"}], import_id="june")
    assert deliver(store, [CONTACT], import_id="july") == {"contacts": Added(known=1)}


def test_import_rests_on_those_whose_rows_it_replaced(store):
    for number, import_id in enumerate(["b", "a", "c"]):
        deliver(store, [contact(number)], import_id=import_id)
    deliver(store, [contact(0, "ad"), contact(1), contact(8)], import_id="d")
    facts = store.imports("contacts")["d"]
    assert [facts[name] for name in ("new", "known", "changed", "rests_on")] == [1, 1, 1, ["a", "b"]]


def test_only_files_with_changed_rows_are_written_anew(store):
    for month in ("may", "june"):
        deliver(store, [contact(f"{month} {k}", customer_id=f"c{k}") for k in range(40)], import_id=month)
    before = files(store)
    deliver(store, [contact("may 0", "ad", customer_id="c0")], import_id="july")
    assert (len(before), len(before - files(store)), len(files(store))) == (8, 1, 8)


def files(store):
    return {file.file_path for bucket in store.data_files("contacts") for file in bucket}


def test_several_imports_stored_together_change_each_other_s_rows(store):
    with Import(store, "may", "may.csv") as may, Import(store, "june", "june.csv") as june:
        for delivery, touchpoint in ((may, "ad"), (june, "call")):
            delivery.add("contacts", batch("contacts", positions([contact(1, touchpoint)])))
        assert commit_all([may, june]) == [{"contacts": Added(new=1)}, {"contacts": Added(changed=1)}]
    assert (versions(store), versions(store, "replaced_contacts")) == ([("call", "june")], [("ad", "may", "june")])
    assert store.imports("contacts")["june"]["rests_on"] == ["may"]


def test_rating_follows_the_contact_it_judges_when_that_changes(store):
    deliver(store, [contact(1, channel="web")], [RATING | {"contact_id": "1"}], import_id="may")
    store.log()
    deliver(store, [contact(1, channel="phone")], import_id="june")
    asked = profile(store.log(), by=["channel"]).to_pylist()
    assert [(row["channel"], row["contacts"], row["satisfaction_n"]) for row in asked] == [("phone", 1, 1)]


KEYS = st.tuples(st.sampled_from(["anna", "ben", "cem", "dora", "eva"]), st.sampled_from("12"))
FILES = st.lists(st.dictionaries(KEYS, st.sampled_from("abc"), max_size=8), min_size=1, max_size=5)


@pytest.mark.slow
@few
@given(FILES, st.integers(0, 2), st.sampled_from(["contacts", "ratings"]))
def test_log_holds_the_last_version_of_every_row(tmp_path_factory, contents, repeated, name):
    held, expected, added = {}, [], []
    with pytest.MonkeyPatch.context() as patch:
        small_rows(patch)
        with create_log(tmp_path_factory.mktemp("log"), buckets=2) as log:
            for number, content in enumerate(contents):
                before, held = held, held | content
                again = len([*content][:repeated])
                became = Counter("new" if key not in before else before[key] == content[key] for key in content)
                expected.append(Added(became["new"], became[True] + again, became[False]))
                added.append(deliver_to(log, name, [*content.items()], repeated, import_id=str(number)))
            assert added == expected
            assert last_versions(log, name) == {(pseudonym(log, who), own): what for (who, own), what in held.items()}
            physical = len(stored_rows(log, name)) + len(stored_rows(log, REPLACED[name]))
            assert physical == sum(one.new + one.changed for one in added)


def deliver_to(log, name, items, repeated, **settings):
    rows = [
        (CONTACT if name == "contacts" else RATING) | {"customer_id": who, IDS[name]: own} for (who, own), _ in items
    ]
    rows = [row | {"touchpoint": what} for row, (_, what) in zip(rows, items, strict=True)]
    tables = [rows + rows[:repeated], []]
    return deliver(log, *(tables if name == "contacts" else tables[::-1]), **settings).get(name, Added())


def last_versions(log, name):
    return {(row["customer_id"], row[IDS[name]]): row["touchpoint"] for row in stored_rows(log, name)}


def pseudonym(log, customer):
    return pseudonyms(pa.array([customer]), log.key)[0].as_py()


@pytest.mark.slow
def test_answers_after_changes_are_those_of_a_log_of_the_last_versions(tmp_path, small):
    first = [contact(k, customer_id=f"c{k % 7}", sequence=k) for k in range(30)]
    last = [row | {"touchpoint": "ad", "occurred_at": START + timedelta(days=9)} for row in first[::3]]
    said = [RATING | {"rating_id": str(k), "customer_id": f"c{k % 7}", "contact_id": str(k)} for k in range(30)]
    answers = []
    for name, deliveries in (
        ("both", [first, last]),
        ("last", [[*last, *(row for row in first if row not in first[::3])]]),
    ):
        with create_log(tmp_path / name, buckets=3) as log:
            for number, rows in enumerate(deliveries):
                deliver(log, rows, said, import_id=str(number), mapped_sequence=True)
            answers.append({name: ask(log.log()) for name, ask in QUESTIONS.items()})
    assert answers[0] == answers[1]
