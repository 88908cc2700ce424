import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tangente.errors import QuestionError
from tangente.method.difference import Difference, difference, share_difference
from tangente.method.mean import Mean, mean_of_counts
from tangente.method.proportion import wilson

WAVE = st.lists(st.integers(0, 30), min_size=5, max_size=5).filter(lambda counts: sum(c > 0 for c in counts) > 1)
NO_INTERVAL = Mean(n=1, mean=4.0)


@given(WAVE, WAVE)
def test_difference_is_the_welch_test(before, after):
    first, second = ([point for point, count in enumerate(wave) for _ in range(count)] for wave in (before, after))
    found = difference(mean_of_counts(before, lowest=0), mean_of_counts(after, lowest=0))
    expected = stats.ttest_ind(second, first, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, abs=1e-9)


@pytest.mark.parametrize(("after", "beyond_noise"), [([2, 6, 17, 42, 33], False), ([2, 6, 10, 40, 42], True)])
def test_difference_is_beyond_noise_if_its_interval_excludes_0(after, beyond_noise):
    found = difference(mean_of_counts([5, 10, 20, 40, 25]), mean_of_counts(after))
    assert (found.low > 0, found.beyond_noise) == (beyond_noise, beyond_noise)


@pytest.mark.parametrize(
    ("before", "after"), [(NO_INTERVAL, mean_of_counts([0, 3, 4])), (mean_of_counts([0, 3, 4]), NO_INTERVAL)]
)
def test_difference_needs_the_spread_of_both_waves(before, after):
    assert difference(before, after) is None


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([0, 0, 40], Difference(value=1.0, low=1.0, high=1.0, p_value=0.0, beyond_noise=True)),
        ([0, 40, 0], Difference(value=0.0, low=0.0, high=0.0, p_value=1.0, beyond_noise=False)),
    ],
)
def test_difference_of_waves_without_any_spread_has_no_width(after, expected):
    assert difference(mean_of_counts([0, 40, 0]), mean_of_counts(after)) == expected


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_share_difference_gives_the_published_intervals(first, second, low, high):
    found = share_difference(wilson(*first), wilson(*second))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param((1, 7, 1, 12), (-6 / 21, -0.5069, -0.0256), id="published: Bentur 2009 in Fagerland 2017"),
        pytest.param((20, 0, 12, 18), (0.24, 0.1116, 0.3526), id="alike"),
        pytest.param((0, 5, 5, 0), (0.0, -0.5268, 0.5268), id="opposite"),
    ],
)
def test_share_difference_of_the_same_customers(cells, expected):
    both, only_first, only_second, _neither = cells
    n = sum(cells)
    found = share_difference(wilson(both + only_first, n), wilson(both + only_second, n), both=both)
    assert (found.value, found.low, found.high) == pytest.approx(expected, abs=5e-5)


CELLS = st.tuples(*[st.integers(0, 40)] * 4).filter(lambda cells: sum(cells) > 0)


@given(CELLS)
def test_share_difference_mirrors_and_stays_inside(cells):
    both, only_first, only_second, _neither = cells
    first, second = wilson(both + only_first, sum(cells)), wilson(both + only_second, sum(cells))
    found, mirrored = (share_difference(*pair, both=both) for pair in ((first, second), (second, first)))
    assert (found.low, found.high) == pytest.approx((-mirrored.high, -mirrored.low), abs=1e-12)
    assert -1 <= found.low <= found.value <= found.high <= 1


def test_share_difference_covers_the_true_one():
    draw, covered = np.random.default_rng(1), 0
    for a, b, c, _ in draw.multinomial(60, [0.3, 0.05, 0.2, 0.45], size=2_000).tolist():
        found = share_difference(wilson(a + b, 60), wilson(a + c, 60), both=a)
        covered += found.low <= 0.15 <= found.high
    assert 0.93 < covered / 2_000 < 0.98


def test_share_difference_needs_both_shares():
    assert share_difference(wilson(0, 0), wilson(1, 2)) is None
    assert share_difference(wilson(1, 2), wilson(0, 0)) is None


@pytest.mark.parametrize(("first", "both"), [((3, 10), 4), ((3, 9), 1), ((9, 10), 1)])
def test_share_difference_refuses_what_cannot_be_both(first, both):
    with pytest.raises(QuestionError, match=f"^{both} cannot be part of both {first[0]} of {first[1]} and 5 of 10"):
        share_difference(wilson(*first), wilson(5, 10), both=both)
