from math import sqrt

import numpy as np
import pytest
from scipy import stats

from tangente.method.prediction import prediction_p_value


def test_prediction_is_the_t_test_of_one_further_value():
    earlier = [5.1, 4.8, 5.0, 5.4, 4.9, 5.2]
    t = (5.9 - np.mean(earlier)) / (np.std(earlier, ddof=1) * sqrt(1 + 1 / 6))
    assert prediction_p_value(earlier, 5.9) == pytest.approx(2 * stats.t.sf(t, 5), rel=1e-9)


def test_prediction_is_the_same_on_either_side():
    assert prediction_p_value([1, 2, 3, 4], 8) == pytest.approx(prediction_p_value([1, 2, 3, 4], -3))


def test_prediction_is_uniform_where_nothing_changed():
    chance = np.random.default_rng(1)
    found = [prediction_p_value(row[:-1].tolist(), row[-1]) for row in chance.normal(3, 2, (2_000, 13))]
    assert stats.kstest(found, "uniform").pvalue > 0.01


@pytest.mark.parametrize("earlier", [[], [4], [4, 4, 4]])
def test_prediction_says_nothing_without_noise(earlier: list[float]):
    assert prediction_p_value(earlier, 5) is None
