"""Poisson bootstrap of answer sheets, with random numbers that depend on what a sheet says and never on its place.

A resample counts each sheet 0, 1, 2 … times, Poisson distributed with mean 1. The count is a function of the seed, the
sheet's content and its occurrence number among equal sheets, and the number of the resample. So resamples are equal
for any order of the rows, any number of files, threads and machines.
"""

from itertools import accumulate
from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

from tangente.errors import QuestionError

Words = NDArray[np.uint64]

GOLDEN_GAMMA = 0x9E3779B97F4A7C15
"""Step between two states of SplitMix64: 2⁶⁴ divided by the golden ratio, odd."""

_POISSON = [share for share in accumulate(exp(-1) / factorial(k) for k in range(20)) if share < 1]

MOST_REPEATS = len(_POISSON)
"""No sheet is counted more often than this; the chance that it should be is below 2⁻⁵³."""


def splitmix64(states: Words) -> Words:
    """Give the output of the generator SplitMix64 for each state: a well mixed word, the same on every machine.

    The r-th number (from 1) of the sequence started at s is `splitmix64(s + r * GOLDEN_GAMMA)`, so any number of any
    sequence is had without the ones before it.

    Args:
        states: 64-bit words.
    Returns: 64-bit words, uniformly distributed, one per state; distinct states give distinct words.
    Cost: eight operations a word.  Source: docs/explanation/resampling.md; Steele, Lea, Flood 2014

    >>> states = np.array([1234567 + GOLDEN_GAMMA, 1234567 + 2 * GOLDEN_GAMMA & 2**64 - 1], np.uint64)
    >>> splitmix64(states).tolist()
    [6457827717110365317, 3203168211198807973]
    """
    words = (states ^ (states >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = words ^ (words >> np.uint64(31))
    return mixed


def sheet_keys(sheets: NDArray[np.int64]) -> Words:
    """Give each answer sheet a key made of its content and its occurrence number among equal sheets.

    Args:
        sheets: one row a sheet, whole numbers; a missing answer is any number no answer has.
    Returns: one word a sheet. The keys of a shuffled matrix are the shuffled keys, up to exchanges among equal sheets.
    Cost: linear, and one sort.  Source: docs/explanation/resampling.md

    >>> keys = sheet_keys(np.array([[5, 4], [1, 2], [5, 4]]))
    >>> len(set(keys.tolist()))
    3
    >>> set(keys.tolist()) == set(sheet_keys(np.array([[5, 4], [5, 4], [1, 2]])).tolist())
    True
    """
    contents = np.zeros(len(sheets), np.uint64)
    for answers in sheets.T:
        contents = splitmix64((contents ^ answers.astype(np.int64).view(np.uint64)) + np.uint64(GOLDEN_GAMMA))
    return splitmix64(contents + _occurrences(contents) * np.uint64(GOLDEN_GAMMA))


def poisson_weights(keys: Words, *, resamples: int, seed: int) -> NDArray[np.int64]:
    """Say how often each answer sheet counts in each resample.

    Args:
        keys: of the sheets, from `sheet_keys`; any part of them gives that part of the answer.
        resamples: how many.
        seed: whole number from 0 to 2⁶⁴ - 1; another seed, other resamples.
    Returns: one row a resample, one column a sheet: 0 to MOST_REPEATS, Poisson distributed with mean 1.
    Raises: QuestionError if `seed` or `resamples` is out of range.
    Cost: 30 ns a sheet and resample.  Source: docs/explanation/resampling.md

    >>> keys = sheet_keys(np.arange(1000)[:, None])
    >>> weights = poisson_weights(keys, resamples=200, seed=7)
    >>> weights.shape, f"{weights.mean():.1f}", f"{weights.var():.1f}"
    ((200, 1000), '1.0', '1.0')
    """
    if not 0 <= seed < 2**64 or resamples < 0:
        raise QuestionError(f"seed {seed} with {resamples} resamples: both must be 0 or more, the seed below 2**64")
    starts = splitmix64(keys ^ splitmix64(np.array([seed], np.uint64)))
    steps = np.arange(1, resamples + 1, dtype=np.uint64) * np.uint64(GOLDEN_GAMMA)
    words = splitmix64(starts + steps[:, None])
    uniform = (words >> np.uint64(11)) * 2.0**-53
    return np.searchsorted(_POISSON, uniform, side="right")


def _occurrences(contents: Words) -> Words:
    order = np.argsort(contents, kind="stable")
    places = np.arange(len(contents))
    is_first = np.diff(contents[order], prepend=~contents[order[:1]]) != 0
    occurrences = np.empty(len(contents), np.uint64)
    occurrences[order] = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return occurrences
