from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given

from tangente.contactlog.coded import coded
from tangente.contactlog.schema import CONTACTS, MICRO, RATINGS, TABLES, WORDS, check
from tangente.contactlog.testing import START
from tangente.errors import ContactLogError
from tests.contactlog.strategies import contacts, examples

CONTACT = {"contact_id": "c", "customer_id": "anna", "occurred_at": START, "sequence": 0, "touchpoint": "shop"}
RATING = {
    **{"rating_id": "r", "response_id": "s", "customer_id": "anna", "occurred_at": START, "metric": "csat"},
    **{"answer": "given", "rater": "customer", "score": 4.0},
}
ROWS = {"contacts": CONTACT, "ratings": RATING}


def rows_with(table, values):
    return pa.Table.from_pylist([ROWS[table] | values], TABLES[table])


@pytest.mark.parametrize("table", TABLES)
def test_check_takes_rows_that_keep_the_contract(table):
    rows = rows_with(table, {})
    check(rows, table)
    check(rows.to_batches()[0].select(rows.column_names[::-1]), table)


@examples
@given(contacts())
def test_check_takes_all_made_up_contacts(rows):
    check(pa.Table.from_pylist(rows, CONTACTS), "contacts")


@pytest.mark.parametrize(
    ("table", "values", "message"),
    [
        ("contacts", {"customer_id": None}, "contacts.customer_id is empty in 1 rows; every row needs one"),
        (
            "contacts",
            {"occurred_at": START.replace(year=1899)},
            "contacts.occurred_at lies outside the years 1900 to 2100 in 1 rows",
        ),
        (
            "ratings",
            {"occurred_at": START.replace(year=2101)},
            "ratings.occurred_at lies outside the years 1900 to 2100 in 1 rows",
        ),
        ("contacts", {"direction": "up"}, "contacts.direction is 'up'; allowed are in, out"),
        ("contacts", {"cost": -1}, "contacts.cost is -1; it must lie between 0 and 1,000,000,000,000"),
        ("contacts", {"duration_s": -0.5}, "contacts.duration_s is -0.5; it must lie between 0 and 1,000,000,000"),
        (
            "contacts",
            {"duration_s": float("nan")},
            "contacts.duration_s is nan; it must lie between 0 and 1,000,000,000",
        ),
        ("ratings", {"score": 1e6}, "ratings.score is 1000000.0; it must lie between -1,000 and 1,000"),
        ("ratings", {"scale_high": float("inf")}, "ratings.scale_high is inf; it must lie between -1,000 and 1,000"),
        ("ratings", {"weight": -1.0}, "ratings.weight is -1.0; it must lie between 0 and 1,000,000"),
        (
            "ratings",
            {"metric": "joy"},
            "ratings.metric is 'joy'; allowed are nps, csat, ces, stars, expectation, attribute, recommended",
        ),
        ("ratings", {"answer": "no"}, "ratings.answer is 'no'; allowed are given, never_used, not_answered"),
        ("ratings", {"rater": "me"}, "ratings.rater is 'me'; allowed are customer, staff, mystery"),
        (
            "ratings",
            {"score": None},
            "ratings.score must be there where the answer is given, and only there; 1 rows differ",
        ),
        (
            "ratings",
            {"answer": "never_used"},
            "ratings.score must be there where the answer is given, and only there; 1 rows differ",
        ),
    ],
)
def test_check_refuses_rows_that_break_the_contract(table, values, message):
    with pytest.raises(ContactLogError) as refusal:
        check(rows_with(table, values), table)
    assert str(refusal.value) == message


def test_check_takes_moments_up_to_the_last_of_the_last_year():
    beyond = datetime(2101, 1, 1, tzinfo=UTC)
    check(rows_with("contacts", {"occurred_at": beyond - timedelta(microseconds=1)}), "contacts")
    with pytest.raises(ContactLogError, match="outside the years 1900 to 2100"):
        check(rows_with("contacts", {"occurred_at": beyond}), "contacts")


def test_check_lets_a_value_be_negative():
    check(rows_with("contacts", {"value": -3 * MICRO}), "contacts")


def test_check_lets_a_column_be_empty_that_is_filled_in_later():
    check(rows_with("ratings", {"rating_id": None}), "ratings", unset={"rating_id"})


def test_check_refuses_another_type():
    rows = rows_with("contacts", {})
    rows = rows.set_column(rows.column_names.index("sequence"), "sequence", pa.array([0], pa.int32()))
    with pytest.raises(ContactLogError, match=r"^contacts.sequence has type int32; it must be int64$"):
        check(rows, "contacts")


@pytest.mark.parametrize("table", TABLES)
def test_check_takes_coded_rows_as_plain_ones(table):
    check(coded(rows_with(table, {})), table)
    with pytest.raises(ContactLogError, match="allowed are"):
        check(coded(rows_with(table, {next(iter(WORDS[table])): "other"})), table)


@pytest.mark.parametrize("kind", [pa.table, pa.record_batch])
def test_check_refuses_null_among_the_names_of_coded_rows(kind):
    rows = coded(rows_with("contacts", {}))
    nobody = pa.DictionaryArray.from_arrays(pa.array([0], pa.int32()), pa.nulls(1, pa.string()))
    columns = {name: rows[name].chunk(0) for name in rows.column_names} | {"customer_id": nobody}
    with pytest.raises(ContactLogError, match=r"^contacts\.customer_id has null among its names; "):
        check(kind(columns), "contacts")


def test_check_refuses_a_missing_column():
    with pytest.raises(ContactLogError, match=r"^ratings: the column wave is missing$"):
        check(rows_with("ratings", {}).drop(["wave"]), "ratings")


@pytest.mark.parametrize("table", [CONTACTS, RATINGS])
def test_every_column_says_what_it_means(table):
    assert [field.name for field in table if not field.metadata[b"doc"]] == []
