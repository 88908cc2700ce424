import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tangente.errors import QuestionError
from tangente.method import correlation
from tangente.method.correlation import (
    EIGENVALUE_FLOOR,
    pair_sums,
    pairwise_correlation,
    positive_definite,
    short_of_pairs,
    whole_sheets,
)
from tangente.method.resampling import poisson_weights

NAN = float("nan")
ANSWER = st.sampled_from([NAN, 1.0, 2.0, 3.0, 3.5, 5.0])
SHEETS = arrays(float, st.tuples(st.integers(1, 40), st.integers(1, 4)), elements=ANSWER)


def reference(scores, weights):
    """Pearson's r pair by pair, and the number of sheets behind it."""
    r, n = np.eye(scores.shape[1]), np.zeros((scores.shape[1],) * 2, int)
    for i, j in np.ndindex(r.shape):
        both = ~np.isnan(scores[:, i]) & ~np.isnan(scores[:, j])
        x, y, w = scores[both, i], scores[both, j], weights[both]
        n[i, j] = both.sum()
        if i != j and len(set(x)) > 1 and len(set(y)) > 1:
            covariance = np.cov(x, y, aweights=w)
            r[i, j] = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        elif i != j:
            r[i, j] = 0
    return r, n


@given(SHEETS, st.randoms())
def test_correlations_come_from_the_sheets_that_answer_both(scores, random):
    weights = np.array([random.choice([1, 2, 4]) for _ in scores])
    sheets = whole_sheets(scores, weights=weights)
    r, n = reference(scores, weights)
    assert pair_sums(sheets, resamples=0, seed=0).correlations()[0] == pytest.approx(r, abs=1e-3)
    assert sheets.pairs().tolist() == n.tolist()


@given(SHEETS, st.integers(0, 9))
def test_correlations_do_not_depend_on_the_order_of_sheets(scores, seed):
    order = np.random.default_rng(seed).permutation(len(scores))
    first, second = (
        pair_sums(whole_sheets(rows), resamples=3, seed=1).correlations() for rows in (scores, scores[order])
    )
    assert first.tolist() == second.tolist()


def test_pair_sums_of_a_resample_count_each_sheet_as_often_as_drawn():
    scores = np.random.default_rng(4).integers(1, 6, (300, 3)).astype(float)
    sheets = whole_sheets(scores)
    repeats = poisson_weights(sheets.keys, resamples=2, seed=9)
    sums = pair_sums(sheets, resamples=2, seed=9)
    for resample in (0, 1):
        drawn = whole_sheets(np.repeat(scores, repeats[resample], axis=0))
        assert sums.correlations()[1 + resample] == pytest.approx(pairwise_correlation(scores=drawn.steps).matrix)


def test_pair_sums_are_the_same_in_small_portions(monkeypatch):
    sheets = whole_sheets(np.random.default_rng(4).integers(1, 6, (50, 3)))
    whole = pair_sums(sheets, resamples=2, seed=9).products
    monkeypatch.setattr(correlation, "_PRODUCTS_AT_ONCE", 1)
    assert pair_sums(sheets, resamples=2, seed=9).products.tolist() == whole.tolist()


def test_means_of_resamples_are_nan_without_an_answer():
    sheets = whole_sheets([[1.0, NAN], [2.0, NAN], [4.0, NAN]])
    (means,) = pair_sums(sheets, resamples=0, seed=0).means()
    assert sheets.lowest[0] + sheets.step[0] * means[0] == pytest.approx(7 / 3)
    assert np.isnan(means[1])


def test_pairwise_correlation_leaves_sheets_of_weight_zero_out():
    found = pairwise_correlation([[1, 2], [2, 4], [3, 5], [9, 0]], weights=[1, 1, 1, 0])
    assert found.matrix[0, 1] == pairwise_correlation([[1, 2], [2, 4], [3, 5]]).matrix[0, 1]
    assert found.n.tolist() == [[3, 3], [3, 3]]


