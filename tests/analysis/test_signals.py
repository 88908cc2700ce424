"""What changed beyond noise: few false findings in a stable company, planted shifts found, weeks counted right."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from numpy.random import Generator

from tangente.analysis.signals import Series, complete_weeks, judged, signals
from tangente.contactlog.extent import Extent
from tangente.contactlog.testing import from_rows

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
SIZES = np.geomspace(6, 3000, 30)  # contacts a week of thirty touchpoints
SEEDS = range(60)


def series(values: object, measure: str = "contacts", touchpoint: str = "shop") -> Series:
    return Series(touchpoint, measure, date(2026, 11, 9), [float(value) for value in values], few=False)  # type: ignore[attr-defined]


def company(seed: int, week: Callable[[Generator, float], object], measure: str = "contacts") -> list[Series]:
    chance = np.random.default_rng(seed)
    return [series(week(chance, size), measure, f"t{size:.0f}") for size in SIZES]


def moment(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def poisson(chance: Generator, size: float) -> object:
    return chance.poisson(size, 60)


def restless(chance: Generator, size: float) -> object:
    """A good week may have half as much again: more than independent contacts vary."""
    return chance.negative_binomial(10, 10 / (10 + size), 60)


def means(chance: Generator, size: float) -> object:
    return chance.normal(7, 0.3, 60)


@pytest.mark.parametrize(("week", "measure"), [(poisson, "contacts"), (restless, "contacts"), (means, "satisfaction")])
def test_signals_of_a_stable_company_are_false_in_few_seeds(week: Callable[[Generator, float], object], measure: str):
    told = [any(row.beyond_chance for row in judged(company(seed, week, measure))) for seed in SEEDS]
    assert sum(told) <= 8  # of 60 at 5 %: seldom more (1 %)


def test_signals_find_a_planted_shift_and_little_else():
    found = []
    for seed in range(20):
        stable = company(seed, poisson)
        moved = [*stable[20].values[:-2], *(1.6 * value for value in stable[20].values[-2:])]
        rows = judged([*stable[:20], series(moved, touchpoint="moved"), *stable[21:]])
        found.append([row.touchpoint for row in rows if row.beyond_chance])
    assert sum("moved" in names for names in found) == 20
    assert sum(len(names) for names in found) <= 23


def test_signals_leave_a_season_to_chance():
    weeks = np.arange(104)
    for seed, turn in enumerate(range(0, 52, 13)):
        chance = np.random.default_rng(seed)
        swing = 1 + 0.12 * np.cos(2 * np.pi * (weeks + turn) / 52)
        rows = judged([series(chance.poisson(size * swing), touchpoint=f"t{size:.0f}") for size in SIZES])
        assert [row.touchpoint for row in rows if row.beyond_chance] == []


def test_signals_hold_the_latest_weeks_against_those_before():
    [row] = judged([series([310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 340, 350, 345, 360])])
    assert (row.centre, row.latest, row.side, row.beyond_chance) == (pytest.approx(300.08, abs=0.01), 360, "high", True)
    assert row.upper is not None
    assert row.upper < 340


def test_signals_say_nothing_of_a_short_series():
    [row] = judged([series(range(100, 111))])
    assert (row.weeks, row.unknown, row.centre, row.p_value, row.beyond_chance) == (11, "short", None, None, False)


def test_signals_need_a_signal_of_the_chart():
    values = [100, 120] * 10 + [112, 116, 114, 120]
    [row] = judged([series(values)])
    assert (row.side, row.p_value) == (None, 1.0)


def test_signals_have_no_limit_below_no_contacts():
    [row] = judged([series([2, 30] * 8)])
    assert row.lower == 0


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [
        (moment(1, 5, 8), moment(1, 18, 20), [date(2026, 1, 5), date(2026, 1, 12)]),
        (moment(1, 6, 8), moment(1, 18, 20), [date(2026, 1, 12)]),
        (moment(1, 5, 8), moment(1, 17, 20), [date(2026, 1, 5)]),
        (moment(1, 4, 23, 30), moment(1, 11, 22, 30), [date(2026, 1, 5)]),  # Monday in Berlin
        (moment(1, 6), moment(1, 9), []),
    ],
)
def test_complete_weeks_leave_out_first_and_last_ones_cut_short(first: datetime, last: datetime, weeks: list[date]):
    ends = [int(at.timestamp() * 1_000_000) for at in (first, last)]
    assert complete_weeks(Extent(2, 1, 0, ends[0], ends[1]), "Europe/Berlin") == weeks


def test_complete_weeks_of_nothing_are_none():
    assert complete_weeks(Extent(0, 0, 0, None, None), "UTC") == []


def test_signals_put_in_weeks_without_contacts():
    rows = [contact("shop", week, n) for week in range(20) for n in range(6) if week != 14]
    rows += [contact("ad", week, n) for week in range(20) for n in range(6)]
    found = {row.touchpoint: row for row in signals(from_rows(rows, []))}
    assert (found["shop"].weeks, found["shop"].recent[14], found["shop"].centre) == (19, 0.0, 5.6)


def test_signals_need_five_contacts_a_week():
    rows = [contact("shop", week, n) for week in range(20) for n in range(4)]
    assert [(row.measure, row.unknown) for row in signals(from_rows(rows, []))] == [("contacts", "few")]


def test_signals_judge_satisfaction_where_weeks_have_thirty_answers():
    rows = [rating("shop", week, n) for week in range(20) for n in range(30)]
    rows += [rating("ad", week, n) for week in range(20) for n in range(29)]
    found = {row.touchpoint: (row.measure, row.unknown) for row in signals(from_rows([], rows))}
    assert found == {"shop": ("satisfaction", None), "ad": ("satisfaction", "few")}


def contact(touchpoint: str, week: int, n: int) -> dict[str, object]:
    return {"customer_id": f"c{n}", "occurred_at": MONDAY + timedelta(weeks=week, days=n), "touchpoint": touchpoint}


def rating(touchpoint: str, week: int, n: int) -> dict[str, object]:
    at = MONDAY + timedelta(weeks=week, days=n % 7)
    score = {"score": 1.0 + (week + n) % 5, "scale_low": 1.0, "scale_high": 5.0}
    return {"customer_id": f"c{n}", "occurred_at": at, "touchpoint": touchpoint} | score
