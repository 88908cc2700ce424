import math
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tangente.errors import QuestionError
from tangente.method.mean import (
    Mean,
    clustered_mean,
    independent_mean,
    mean_of_counts,
    weighted_mean,
)

ANSWERS = st.lists(st.integers(0, 10), min_size=2, max_size=40)
SHEETS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9), st.sampled_from("abcde")), min_size=1, max_size=30)


def clustered(scores, customers):
    """`clustered_mean` of single answers."""
    totals = [sum(s for s, c in zip(scores, customers, strict=True) if c == name) for name in set(customers)]
    counts = [customers.count(name) for name in set(customers)]
    return clustered_mean(
        n=len(scores),
        total=sum(scores),
        customers=len(counts),
        squared_totals=sum(total**2 for total in totals),
        cross_products=sum(total * count for total, count in zip(totals, counts, strict=True)),
        squared_counts=sum(count**2 for count in counts),
    )


def linearised_variance(scores, weights, customers):
    """The textbook formula of a ratio, customer by customer."""
    total = sum(weights)
    m = sum(w * x for w, x in zip(weights, scores, strict=True)) / total
    residuals = dict.fromkeys(customers, 0.0)
    for x, w, customer in zip(scores, weights, customers, strict=True):
        residuals[customer] += w * (x - m)
    clusters = len(residuals)
    return sum(r**2 for r in residuals.values()) / total**2 * clusters / (clusters - 1)


@given(ANSWERS)
def test_independent_mean_equals_the_ordinary_t_interval(answers):
    n, spread = len(answers), stdev(answers)
    found = independent_mean(n, sum(answers), sum(x**2 for x in answers))
    margin = stats.t.ppf(0.975, n - 1) * spread / math.sqrt(n)
    assert (found.low, found.high) == pytest.approx((mean(answers) - margin, mean(answers) + margin), abs=1e-9)


def test_independent_mean_takes_thousandths():
    points, thousandths = independent_mean(3, 12, 50), independent_mean(3, 12_000, 50_000_000, units_per_point=1000)
    assert points == thousandths


def test_independent_mean_does_not_overflow_numpy_integers():
    n, total, squares = np.int64(10**6), np.int64(10**10), np.int64(10**14 + 10**6)
    assert independent_mean(n, total, squares, units_per_point=1000).standard_error == pytest.approx(1e-6)


def test_independent_mean_refuses_sums_that_are_not_whole():
    with pytest.raises(TypeError):
        independent_mean(2, 7.5, 29)


@pytest.mark.parametrize(("n", "total", "expected"), [(0, 0, None), (1, 4, 4.0)])
def test_independent_mean_has_no_interval_below_two_answers(n, total, expected):
    assert independent_mean(n, total, total**2) == Mean(n=n, mean=expected)


@given(ANSWERS)
def test_clustered_mean_equals_the_t_interval_when_everyone_answers_once(answers):
    assert clustered(answers, list(range(len(answers)))) == independent_mean(
        len(answers), sum(answers), sum(x**2 for x in answers)
    )


@given(SHEETS)
def test_clustered_mean_has_the_variance_of_a_ratio(sheets):
    scores, _, customers = (list(column) for column in zip(*sheets, strict=True))
    found = clustered(scores, customers)
    if len(set(customers)) > 1:
        expected = linearised_variance(scores, [1] * len(scores), customers)
        assert found.standard_error == pytest.approx(math.sqrt(expected), abs=1e-9)
    else:
        assert found == Mean(n=len(scores), mean=sum(scores) / len(scores))


def test_clustered_mean_of_repeated_sheets_is_no_surer_than_of_one_each():
    once, thrice = clustered([5, 2, 4], ["a", "b", "c"]), clustered([5, 2, 4] * 3, ["a", "b", "c"] * 3)
    assert (thrice.low, thrice.high) == (once.low, once.high)


def test_clustered_mean_without_answers_is_none():
    assert clustered([], []) == Mean(n=0, mean=None)


def test_mean_of_counts_numbers_the_scale_from_its_lowest_point():
    assert mean_of_counts([1, 0, 3], lowest=0) == independent_mean(4, 6, 12)


@given(SHEETS)
def test_weighted_mean_has_the_linearised_variance(sheets):
    scores, weights, customers = (list(column) for column in zip(*sheets, strict=True))
    found = weighted_mean(scores, weights, customers=customers)
    if len(set(customers)) > 1:
        expected = linearised_variance(scores, weights, customers)
        assert found.standard_error == pytest.approx(math.sqrt(expected), abs=1e-9)
    else:
        assert found.standard_error is None


@given(SHEETS, st.randoms())
def test_weighted_mean_does_not_depend_on_the_order_of_rows(sheets, random):
    sheets = [(score, weight / 7, customer) for score, weight, customer in sheets]
    shuffled = random.sample(sheets, len(sheets))
    first, second = (
        weighted_mean(*zip(*((s, w) for s, w, _ in rows), strict=True), customers=[c for *_, c in rows])
        for rows in (sheets, shuffled)
    )
    assert first == second


def test_weighted_mean_with_equal_weights_is_the_clustered_mean():
    scores, customers = [5, 5, 2, 4, 1, 3], ["a", "a", "b", "c", "c", "d"]
    weighted, plain = weighted_mean(scores, [2] * 6, customers=customers), clustered(scores, customers)
    assert (weighted.n, weighted.low, weighted.high) == pytest.approx((plain.n, plain.low, plain.high))


@pytest.mark.parametrize(("scores", "weights", "expected"), [([], [], 0), ([3], [0], 0), ([3, 4], [0, 2], 1)])
def test_weighted_mean_does_not_count_answers_of_weight_zero(scores, weights, expected):
    assert weighted_mean(scores, weights) == Mean(n=expected, mean=4.0 if expected else None)


@pytest.mark.parametrize(("scores", "weights"), [([math.nan], [1]), ([3], [-1]), ([3], [math.inf])])
def test_weighted_mean_refuses_missing_scores_and_strange_weights(scores, weights):
    with pytest.raises(QuestionError, match=r"^a weighted mean needs a score and a weight of 0 or more"):
        weighted_mean(scores, weights)
