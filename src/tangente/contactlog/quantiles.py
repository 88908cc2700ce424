"""Exact medians and 90 % points of whole numbers per group, without sorting: a histogram, then a look into few bins.

A pass cannot add medians, but it can add histograms. One with 32 bins an octave says in which bin each wanted value
lies; a second pass keeps only the values in those bins and picks among them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import compiled, fold, gather

Emitted = tuple[NDArray[np.int32], NDArray[np.int64]]
"""For some rows the group they count for (-1: none) and their value, 0 or more."""

FINE = 5  # a bin is at most 1/32 of its value wide
BINS = 60 << FINE  # reaches past 2^62
CELLS = 1 << 22  # bins held at once; more groups are taken in turns, so memory stays bounded


@compiled
def _bin(value):  # type: ignore[no-untyped-def]
    """The bin of a value: monotone, and its own up to 31."""
    if value < 1 << FINE:
        return value
    octave, rest = 0, value
    for step in (32, 16, 8, 4, 2, 1):
        if rest >> step:
            rest >>= step
            octave += step
    return ((octave - FINE + 1) << FINE) + ((value >> (octave - FINE)) & ((1 << FINE) - 1))


@compiled
def _fill(groups, values, turns, histogram):  # type: ignore[no-untyped-def]
    """Count each value in its bin of its group; `turns` holds the row of a group in the histogram, -1 for not now."""
    for i in range(len(groups)):
        if groups[i] >= 0 and turns[groups[i]] >= 0:
            histogram[turns[groups[i]], _bin(values[i])] += 1


@compiled
def _keep(groups, values, turns, wanted, kept_groups, kept_values):  # type: ignore[no-untyped-def]
    """Collect the values that lie in a bin wanted of their group; returns how many."""
    kept = 0
    for i in range(len(groups)):
        if groups[i] >= 0 and turns[groups[i]] >= 0 and wanted[turns[groups[i]], _bin(values[i])]:
            kept_groups[kept] = turns[groups[i]]
            kept_values[kept] = values[i]
            kept += 1
    return kept


@dataclass(frozen=True)
class _Histogram:
    counts: NDArray[np.int64]

    def __add__(self, other: "_Histogram") -> "_Histogram":
        return _Histogram(self.counts + other.counts)


def exact_quantiles(
    log: ContactLog, emit: Callable[[Bucket], Emitted], counts: NDArray[np.int64], shares: Sequence[float]
) -> NDArray[np.float64]:
    """The quantiles of the emitted values of each group, interpolated linearly between neighbours.

    Args:
        log: the log; `emit` is called twice for each bucket and every `CELLS` bins.
        emit: group (int32, -1 to leave out) and value (int64, ≥ 0) for rows of a bucket.
        counts: how many values each group has.
        shares: e.g. (0.5, 0.9).
    Returns: groups × shares; NaN where a group has no value.
    Source: Hyndman & Fan 1996, type 7 (the default of R and NumPy).
    """
    result = np.full((len(counts), len(shares)), np.nan)
    present = np.flatnonzero(counts)
    step = max(1, CELLS // BINS)
    for begin in range(0, len(present), step):
        chosen = present[begin : begin + step]
        turns = np.full(len(counts), -1, np.int32)
        turns[chosen] = np.arange(len(chosen))
        result[chosen] = _of_some(log, emit, counts[chosen], turns, shares)
    return result


def _of_some(
    log: ContactLog,
    emit: Callable[[Bucket], Emitted],
    counts: NDArray[np.int64],
    turns: NDArray[np.int32],
    shares: Sequence[float],
) -> NDArray[np.float64]:
    def visit(summary: _Histogram, bucket: Bucket) -> None:
        _fill(*emit(bucket), turns, summary.counts)

    histogram = fold(log, lambda: _Histogram(np.zeros((len(counts), BINS), np.int64)), visit).counts
    below = np.cumsum(histogram, axis=1)
    positions = (counts[:, None] - 1) * np.asarray(shares)
    ranks = np.stack([np.floor(positions), np.ceil(positions)], axis=-1).astype(np.int64)  # groups × shares × 2
    bins = np.stack([(below <= rank[:, None]).sum(axis=1) for rank in ranks.reshape(len(counts), -1).T], axis=1)
    wanted = np.zeros(histogram.shape, bool)
    np.put_along_axis(wanted, bins, True, axis=1)

    def collect(bucket: Bucket) -> Emitted:
        groups, values = emit(bucket)
        kept = np.empty(len(groups), np.int32), np.empty(len(groups), np.int64)
        size = _keep(groups, values, turns, wanted, *kept)
        return kept[0][:size], kept[1][:size]

    groups, values = (np.concatenate(part) for part in zip(*gather(log, collect), strict=True))
    values = values[np.lexsort((values, groups))]
    held = np.cumsum(np.where(wanted, histogram, 0), axis=1)  # values kept of a group up to and with each bin
    begins = np.concatenate([[0], np.cumsum(held[:, -1])[:-1]])
    skipped = np.take_along_axis(below - held, bins, axis=1)  # values of a group below the bin that were not kept
    places = begins[:, None] + ranks.reshape(len(counts), -1) - skipped
    low, high = np.moveaxis(values[places].reshape(ranks.shape), -1, 0).astype(np.float64)
    return low + (high - low) * (positions - np.floor(positions))
