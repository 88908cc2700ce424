from collections import defaultdict
from datetime import date
from statistics import fmean, median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from tangente.contactlog import profile as profiling
from tangente.contactlog.profile import profile
from tangente.contactlog.schema import LIMITS, MICRO
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tests.contactlog.strategies import NAMES, contacts, examples, ratings, tuples, utc
from tests.contactlog.test_cuts import plain_period

BY = st.lists(st.sampled_from(list(NAMES)), unique=True, max_size=2)
PERIOD = st.sampled_from([None, "day", "week", "month"])
ZONE = "Europe/Berlin"


def grouped(rows, by, period):
    groups = defaultdict(list)
    for row in rows:
        start = [plain_period(row["occurred_at"], period, ZONE)] if period else []
        groups[(*(row.get(kind) for kind in by), *start)].append(row)
    return groups


def by_name(key):
    return [(name is not None, name) for name in key]


def plain_contacts(rows, by, period):
    """Contacts, customers, reach, cost, contacts with cost, handling time; in plain Python."""
    everyone = {key: {row["customer_id"] for row in group} for key, group in grouped(rows, [], period).items()}
    found = {}
    for key, group in grouped(rows, by, period).items():
        people = {row["customer_id"] for row in group}
        costs = [row["cost"] for row in group if row["cost"] is not None]
        times = [row["duration_s"] for row in group if row["duration_s"] is not None]
        reach = round(len(people) / len(everyone[key[len(by) :]]), 9)
        cost = sum(costs) / MICRO if costs else None
        handling = [round(median(times), 9), round(float(np.quantile(times, 0.9)), 9)] if times else [None, None]
        found[key] = (len(group), len(people), reach, cost, len(costs), *handling)
    return [(*key, *found[key]) for key in sorted(found, key=by_name)]


@examples
@given(contacts(), BY, PERIOD)
def test_profile_of_contacts_equals_plain_python(rows, by, period):
    table = profile(from_rows(rows, [], buckets=2), by=by, period=period)
    measured = ["contacts", "customers", "reach_share", "cost", "costed", "duration_median_s", "duration_p90_s"]
    keys = [*by, "period"] if period else by
    assert tuples(table, *keys, *measured) == plain_contacts(rows, by, period)


def plain_mean(rows):
    """Mean, its interval by the ratio of sums over customers, and median; in floats."""
    scores = defaultdict(list)
    for row in rows:
        scores[row["customer_id"]].append(row["score"])
    n, people = len(rows), len(scores)
    mean, middle = fmean(row["score"] for row in rows), round(median(row["score"] for row in rows), 9)
    spread = sum((sum(own) - mean * len(own)) ** 2 for own in scores.values())
    if people < 2:
        return n, round(mean, 9), None, None, middle
    margin = float(t.ppf(0.975, people - 1)) * (spread / n**2 * people / (people - 1)) ** 0.5
    return n, round(mean, 9), round(mean - margin, 9), round(mean + margin, 9), middle


ANY = {"customer_id": "anna", "occurred_at": START, "touchpoint": "ad", "channel": None, "score": 3.0}.items()
ANSWER = dict(ANY) | {"metric": "csat", "scale_low": 1.0, "scale_high": 5.0, "answer": "given", "rater": "customer"}
SAID = ["satisfaction_n", *(f"satisfaction_{name}" for name in ("mean", "low", "high", "median"))]


@examples
@given(ratings(), st.sampled_from([[], ["touchpoint"], ["touchpoint", "channel"]]), PERIOD)
def test_profile_of_ratings_equals_plain_python(rows, by, period):
    table = profile(from_rows([], [*rows, ANSWER], timezone=ZONE), by=by, period=period, measure="csat 1..5")
    counted = [row for row in [*rows, ANSWER] if row["touchpoint"] and ANSWER.items() - ANY <= row.items()]
    expected = {key: plain_mean(group) for key, group in grouped(counted, by, period).items()}
    found = tuples(table, *by, *(["period"] if period else []), *SAID)
    assert found == [(*key, *expected[key]) for key in sorted(expected, key=by_name)]


@examples
@given(ratings(), PERIOD)
def test_profile_is_the_same_where_scores_are_too_many_to_count(rows, period):
    log = from_rows([], [*rows, ANSWER], buckets=2)
    counted = profile(log, period=period, measure="csat 1..5")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profiling, "CELLS", 0)
        assert profile(log, period=period, measure="csat 1..5") == counted