@pytest.mark.parametrize("weights", [None, [], [0]])
def test_pairwise_correlation_of_no_sheets_is_the_unit_matrix(weights):
    scores = np.empty((0, 2)) if weights != [0] else [[1, 2]]
    found = pairwise_correlation(scores, weights=weights)
    assert (found.matrix.tolist(), found.n.tolist()) == ([[1, 0], [0, 1]], [[0, 0], [0, 0]])


def test_whole_sheets_takes_coarser_steps_where_sums_would_not_be_exact(monkeypatch):
    monkeypatch.setattr(correlation, "MOST_REPEATS", 2**53 // (4 * 10**2))  # leaves 10 steps for 4 sheets
    sheets = whole_sheets([[0.0], [0.5], [37.0], [100.0]])
    assert sheets.steps[:, 0].tolist() == [0, 0, 4, 10]
    assert sheets.step[0] == 10


def test_whole_sheets_keeps_small_weights_above_zero():
    assert whole_sheets([[1], [2]], weights=[1e-9, 1]).weights.tolist() == [1, 2000]


@pytest.mark.parametrize("score", [float("inf"), -1e13])
def test_whole_sheets_refuses_scores_without_end(score):
    with pytest.raises(QuestionError, match=r"^a score is .*; it must be a number below 2\*\*40"):
        whole_sheets([[1.0, score], [NAN, 2.0]])


@pytest.mark.parametrize("weights", [[1], [1, -1], [1, NAN]])
def test_whole_sheets_refuses_weights_that_are_none(weights):
    with pytest.raises(QuestionError, match=f"^{len(weights)} survey weights for 2 sheets"):
        whole_sheets([[1], [2]], weights=weights)


@pytest.mark.parametrize(
    ("short", "left_out"),
    [
        ({}, []),
        ({("a", "a"): 29, ("c", "y"): 29}, ["a", "c"]),
        ({("a", "b"): 3, ("b", "d"): 3}, ["b"]),
        ({("a", "b"): 3, ("c", "d"): 3}, ["a", "c"]),
        ({("a", "b"): 3, ("b", "b"): 40, ("b", "y"): 40}, ["b"]),
    ],
    ids=["none", "alone or with the whole", "most short pairs", "first by name", "fewest answers"],
)
def test_short_of_pairs_leaves_items_out_by_a_fixed_rule(short, left_out):
    n = np.full((5, 5), 50)
    for (first, second), sheets in short.items():
        i, j = "abcdy".index(first), "abcdy".index(second)
        n[i, j] = n[j, i] = sheets
    assert short_of_pairs(n, names=list("abcd")) == left_out


@given(arrays(float, (6, 3), elements=st.integers(-3, 3)).filter(lambda x: np.linalg.matrix_rank(np.cov(x.T)) == 3))
def test_positive_definite_leaves_positive_definite_matrices_untouched(scores):
    matrix = np.corrcoef(scores.T)[None]
    repaired, lifted = positive_definite(matrix)
    assert (repaired.tolist(), lifted.tolist()) == (matrix.tolist(), [0])


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_positive_definite_makes_any_matrix_one_of_correlations(values):
    matrix = np.eye(4)
    matrix[np.triu_indices(4, 1)] = values
    repaired, lifted = positive_definite((matrix + matrix.T - np.eye(4))[None])
    assert np.diagonal(repaired[0]) == pytest.approx(1)
    assert np.linalg.eigvalsh(repaired[0])[0] > 0.1 * EIGENVALUE_FLOOR
    assert (lifted[0] > 0) == (np.linalg.eigvalsh(matrix, "U")[0] < EIGENVALUE_FLOOR)


def test_positive_definite_lifts_to_the_size_of_the_contradiction():
    matrix = np.array([[1, 0.9, 0.2], [0.9, 1, 0.9], [0.2, 0.9, 1]])  # eigenvalues -0.177, 0.8, 2.377
    repaired, lifted = positive_definite(matrix[None])
    values, vectors = np.linalg.eigh(matrix)
    expected = vectors @ np.diag([-values[0], *values[1:]]) @ vectors.T
    scale = np.sqrt(np.diagonal(expected))
    assert lifted.tolist() == [1]
    assert repaired[0] == pytest.approx(expected / np.outer(scale, scale))
