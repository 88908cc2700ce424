"""Survival curves and the log-rank test against the textbook's leukaemia remissions and against plain Python."""

from math import exp, log, nan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.survival import kaplan_meier, log_rank

DRUG = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
ROWS = st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=30)


def rows(weeks):
    """Weeks, + for censored, as times and events."""
    return [float(week.rstrip("+")) for week in weeks.split()], ["+" not in week for week in weeks.split()]


def plain_curve(times, events):
    """The curve in plain Python: time, at risk, events, share, low, high."""
    found, share, greenwood = [], 1.0, 0.0
    for time in sorted({t for t, event in zip(times, events, strict=True) if event}):
        n = sum(t >= time for t in times)
        d = sum(t == time and event for t, event in zip(times, events, strict=True))
        share, greenwood = share * (1 - d / n), greenwood + (d / (n * (n - d)) if n > d else nan)
        width = 1.959963984540054 * sqrt(greenwood) / abs(log(share)) if share else nan
        found.append((time, n, d, share, share ** exp(width), share ** exp(-width)))
    return found


def test_survival_of_the_leukaemia_patients():
    drug, placebo = kaplan_meier(*rows(DRUG)), kaplan_meier(*rows(PLACEBO))
    assert [round(drug.at(week), 4) for week in (5, 6, 10, 23, 99)] == [1, 0.8571, 0.7529, 0.4482, 0.4482]
    assert (drug.median, placebo.median) == (23, 8)
    assert drug.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    # R: survfit(Surv(time, event) ~ 1, conf.type = "log-log")
    assert (drug.low.round(3)[0], drug.high.round(3)[0]) == (0.62, 0.952)
    assert (placebo.share[-1], np.isnan(placebo.low[-1])) == (0, True)


def test_log_rank_of_the_leukaemia_patients():
    times, events = rows(f"{DRUG} {PLACEBO}")
    found = log_rank(times, events, ["drug"] * 21 + ["placebo"] * 21)
    assert (round(found.statistic, 3), found.degrees_of_freedom) == (16.793, 1)
    assert found.probability == pytest.approx(4.17e-5, rel=1e-3)


def test_survival_without_events_is_empty():
    curve = kaplan_meier([3, 4], [False, False])
    assert (len(curve.time), curve.median, curve.at(9)) == (0, None, 1)


@settings(deadline=None)
@given(ROWS)
def test_survival_equals_plain_python(rows):
    times, events, _ = zip(*rows, strict=True)
    curve = kaplan_meier(times, events)
    columns = (curve.time, curve.at_risk, curve.events, curve.share, curve.low, curve.high)
    assert np.array(columns).T.ravel() == pytest.approx(np.ravel(plain_curve(times, events)), nan_ok=True)


@settings(deadline=None)
@given(ROWS)
def test_log_rank_is_zero_for_groups_that_leave_alike_and_knows_no_order(rows):
    times, events, groups = zip(*rows, strict=True)
    if any(events):
        twice = log_rank(times * 2, events * 2, ["x"] * len(times) + ["y"] * len(times))
        assert twice.statistic == pytest.approx(0, abs=1e-9)
    first = min((time for time, event, _ in rows if event), default=9)
    if len({group for time, _, group in rows if time >= first}) > 1:
        found = [log_rank(*columns) for columns in ((times, events, groups), (times[::-1], events[::-1], groups[::-1]))]
        assert found[0].statistic == pytest.approx(found[1].statistic)


def test_log_rank_of_three_groups_is_that_of_two_where_the_third_was_gone():
    times, events, groups = [1, 1, 2, 3, 4, 5], [False, False, *[True] * 4], list("ccabab")
    two = log_rank(times[2:], events[2:], groups[2:])
    assert log_rank(times, events, groups) == two


def test_survival_refuses_rows_of_unequal_length_and_a_single_group():
    with pytest.raises(QuestionError, match="2 times and 1 events; each row needs one of both"):
        kaplan_meier([1, 2], [True])
    with pytest.raises(QuestionError, match="at least two groups"):
        log_rank([1, 2], [True, True], ["a", "a"])
