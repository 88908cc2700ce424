from collections import Counter
from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.resampling import GOLDEN_GAMMA, MOST_REPEATS, poisson_weights, sheet_keys, splitmix64

SHEETS = st.lists(st.tuples(st.integers(1, 3), st.integers(-1, 2)), min_size=1, max_size=40)
WORD = 2**64


def reference_splitmix64(seed):
    """Steele, Lea, Flood 2014, in Python's own integers."""
    while True:
        seed = (seed + GOLDEN_GAMMA) % WORD
        word = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9 % WORD
        word = (word ^ word >> 27) * 0x94D049BB133111EB % WORD
        yield word ^ word >> 31


@given(st.integers(0, WORD - 1))
def test_splitmix64_equals_the_published_generator(seed):
    states = np.array([(seed + step * GOLDEN_GAMMA) % WORD for step in (1, 2, 3)], np.uint64)
    expected = reference_splitmix64(seed)
    assert splitmix64(states).tolist() == [next(expected) for _ in states]


def test_splitmix64_gives_the_known_sequence_of_1234567():
    sequence = reference_splitmix64(1234567)
    assert [next(sequence) for _ in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(SHEETS, st.randoms())
def test_poisson_weights_stay_with_the_sheet_whatever_the_order(sheets, random):
    def by_content(rows):
        weights = poisson_weights(sheet_keys(np.array(rows)), resamples=3, seed=5)
        return Counter((tuple(row), *counts) for row, counts in zip(rows, weights.T.tolist(), strict=True))

    assert by_content(random.sample(sheets, len(sheets))) == by_content(sheets)


@given(SHEETS)
def test_sheet_keys_tell_equal_sheets_apart(sheets):
    assert len(set(sheet_keys(np.array(sheets)).tolist())) == len(sheets)


def test_sheet_keys_depend_on_the_question_an_answer_belongs_to():
    assert set(sheet_keys(np.array([[1, 2]])).tolist()).isdisjoint(sheet_keys(np.array([[2, 1]])).tolist())


def test_sheet_keys_of_no_sheets_are_none():
    assert sheet_keys(np.empty((0, 3), np.int64)).tolist() == []


def test_poisson_weights_are_poisson_distributed():
    weights = poisson_weights(sheet_keys(np.arange(2000)[:, None]), resamples=250, seed=1)
    shares = np.bincount(weights.ravel(), minlength=7)[:7] / weights.size
    expected = np.array([exp(-1) / factorial(k) for k in range(7)])
    assert np.abs(shares - expected).max() < 4 * np.sqrt(0.25 / weights.size)


def test_poisson_weights_of_two_sheets_or_two_resamples_are_unrelated():
    weights = poisson_weights(sheet_keys(np.arange(2000)[:, None]), resamples=2000, seed=1)
    neighbours = np.corrcoef(weights[0], weights[1])[0, 1], np.corrcoef(weights[:, 0], weights[:, 1])[0, 1]
    assert np.abs(neighbours).max() < 4 / np.sqrt(2000)


def test_poisson_weights_need_no_weights_before_them():
    keys = sheet_keys(np.arange(100)[:, None])
    few, many = (poisson_weights(part, resamples=n, seed=3) for part, n in ((keys[40:], 2), (keys, 9)))
    assert few.tolist() == many[:2, 40:].tolist()


def test_poisson_weights_change_with_the_seed():
    keys = sheet_keys(np.arange(100)[:, None])
    first, second = (poisson_weights(keys, resamples=1, seed=seed) for seed in (0, 2**64 - 1))
    assert first.tolist() != second.tolist()


def test_poisson_weights_never_exceed_the_most_repeats():
    assert sum(exp(-1) / factorial(k) for k in range(MOST_REPEATS, 40)) < 2**-52


@pytest.mark.parametrize(("seed", "resamples"), [(-1, 5), (2**64, 5), (0, -1)])
def test_poisson_weights_refuse_seeds_and_resamples_out_of_range(seed, resamples):
    with pytest.raises(QuestionError, match=f"^seed {seed} with {resamples} resamples"):
        poisson_weights(sheet_keys(np.array([[1]])), resamples=resamples, seed=seed)
