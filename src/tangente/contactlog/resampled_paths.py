"""Resampled paths: how often customers would have gone from where to where, had chance sent others.

Paths fall into groups by what they hold, and the groups are resampled: as right as resampling every path, because
paths are independent, and as quick for ten million as for ten thousand.
"""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.outcome_paths import NOT_REACHED, REACHED, START, Until, next_path, path_end
from tangente.contactlog.passes import Column, compiled, gather
from tangente.method.resampling import poisson_weights, sheet_keys

GROUPS = 256  # of paths: the width of an interval is then right within 1 / sqrt(2 · 256), 4 %
FEWEST_GROUPS = 100
MOST_TALLIES = 1 << 25  # groups × moves held in memory
CELLS = 1 << 16  # of resampled moves made at once, so that they stay in the processor's cache

_SEED = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD6E8FEB86659FD93)


@compiled
def _write(
    customer: Column,
    touchpoint: Column,
    outcome: Column,
    to: Until,
    words: Column,
    steps: Column,
    ends: Column,
    contents: Column,
) -> int:
    """Write each path behind the one before, how it ends as its last step, and a hash of it; returns how many."""
    first = paths = size = 0
    while first < len(customer):
        end = path_end(customer, outcome, to.outcome, first)
        reached = outcome[end - 1] == to.outcome
        stop = end - 1 if reached and not to.closing else end
        hashed = _SEED
        for row in range(first, stop + 1):
            step = touchpoint[row] if row < stop else len(words) - 2 + (REACHED if reached else NOT_REACHED)
            steps[size] = step
            size += 1
            hashed = (hashed ^ words[step]) * _STEP
            hashed ^= hashed >> np.uint64(32)
        ends[paths], contents[paths] = size, hashed
        first, paths = next_path(customer, first, end, to.every), paths + 1
    return paths


@compiled
def _tally(steps: Column, ends: Column, groups: Column, place: Column, tallies: Column) -> None:
    """Count the moves of each path for its group."""
    first = 0
    for path in range(len(ends)):
        here = START
        for k in range(first, ends[path]):
            tallies[groups[path], place[here, steps[k]]] += 1
            here = steps[k]
        first = ends[path]


@compiled
def _resample(tallies: Column, weights: Column, resampled: Column) -> None:
    """Add up the tallies of the groups, each as often as a resample counts it."""
    for r in range(len(weights)):
        for group in range(len(tallies)):
            weight = weights[r, group]
            for move in range(tallies.shape[1] if weight > 0 else 0):
                resampled[r, move] += weight * tallies[group, move]


def resampled_moves(
    log: ContactLog, to: Until, codes: NDArray[np.intp], moves: NDArray[np.int64], *, resamples: int, seed: int
) -> Iterator[NDArray[np.int64]]:
    """Resamples of the moves among the touchpoints `codes`, some at a time, each of the shape of `moves`."""
    occurring = np.flatnonzero(moves)
    tallies = _tallies(log, to, _places(log, codes, moves), cells=len(occurring))
    weights = poisson_weights(sheet_keys(np.arange(len(tallies))[:, None]), resamples=resamples, seed=seed)
    at_once = max(1, CELLS // moves.size)
    for first in range(0, resamples, at_once):
        some = weights[first : first + at_once]
        counts = np.zeros((len(some), tallies.shape[1]), np.int64)
        _resample(tallies, some, counts)
        resampled = np.zeros((len(some), moves.size), np.int64)
        resampled[:, occurring] = counts
        yield resampled.reshape(-1, *moves.shape)


def _places(log: ContactLog, codes: NDArray[np.intp], moves: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each code moved from and each moved to, or end: which of the moves that occur it is."""
    size = log.codes.size("touchpoint")
    places = np.zeros((size, size + 2), np.int64)
    numbered = np.cumsum(moves > 0).reshape(moves.shape) - 1
    places[np.ix_([START, *codes], [*codes, size + REACHED, size + NOT_REACHED])] = numbered
    return places


def _tallies(log: ContactLog, to: Until, place: NDArray[np.int64], *, cells: int) -> NDArray[np.int64]:
    words = _words(log)

    def visit(bucket: Bucket) -> tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.uint64]]:
        contacts = bucket.contacts
        rows = len(contacts["customer"])
        steps, ends, contents = np.empty(2 * rows, np.uint16), np.empty(rows, np.int64), np.empty(rows, np.uint64)
        customer, touchpoint, outcome = (contacts[name] for name in ("customer", "touchpoint", "outcome"))
        with np.errstate(over="ignore"):  # hashes wrap around; heard of only where the loop runs uncompiled
            paths = _write(customer, touchpoint, outcome, to, words, steps, ends, contents)
        return steps[: ends[paths - 1] if paths else 0].copy(), ends[:paths].copy(), contents[:paths].copy()

    parts = gather(log, visit)
    keys = sheet_keys(np.concatenate([contents for _, _, contents in parts]).view(np.int64)[:, None])
    tallies = np.zeros((min(GROUPS, max(FEWEST_GROUPS, MOST_TALLIES // cells)), cells), np.int64)
    groups = keys % np.uint64(len(tallies))
    starts = np.cumsum([0, *(len(ends) for _, ends, _ in parts)])
    for (steps, ends, _), start in zip(parts, starts, strict=False):
        _tally(steps, ends, groups[start : start + len(ends)], place, tallies)
    return tallies


def _words(log: ContactLog) -> NDArray[np.uint64]:
    """A word for the name of each touchpoint and for each way to end, so that hashes do not depend on codes."""
    names = [*log.codes["touchpoint"][1:], "", " "]
    words = [int.from_bytes(blake2b(str(name).encode(), digest_size=8).digest(), "little") for name in names]
    return np.array([0, *words], np.uint64)
