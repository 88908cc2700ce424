import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tangente.method.difference import Difference, difference
from tangente.method.mean import Mean, mean_of_counts

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
