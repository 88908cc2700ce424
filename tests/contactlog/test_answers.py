from collections import Counter, defaultdict
from fractions import Fraction
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given

from tangente.contactlog.answers import (
    answer_counts,
    answers,
    most_answered,
    never_used,
    satisfaction_measure,
    sheets,
)
from tangente.contactlog.codes import measure_name
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tests.contactlog.strategies import examples, ratings

SCALE = {"scale_low": 1.0, "scale_high": 5.0}
SHEET = {"customer_id": "anna", "occurred_at": START, "response_id": "s"} | SCALE


def measure(row):
    return measure_name(row["metric"], row["scale_low"], row["scale_high"])


def given_ones(rows):
    return [row for row in rows if row["answer"] == "given" and row["rater"] == "customer"]


@examples
@given(ratings())
def test_answer_counts_equal_plain_python(rows):
    touchpoints = Counter(measure(row) for row in given_ones(rows) if row["touchpoint"])
    company = Counter(measure(row) for row in given_ones(rows) if row["touchpoint"] is None)
    assert answer_counts(from_rows([], rows, buckets=2)) == (touchpoints, company)


@examples
@given(ratings())
def test_answers_are_those_of_the_rows(rows):
    log = from_rows([], rows, buckets=2)
    found = answers(log)
    columns = (log.codes.decode("touchpoint", found.touchpoint), log.codes.decode("measure", found.measure))
    expected = Counter((row["touchpoint"], measure(row), row["score"]) for row in given_ones(rows))
    assert Counter(zip(*(c.to_pylist() for c in columns), found.score.tolist(), strict=True)) == expected


@examples
@given(ratings())
def test_answers_tell_customers_and_sheets_apart(rows):
    found = answers(from_rows([], rows, buckets=2))
    sheets_of = {(row["customer_id"], row["response_id"]) for row in given_ones(rows)}
    assert len(np.unique(found.customer)) == len({customer for customer, _ in sheets_of})
    assert len(np.unique(found.sheet)) == len(sheets_of)


@examples
@given(ratings())
def test_never_used_equals_plain_python(rows):
    said = Counter(
        row["touchpoint"]
        for row in rows
        if (row["answer"], row["rater"]) == ("never_used", "customer") and row["touchpoint"]
    )
    assert never_used(from_rows([], rows, buckets=2)) == said


def plain_sheets(rows):
    """Per sheet the mean judgement of each touchpoint and of the company; in plain Python."""
    touchpoints, company = defaultdict(lambda: defaultdict(list)), defaultdict(list)
    for row in given_ones(rows):
        sheet = row["customer_id"], row["response_id"]
        if row["touchpoint"] and measure(row) == "csat 1..5":
            touchpoints[sheet][row["touchpoint"]].append(row["score"])
        if row["touchpoint"] is None and measure(row) == "nps 0..10":
            company[sheet].append(row["score"])
    judged = {sheet: len(touchpoints[sheet]) + (sheet in company) for sheet in [*touchpoints, *company]}
    return [
        (
            {t: fmean(s) for t, s in sorted(touchpoints[sheet].items())},
            fmean(company[sheet]) if sheet in company else None,
        )
        for sheet, things in judged.items()
        if things > 1
    ]


@examples
@given(ratings(most=40))
def test_sheets_equal_plain_python(rows):
    anchors = [SHEET | row | {"customer_id": "zoe", "answer": "given", "rater": "customer"} for row in (ITEM, WHOLE)]
    found = sheets(from_rows([], [*rows, *anchors], buckets=2), measure="csat 1..5", overall="nps 0..10")
    items = [
        {name: value for name, value in zip(found.touchpoints, row, strict=True) if not np.isnan(value)}
        for row in found.items.tolist()
    ]
    overall = [None if np.isnan(value) else value for value in found.overall.tolist()]
    expected = plain_sheets([*rows, *anchors])
    assert sorted(map(str, zip(items, overall, strict=True))) == sorted(map(str, expected))


ITEM = {"touchpoint": "ad", "metric": "csat", "score": 3.0}
WHOLE = {"touchpoint": None, "metric": "nps", "score": 9.0, "scale_low": 0.0, "scale_high": 10.0}


def test_sheets_come_in_the_order_of_what_they_say():
    said = [(5, 1), (2, 3), (2, 1)]
    rows = [
        SHEET | {"response_id": str(k), "touchpoint": touchpoint, "score": float(score)}
        for k, (whole, shop) in enumerate(said)
        for touchpoint, score in ((None, whole), ("shop", shop))
    ]
    found = sheets(from_rows([], rows), measure="csat 1..5", overall="csat 1..5")
    assert list(zip(found.overall.tolist(), found.items[:, 0].tolist(), strict=True)) == sorted(said)


def test_sheets_take_the_mean_of_answers_and_of_weights():
    rows = [SHEET | {"touchpoint": "shop", "score": score} for score in (1.0, 2.0)]
    rows += [SHEET | {"score": 3.0, "weight": 0.25}, SHEET | {"score": 4.0, "weight": 0.5}]
    found = sheets(from_rows([], rows), measure="csat 1..5", overall="csat 1..5")
    assert (found.items.tolist(), found.overall.tolist(), found.weights.tolist()) == ([[1.5]], [3.5], [0.6875])


def test_means_of_thirds_are_exact_before_they_are_rounded():
    rows = [SHEET | {"touchpoint": "shop", "score": 1.1}] * 3 + [SHEET | {"score": 1.0}]
    found = sheets(from_rows([], rows), measure="csat 1..5", overall="csat 1..5")
    assert found.items[0, 0] == float(Fraction(11, 10))


def test_sheets_refuse_a_measure_nobody_answered():
    with pytest.raises(QuestionError, match=r"^The log has no measure 'ces 1..7'"):
        sheets(journeys("anna: ad=3"), measure="csat 1..5", overall="ces 1..7")


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"csat 1..5": 2, "stars 1..5": 3, "nps 0..10": 9}, "stars 1..5"),
        ({"csat 1..7": 2, "csat 1..5": 2}, "csat 1..5"),
        ({"nps 0..10": 9}, None),
    ],
)
def test_most_answered_takes_the_first_by_name_of_equals(counts, expected):
    assert most_answered(counts, ["csat", "stars"]) == expected


def test_satisfaction_is_measured_where_touchpoints_were_judged():
    rows = [SHEET | {"score": 1.0, "metric": "stars"}] * 3 + [SHEET | {"touchpoint": "ad", "score": 1.0}]
    assert satisfaction_measure(from_rows([], rows)) == "csat 1..5"
