from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.control_chart import (
    ControlChart,
    Signal,
    count_chart,
    individuals_chart,
    mean_chart,
    moving_range_chart,
    range_chart,
    rate_chart,
    share_chart,
)

CALLS = [310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299, 297, 299, 314, 295, 293, 306, 301, 304]
SERIES = st.lists(st.integers(0, 50), min_size=6, max_size=30)


def rounded(chart: ControlChart, digits: int) -> list[float | None]:
    ends = (chart.centre, chart.lower and chart.lower[0], chart.upper and chart.upper[0])
    return [end if end is None else round(end, digits) for end in ends]


def signals(chart: ControlChart) -> list[tuple[int, str, str]]:
    return [(signal.place, signal.rule, signal.side) for signal in chart.signals]


def test_individuals_chart_gives_the_gold_values():
    chart = individuals_chart(CALLS)
    assert rounded(chart, 2) == [300.5, 279.78, 321.22]
    assert (chart.n, chart.provisional, chart.signals, chart.values) == (20, False, [], CALLS)


def test_moving_range_chart_gives_the_gold_values():
    chart = moving_range_chart(CALLS)
    assert rounded(chart, 2) == [7.79, 0.0, 25.45]
    assert (chart.n, chart.values[0], chart.signals) == (19, 22, [])


def test_share_chart_gives_the_gold_values():
    chart = share_chart([11] * 13 + [12] * 17, [50] * 30)
    assert rounded(chart, 4) == [0.2313, 0.0524, 0.4102]  # 347 of 1,500


def test_count_chart_goes_three_roots_either_way():
    chart = count_chart([16] * 10 + [29, 3, 17, 15])
    assert rounded(chart, 1) == [16.0, 4.0, 28.0]
    assert signals(chart) == [(10, "outside", "high"), (11, "outside", "low")]


def test_rate_chart_is_wider_where_a_period_is_smaller():
    chart = rate_chart([10, 20] * 6, [5, 10] * 6)
    assert chart.upper is not None
    assert [round(end, 2) for end in chart.upper[:2]] == [3.9, 3.34]


def test_mean_and_range_chart_have_the_printed_constants_of_samples_of_five():
    samples = [[1.0, 2.0, 3.0, 4.0, 5.0]] * 12
    assert rounded(mean_chart(samples), 2) == [3.0, round(3 - 0.577 * 4, 2), round(3 + 0.577 * 4, 2)]
    assert rounded(range_chart(samples), 2) == [4.0, 0.0, round(2.114 * 4, 2)]


@pytest.mark.parametrize(("size", "low", "high"), [(2, 0, 3.267), (6, 0, 2.004), (7, 0.076, 1.924), (10, 0.223, 1.777)])
def test_range_chart_has_the_printed_constants(size: int, low: float, high: float):
    chart = range_chart([[0.0] * (size - 1) + [1.0]] * 12)
    assert (chart.lower, chart.upper) == ([pytest.approx(low, abs=1e-3)] * 12, [pytest.approx(high, abs=2e-3)] * 12)


def test_limits_stay_where_values_can_be():
    rare = count_chart([1, 0, 2, 0, 1, 2])
    almost_all = share_chart([9, 10, 10, 9, 10, 10], [10] * 6)
    assert (rare.lower, almost_all.upper) == ([0.0] * 6, [1.0] * 6)


def test_chart_is_provisional_below_twelve_points_and_has_no_limits_below_six():
    assert [individuals_chart(CALLS[:n]).provisional for n in (6, 11, 12)] == [True, True, False]
    few = individuals_chart(CALLS[:5])
    assert (few.n, few.values, rounded(few, 1), few.signals) == (5, CALLS[:5], [None] * 3, [])


def test_chart_of_nothing_has_no_limits():
    assert rounded(individuals_chart([]), 1) == rounded(share_chart([], []), 1) == [None] * 3


def test_baseline_keeps_a_shift_out_of_the_limits():
    before = [5, 7, 5, 7, 5, 7, 5, 7, 5, 7, 5, 7]
    chart = individuals_chart([*before, 40, 41], baseline=range(12))
    assert (chart.n, rounded(chart, 2)) == (12, rounded(individuals_chart(before), 2))
    assert signals(chart) == [(12, "outside", "high"), (13, "outside", "high")]


