from collections import Counter
from dataclasses import astuple
from datetime import date

from hypothesis import given

from tangente.contactlog.extent import extent, first_contacts, observed_until, span
from tangente.contactlog.log import EPOCH, midnight
from tangente.contactlog.testing import START, from_rows, journeys
from tests.contactlog.strategies import contacts, examples, histories, ratings


def micros(at):
    return round((at - EPOCH).total_seconds() * 1_000_000)


def plain_extent(rows):
    """Rows, customers, rows at the same moment as the one before of the same customer, first, last."""
    moments = Counter((row["customer_id"], row["occurred_at"]) for row in rows)
    times = [micros(row["occurred_at"]) for row in rows]
    people = {row["customer_id"] for row in rows}
    return (
        len(rows),
        len(people),
        sum(n - 1 for n in moments.values()),
        min(times, default=None),
        max(times, default=None),
    )


@examples
@given(contacts(), ratings())
def test_extent_equals_plain_python(met, said):
    found = extent(from_rows(met, said, buckets=3))
    assert {name: astuple(one) for name, one in found.items()} == {
        "contacts": plain_extent(met),
        "ratings": plain_extent(said),
    }


@examples
@given(contacts())
def test_extent_counts_the_customers_of_the_histories(rows):
    assert extent(from_rows(rows, []))["contacts"].customers == len(histories(rows))


@examples
@given(contacts())
def test_first_contacts_equal_plain_python(rows):
    expected = {}
    for row in rows:
        at = micros(row["occurred_at"])
        expected[row["touchpoint"]] = min(at, expected.get(row["touchpoint"], at))
    assert first_contacts(from_rows(rows, [], buckets=2)) == expected


def test_span_covers_both_tables():
    rating = {"customer_id": "anna", "occurred_at": START.replace(year=2027), "score": 1.0}
    met = {"customer_id": "ben", "occurred_at": START, "touchpoint": "ad"}
    assert span(from_rows([met], [rating])) == (micros(START), micros(rating["occurred_at"]))


def test_span_of_nothing_is_empty():
    first, last = span(journeys())
    assert first > last


def test_observed_until_is_the_end_of_the_whole_log_under_any_filter_but_its_period():
    log = journeys("anna: ad shop+1d", "ben: call+9d call+9d", timezone="UTC")
    last = micros(START.replace(day=10))
    before = date(2026, 1, 5)
    assert observed_until(log.where(touchpoints=["ad"])) == last
    assert observed_until(log.where(before=before)) == midnight(before, "UTC") - 1
    assert observed_until(log.where(before=date(2030, 1, 1))) == last
