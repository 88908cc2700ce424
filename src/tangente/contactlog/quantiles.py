"""Exact medians and 90 % points of whole numbers per group, without sorting more than a few of them.

A pass cannot add medians, but it can add histograms. One with 32 bins an octave says in which bin each wanted value
of a large group lies; a second pass keeps only the values in those bins and picks among them. The values of a group
smaller than its histogram would be are kept at once.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, fold, gather

Emitted = tuple[NDArray[np.int32], NDArray[np.int64]]
"""For some rows the group they count for (-1: none) and their value, 0 or more."""

FINE = 5  # a bin is at most 1/32 of its value wide
BINS = 60 << FINE  # reaches past 2^62
MOST_SORTED = BINS  # a group no larger is sorted as a whole: its histogram would take more memory
CELLS = 1 << 22  # bins or values held at once; more are taken in turns, so memory stays bounded


@compiled
def bin_of(value: int) -> int:
    """The bin of a value, 0 or more: the larger value never has the smaller bin; up to 31 each has its own."""
    if value < 1 << FINE:
        return value
    octave, rest = 0, value
    for step in (32, 16, 8, 4, 2, 1):
        if rest >> step:
            rest >>= step
            octave += step
    return ((octave - FINE + 1) << FINE) + ((value >> (octave - FINE)) & ((1 << FINE) - 1))


@compiled
def _fill(groups: Column, values: Column, turns: Column, histogram: Column) -> None:
    """Count each value in its bin of its group; `turns` holds the row of a group in the histogram, -1 for not now."""
    for i in range(len(groups)):
        if groups[i] >= 0 and turns[groups[i]] >= 0:
            histogram[turns[groups[i]], bin_of(values[i])] += 1


@compiled
def _keep(
    groups: Column, values: Column, turns: Column, wanted: Column, kept_groups: Column, kept_values: Column
) -> int:
    """Collect the values that lie in a bin wanted of their group; returns how many."""
    kept = 0
    for i in range(len(groups)):
        if groups[i] >= 0 and turns[groups[i]] >= 0 and wanted[turns[groups[i]], bin_of(values[i])]:
            kept_groups[kept] = turns[groups[i]]
            kept_values[kept] = values[i]
            kept += 1
    return kept


def exact_quantiles(
    log: ContactLog, emit: Callable[[Bucket], Emitted], counts: NDArray[np.int64], shares: Sequence[float]
) -> NDArray[np.float64]:
    """The quantiles of the emitted values of each group, interpolated linearly between neighbours.

    Args:
        log: the log; `emit` is called for each of its buckets, once to three times, and again for every `CELLS` bins.
        emit: group (int32, -1 to leave out) and value (int64, 0 or more) for rows of a bucket.
        counts: how many values each group has.
        shares: e.g. (0.5, 0.9).
    Returns: groups × shares; NaN where a group has no value.
    Source: Hyndman & Fan 1996, type 7 (the default of R and NumPy).
    """
    quantiles = np.full((len(counts), len(shares)), np.nan)
    few, many = np.flatnonzero((counts > 0) & (counts <= MOST_SORTED)), np.flatnonzero(counts > MOST_SORTED)
    for groups in _in_turns(few, counts[few]):
        values = _all_values(log, emit, _turns(len(counts), groups))
        begins = np.cumsum(counts[groups]) - counts[groups]
        quantiles[groups] = _between(values, begins[:, None] + _ranks(counts[groups], shares), counts[groups], shares)
    for groups in _in_turns(many, np.full(len(many), BINS)):
        values, places = _values_in_bins(log, emit, counts[groups], _turns(len(counts), groups), shares)
        quantiles[groups] = _between(values, places, counts[groups], shares)
    return quantiles


def quantiles_of(emitted: Sequence[Emitted], counts: NDArray[np.int64], shares: Sequence[float]) -> NDArray[np.float64]:
    """The same of values at hand: where they are few beside the rows they come from, no second pass is needed."""
    found = np.flatnonzero(counts)
    begins = np.cumsum(counts[found]) - counts[found]
    values, nexts = np.empty(counts.sum(), np.int64), np.zeros(len(counts), np.int64)
    nexts[found] = begins
    for part in emitted:
        _place(*part, nexts, values)
    ranks = _ranks(counts[found], shares)
    for begin, size, wanted in zip(begins, counts[found], ranks, strict=True):
        values[begin : begin + size].partition(np.unique(wanted))
    quantiles = np.full((len(counts), len(shares)), np.nan)
    quantiles[found] = _between(values, begins[:, None] + ranks, counts[found], shares)
    return quantiles


@compiled
def _place(groups: Column, values: Column, nexts: Column, placed: Column) -> None:
    """Put each value behind the others of its group; `nexts` says where the next one of each group belongs."""
    for i in range(len(groups)):
        placed[nexts[groups[i]]] = values[i]
        nexts[groups[i]] += 1


def _in_turns(groups: NDArray[np.int64], cells: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The groups in pieces that need about `CELLS` cells each."""
    pieces = np.split(groups, np.flatnonzero(np.diff(np.cumsum(cells) // CELLS)) + 1)
    return (piece for piece in pieces if len(piece))


def _turns(size: int, groups: NDArray[np.int64]) -> NDArray[np.int32]:
    turns = np.full(size, -1, np.int32)
    turns[groups] = np.arange(len(groups))
    return turns


def _ranks(counts: NDArray[np.int64], shares: Sequence[float]) -> NDArray[np.int64]:
    """For each group the ranks, from 0, of the values right below and right above each quantile."""
    positions = (counts[:, None] - 1) * np.asarray(shares)
    return np.concatenate([np.floor(positions), np.ceil(positions)], axis=1).astype(np.int64)


def _between(
    values: NDArray[np.int64], places: NDArray[np.int64], counts: NDArray[np.int64], shares: Sequence[float]
) -> NDArray[np.float64]:
    """The quantiles, given where the values right below and right above them stand."""
    positions = (counts[:, None] - 1) * np.asarray(shares)
    low, high = np.split(values[places].astype(np.float64), 2, axis=1)
    quantiles: NDArray[np.float64] = low + (high - low) * (positions - np.floor(positions))
    return quantiles


def _all_values(log: ContactLog, emit: Callable[[Bucket], Emitted], turns: NDArray[np.int32]) -> NDArray[np.int64]:
    """All values of the groups that have their turn, sorted by group and value."""

    def collect(bucket: Bucket) -> Emitted:
        groups, values = emit(bucket)
        rows = np.where(groups >= 0, turns[groups], -1)
        return rows[rows >= 0], values[rows >= 0]

    return _sorted(gather(log, collect))


def _values_in_bins(
    log: ContactLog,
    emit: Callable[[Bucket], Emitted],
    counts: NDArray[np.int64],
    turns: NDArray[np.int32],
    shares: Sequence[float],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The values in bins that hold a quantile, sorted by group and value, and where the wanted ones stand."""

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        _fill(*emit(bucket), turns, summary)

    histogram = fold(log, lambda: np.zeros((len(counts), BINS), np.int64), visit)
    below, ranks = np.cumsum(histogram, axis=1), _ranks(counts, shares)
    bins = np.stack([(below <= rank[:, None]).sum(axis=1) for rank in ranks.T], axis=1)
    wanted = np.zeros(histogram.shape, bool)
    np.put_along_axis(wanted, bins, True, axis=1)

    def collect(bucket: Bucket) -> Emitted:
        groups, values = emit(bucket)
        kept_groups, kept_values = np.empty(len(groups), np.int32), np.empty(len(groups), np.int64)
        kept = _keep(groups, values, turns, wanted, kept_groups, kept_values)
        return kept_groups[:kept], kept_values[:kept]

    values = _sorted(gather(log, collect))
    held = np.cumsum(np.where(wanted, histogram, 0), axis=1)  # values kept of a group up to and with each bin
    begins = np.cumsum(held[:, -1]) - held[:, -1]
    skipped = np.take_along_axis(below - held, bins, axis=1)  # values of a group below the bin that were not kept
    return values, begins[:, None] + ranks - skipped


def _sorted(parts: Sequence[Emitted]) -> NDArray[np.int64]:
    groups, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return values[np.lexsort((values, groups))]
