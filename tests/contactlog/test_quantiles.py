from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import quantiles
from tangente.contactlog.quantiles import BINS, bin_of, counted_quantiles, exact_quantiles, quantiles_of
from tangente.contactlog.testing import from_rows, journeys
from tests.contactlog.strategies import examples

SHARES = (0, 0.25, 0.5, 0.9, 1)
VALUES = st.one_of(st.integers(0, 40), st.integers(0, 10**6), st.integers(0, 2**53))
GROUPED = st.lists(st.tuples(st.integers(0, 3), VALUES), max_size=60)


def emitted_parts(parts):
    """Groups and values as arrays, and how many each group has."""
    arrays = [(np.array([g for g, _ in part], np.int32), np.array([v for _, v in part], np.int64)) for part in parts]
    return arrays, sum(np.bincount(groups, minlength=4) for groups, _ in arrays)


def found_quantiles(parts):
    """Quantiles of parts emitted for empty buckets: a pass emits groups and values, whatever they are of."""
    log = from_rows([], [], buckets=len(parts))
    arrays, counts = emitted_parts(parts)
    emitted = {id(bucket): (part,) for bucket, part in zip(log.stored, arrays, strict=True)}
    return exact_quantiles(log, lambda bucket, _: emitted[id(bucket)], counts, SHARES)


def numpy_quantiles(parts):
    groups = [[value for part in parts for group, value in part if group == wanted] for wanted in range(4)]
    return [np.quantile(values, SHARES) if values else [np.nan] * len(SHARES) for values in groups]


@examples
@given(st.lists(GROUPED, min_size=1, max_size=3))
def test_quantiles_of_small_groups_equal_numpy(parts):
    np.testing.assert_allclose(found_quantiles(parts), numpy_quantiles(parts), rtol=1e-15)


@examples
@given(st.lists(GROUPED, min_size=1, max_size=3))
def test_quantiles_by_histogram_equal_numpy(parts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantiles, "FEWEST_BINNED", 2)
        patch.setattr(quantiles, "FEW_ROWS", 0)
        np.testing.assert_allclose(found_quantiles(parts), numpy_quantiles(parts), rtol=1e-15)


@examples
@given(st.lists(GROUPED, min_size=1, max_size=3))
def test_quantiles_of_values_at_hand_equal_numpy(parts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantiles, "FEWEST_BINNED", 2)
        patch.setattr(quantiles, "FEW_ROWS", 0)
        np.testing.assert_allclose(quantiles_of(*emitted_parts(parts), SHARES), numpy_quantiles(parts), rtol=1e-15)


@examples
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3)), max_size=60))
def test_counted_quantiles_equal_numpy(part):
    counts, values = np.zeros((4, 7), np.int64), np.arange(-3, 4)
    np.add.at(counts, tuple(np.array([(group, value + 3) for group, value in part], int).reshape(-1, 2).T), 1)
    np.testing.assert_allclose(counted_quantiles(counts, values, SHARES), numpy_quantiles([part]), rtol=1e-15)


def test_quantiles_of_a_large_group_equal_numpy(monkeypatch):
    monkeypatch.setattr(quantiles, "FEW_ROWS", 0)
    values = np.random.default_rng(1).lognormal(10, 3, 3 * BINS).astype(int)
    parts = [[(1, int(value)) for value in half] for half in np.split(values, 2)]
    np.testing.assert_allclose(found_quantiles(parts)[1], np.quantile(values, SHARES), rtol=1e-15)


@pytest.mark.parametrize("most_sorted", [0, 2, BINS])
def test_quantiles_taken_in_turns_are_the_same(monkeypatch, most_sorted):
    parts = [[(group, 7 * group + k) for group in range(4) for k in range(group + 1)]]
    monkeypatch.setattr(quantiles, "CELLS", 1)
    monkeypatch.setattr(quantiles, "FEW_ROWS", 0)
    monkeypatch.setattr(quantiles, "MOST_SORTED", most_sorted)
    np.testing.assert_allclose(found_quantiles(parts), numpy_quantiles(parts))


@examples
@given(st.integers(0, 2**53), st.integers(0, 2**53))
def test_bin_of_keeps_the_order(one, other):
    low, high = sorted((one, other))
    assert 0 <= bin_of(low) <= bin_of(high) < BINS


def test_bin_of_is_at_most_an_eighth_wide():
    edges = [value for value in range(1, 5_000) if bin_of(value) != bin_of(value - 1)]
    assert max((high - low) / low for low, high in pairwise(edges[7:])) <= 1 / 8
    assert edges[:15] == list(range(1, 16))


def test_quantiles_of_an_empty_log_are_empty():
    assert exact_quantiles(journeys(), lambda *_: (), np.zeros(0, int), (0.5,)).shape == (0, 1)