def test_baseline_may_leave_out_an_explained_point():
    chart = individuals_chart([5, 7, 5, 40, 7, 5, 7], baseline=[0, 1, 2, 4, 5, 6])
    assert rounded(chart, 2) == rounded(individuals_chart([5, 7, 5, 7, 5, 7]), 2)


def test_run_is_the_eighth_point_in_a_row_on_one_side():
    chart = individuals_chart([9, -9] * 10 + [1] * 9, baseline=range(20))
    assert signals(chart) == [(27, "run", "high"), (28, "run", "high")]


def test_run_ends_at_the_centre():
    chart = individuals_chart([9, -9] * 10 + [1, 1, 1, 1, 0, 1, 1, 1, 1], baseline=range(20))
    assert signals(chart) == []


@pytest.mark.parametrize(("side", "sign"), [("high", 1), ("low", -1)])
def test_near_limit_is_three_of_four_nearer_the_limit_than_the_centre(side: str, sign: int):
    far, limit = 25 * sign, individuals_chart([9, -9] * 10).upper
    assert limit is not None
    assert limit[0] / 2 < abs(far) < limit[0]
    chart = individuals_chart([9, -9] * 10 + [far, 0, far, far], baseline=range(20))
    assert signals(chart) == [(23, "near_limit", side)]


def test_ranges_are_asked_only_whether_they_lie_outside():
    ranges = moving_range_chart([0, 1] * 10 + [0, 0] * 6, baseline=range(19))
    assert ranges.signals == []
    assert moving_range_chart([0, 1] * 10 + [9], baseline=range(19)).signals == [
        Signal(place=19, rule="outside", side="high")
    ]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e9])
def test_equal_values_give_no_signal(value: float):
    chart = individuals_chart([value] * 7)
    assert (chart.centre, chart.lower, chart.signals) == (value, [value] * 7, [])


@given(SERIES)
def test_individuals_chart_equals_plain_sums(values: list[int]):
    chart = individuals_chart(values)
    spread = 2.66 * mean(abs(values[i] - values[i - 1]) for i in range(1, len(values)))
    low, high = mean(values) - spread, mean(values) + spread
    assert rounded(chart, 6) == [round(mean(values), 6), round(low, 6), round(high, 6)]


@given(SERIES)
def test_signals_equal_a_plain_look_at_each_point(values: list[int]):
    chart = individuals_chart(values)
    assert chart.centre is not None
    ends = [(value, *limits) for value, *limits in zip(values, chart.lower or [], chart.upper or [], strict=True)]
    sides = [(value > chart.centre) - (value < chart.centre) for value in values]
    plain = {(i, "outside") for i, (value, low, high) in enumerate(ends) if value < low or value > high}
    plain |= {(i, "run") for i in range(7, len(values)) if abs(sum(sides[i - 7 : i + 1])) == 8}
    assert {(place, rule) for place, rule, _ in signals(chart) if rule != "near_limit"} == plain


@given(SERIES)
def test_mirrored_series_has_mirrored_signals(values: list[int]):
    mirror = {"high": "low", "low": "high"}
    found = [(place, rule, mirror[side]) for place, rule, side in signals(individuals_chart(values))]
    assert signals(individuals_chart([-value for value in values])) == found


@given(SERIES)
def test_count_chart_is_the_rate_chart_of_equal_periods(values: list[int]):
    assert count_chart(values) == rate_chart(values, [1] * len(values))


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (lambda: individuals_chart(CALLS, baseline=[0, 20]), "baseline has the place 20; the series has 20 points"),
        (lambda: individuals_chart([1.0, float("nan")]), "point 1 is nan; leave out periods of which nothing is known"),
        (lambda: count_chart([3, -1]), "point 1: -1 events in 1 units"),
        (lambda: rate_chart([3], [0]), "point 0: 3 events in 0 units"),
        (lambda: share_chart([3], [2]), "point 0: 3 of 2 is no share"),
        (lambda: share_chart([0], [0]), "point 0: 0 of 0 is no share"),
        (lambda: mean_chart([[1, 2], [1, 2, 3]]), "the samples have \\[2, 3\\] values"),
        (lambda: range_chart([[1]]), "the samples have \\[1\\] values"),
    ],
)
def test_chart_refuses_what_is_no_series(chart, said: str):
    with pytest.raises(QuestionError, match=f"^{said}"):
        chart()