@examples
@given(contacts(), ratings())
def test_profile_cells_add_up_to_the_whole(met, said):
    log = from_rows(met, said, buckets=2)
    whole = profile(log, by=[]).to_pylist()
    for column in ("contacts", "costed", "satisfaction_n"):
        parts = profile(log, by=["touchpoint", "channel"], period="week")[column].to_pylist()
        assert sum(parts) == sum(row[column] for row in whole)


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-03-31T21:59:59.999999", date(2026, 3, 1)),
        ("2026-03-31T22:00", date(2026, 4, 1)),  # summer time: midnight is at 22:00 UTC
        ("2026-10-31T22:59", date(2026, 10, 1)),
        ("2026-10-31T23:00", date(2026, 11, 1)),  # winter time: midnight is at 23:00 UTC
    ],
)
def test_profile_begins_a_month_at_local_midnight(moment, month):
    rows = [{"customer_id": "a", "occurred_at": utc(moment), "touchpoint": "t"}]
    assert tuples(profile(from_rows(rows, []), period="month"), "period") == [(month,)]


def test_profile_takes_the_measure_most_often_answered():
    row = {"customer_id": "a", "occurred_at": START, "touchpoint": "t", "scale_low": 1.0}
    rows = [row | {"scale_high": 7.0, "score": 6.0}, *[row | {"scale_high": 5.0, "score": 2.0}] * 2]
    assert tuples(profile(from_rows([], rows)), "satisfaction_n", "satisfaction_mean") == [(2, 2)]


def test_profile_measures_nothing_of_contacts_where_there_were_none():
    row = {"customer_id": "a", "occurred_at": START, "touchpoint": "t", "score": 4.0}
    row |= {"scale_low": 1.0, "scale_high": 5.0}
    found = profile(from_rows([], [row])).to_pylist()[0]
    assert {name for name, value in found.items() if value is None} == {
        *("reach_share", "cost", "cost_per_contact", "duration_median_s", "duration_p90_s"),
        *("satisfaction_low", "satisfaction_high"),
    }
    assert (found["contacts"], found["costed"], found["satisfaction_mean"]) == (0, 0, 4)


def test_profile_divides_cost_by_the_contacts_that_have_one():
    found = profile(journeys("anna: call(cost=3) call call(cost=1)")).to_pylist()[0]
    assert (found["cost"], found["costed"], found["cost_per_contact"]) == (4, 2, 2)


def test_profile_cuts_a_rating_by_what_its_contact_was():
    log = journeys("anna: call=4(reason=bill) call=2(reason=move)")
    assert tuples(profile(log, by=["reason"]), "reason", "satisfaction_mean") == [("bill", 4), ("move", 2)]


def test_profile_puts_unknown_first_and_then_goes_by_name_and_period():
    log = journeys("anna: call call+40d(unit=B) call+40d(unit=Ä) call+1d(unit=B)", timezone="UTC")
    assert tuples(profile(log, by=["unit"], period="month"), "unit", "period") == [
        (None, date(2026, 1, 1)),
        ("B", date(2026, 2, 1)),
        ("B", date(2026, 3, 1)),
        ("Ä", date(2026, 3, 1)),
    ]


@pytest.mark.parametrize("period", [None, "day"])
def test_profile_of_nothing_has_its_columns_and_no_rows(period):
    filled, empty = (profile(log, period=period) for log in (journeys("anna: a=3"), journeys()))
    assert (empty.num_rows, empty.schema) == (0, filled.schema)


def test_profile_refuses_a_measure_nobody_answered():
    with pytest.raises(QuestionError, match=r"^The log has no measure 'nps 0..10'; the nearest known: csat 1..5$"):
        profile(journeys("anna: a=3"), measure="nps 0..10")


HIGHEST_COST = int(LIMITS["contacts"]["cost"][1])


def test_profile_adds_up_costs_at_their_limit():
    row = {"customer_id": "anna", "occurred_at": START, "touchpoint": "ad", "cost": HIGHEST_COST}
    assert tuples(profile(from_rows([row] * 9_300, [])), "cost") == [(9_300 * HIGHEST_COST / MICRO,)]


@pytest.mark.parametrize("score", LIMITS["ratings"]["score"])
def test_profile_takes_many_answers_of_a_customer_at_the_limit_of_scores(score):
    row = ANSWER | {"score": float(score)}
    said = [row | {"customer_id": "ben", "score": 0.0}] + [row] * 31_000
    assert tuples(profile(from_rows([], said)), *SAID) == [plain_mean(said)]
