import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.charts.scale import Scale, digits_between, round_step


def test_scale_maps_its_ends():
    scale = Scale(3, 9, 100, 700)
    assert [scale(3), scale(6), scale(9)] == [100, 400, 700]


def test_scale_that_counts_down_puts_the_better_end_last():
    grades = Scale(6, 1, 0, 100)
    assert [grades(6), grades(1), grades.clipped(0), grades.clipped(9)] == [0, 100, 100, 0]


def test_root_scale_keeps_small_shares_apart():
    scale = Scale(0, 1, 0, 100, is_root=True)
    assert [scale(0), scale(0.01), scale(0.25), scale(1)] == [0, 10, 50, 100]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        pytest.param(0, 22, [0, 5, 10, 15, 20], id="from zero"),
        pytest.param(4.6, 8.7, [5, 6, 7, 8], id="within"),
        pytest.param(6, 1, [1, 2, 3, 4, 5, 6], id="counting down"),
    ],
)
def test_ticks_are_round_values_within_the_scale(low, high, ticks):
    assert Scale(low, high, 0, 1).ticks() == ticks


@given(st.floats(1e-6, 1e9), st.floats(1e-3, 1e6))
def test_ticks_stay_within_and_are_few(low, width):
    scale = Scale(low, low + width, 0, 100)
    ticks = scale.ticks()
    assert all(low - 1e-6 * width <= tick <= low + width * (1 + 1e-6) for tick in ticks)
    assert len(ticks) <= 6


@given(st.floats(1e-6, 1e9))
def test_round_step_is_a_one_two_or_five(width):
    step = round_step(width)
    assert width * (1 - 1e-9) <= step <= 2.5 * width * (1 + 1e-9)
    assert f"{step:e}"[0] in "125"


@pytest.mark.parametrize(("values", "digits"), [([0, 5, 10], 0), ([2.5, 3.0, 3.5], 1), ([0.0, 0.25], 1), ([7], 0)])
def test_digits_between_tell_neighbours_apart(values, digits):
    assert digits_between(values) == digits
