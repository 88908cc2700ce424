"""Exact medians and 90 % points of whole numbers per group, without sorting more than a few of them.

A pass cannot add medians, but it can add histograms. One with 8 bins an octave says in which bin each wanted value
of a large group lies; a second pass keeps only the values in those bins and picks among them. The values of a group
smaller than its histogram would be are all kept.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain
from operator import add
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import FEW_ROWS, Column, compiled, fold, gather, inlined, side_by_side

Emitted = tuple[NDArray[np.int32], NDArray[np.int64]]
"""For some rows the group they count for and their value, from 0 to 2^53: so floats hold it."""


class Wanted(NamedTuple):
    """Which values are asked for: none of a group whose `turn` is 0.

    Else those from bounds[turn, 2k] to just before bounds[turn, 2k + 1], for any share k.
    """

    turn: NDArray[np.uint32]
    bounds: NDArray[np.int64]


Emit = Callable[[Bucket, Wanted], Iterable[Emitted]]
"""The rows of a bucket piece by piece, at least those with values that are asked for; the arrays of a piece may be filled
anew for the next one."""

Histogram = NDArray[np.integer[Any]]
Filled = Callable[[Wanted, Callable[[], Histogram], Callable[[Histogram, Iterable[Emitted]], None]], Histogram]
"""Begins a histogram and fills it with the values asked for, wherever they are."""
Kept = Callable[[Wanted, Callable[[Iterable[Emitted]], list[Emitted]]], list[list[Emitted]]]
"""Goes through the values asked for and keeps some."""

_FINE = 3  # a bin is at most an eighth of its value wide: few bins, so that they stay in the cache
_CUT = 52 - _FINE  # digits of a float behind those that tell its bin
_ONE = 1023 << _FINE  # 1.0 without them
BINS = (53 << _FINE) + 2  # reaches past 2^53
_BEYOND = 2**54  # every value
MOST_SORTED = BINS  # a group no larger is sorted as a whole: its histogram would take more memory,
FEWEST_BINNED = 256  # or, where all histograms fit, more time
CELLS = 1 << 22  # bins or values held at once; more are taken in turns, so memory stays bounded


@inlined
def bin_of(value: int) -> int:
    """The bin of a value, 0 or more: the larger value never has the smaller bin; up to 15 each has its own."""
    digits = int(np.float64(value).view(np.int64) >> _CUT)  # its exponent and the first three behind the leading one
    return digits - _ONE + 1 if digits else 0


@inlined
def _lowest(bin_: int) -> int:
    """The lowest value of a bin."""
    return int(np.ceil(np.int64((bin_ - 1 + _ONE) << _CUT).view(np.float64))) if bin_ else 0


@compiled
def _fill(groups: Column, values: Column, row: Column, histogram: Column) -> None:
    """Count each value in its bin, in the row of the histogram that its group has; -1: none."""
    for i in range(len(groups)):
        if row[groups[i]] >= 0:
            histogram[row[groups[i]], bin_of(values[i])] += 1


@compiled
def _find(histogram: Column, rows: Column, ranks: Column, bounds: Column, skipped: Column) -> None:
    """Find the bounds of the bins that hold two ranks of each share, and count for each rank the values below outside them."""
    for place in range(len(rows)):
        below = left_out = k = 0
        for bin_ in range(BINS):
            inside = histogram[rows[place], bin_]
            below, begun = below + inside, k
            while k < ranks.shape[1] and ranks[place, k] < below:
                bounds[place, k], skipped[place, k] = _lowest(bin_ + k % 2), left_out  # the second: just behind its bin
                k += 1
            if k == begun:
                left_out += inside


@compiled
def _keep(
    groups: Column, values: Column, turn: Column, bounds: Column, kept_groups: Column, kept_values: Column
) -> int:
    """Collect the values that are asked for, each group under its place among the groups in turn."""
    kept = 0
    for i in range(len(groups)):
        of = turn[groups[i]]
        for k in range(0, bounds.shape[1], 2):
            if bounds[of, k] <= values[i] < bounds[of, k + 1]:
                kept_groups[kept], kept_values[kept] = np.int64(of) - 1, values[i]
                kept += 1
                break
    return kept


@compiled
def _place(groups: Column, values: Column, nexts: Column, placed: Column) -> None:
    """Put each value behind the others of its group; `nexts` says where the next one of each group belongs."""
    for i in range(len(groups)):
        placed[nexts[groups[i]]] = values[i]
        nexts[groups[i]] += 1


def exact_quantiles(
    log: ContactLog,
    emit: Emit,
    counts: NDArray[np.int64],
    shares: Sequence[float],
    bins: Histogram | None = None,
) -> NDArray[np.float64]:
    """The quantiles of the emitted values of each group, interpolated linearly between neighbours.

    Args:
        log: the log; `emit` is called for each of its buckets, once or twice for every `CELLS` values or bins.
        emit: group and value for rows of a bucket.
        counts: how many values each group has.
        shares: ascending, e.g. (0.5, 0.9).
        bins: how many values each group (row) has in each bin (column), where that is known already.
    Returns: groups × shares; NaN where a group has no value.
    Source: Hyndman & Fan 1996, type 7 (the default of R and NumPy).
    """

    def filled(
        wanted: Wanted, start: Callable[[], Histogram], fill: Callable[[Histogram, Iterable[Emitted]], None]
    ) -> Histogram:
        return fold(log, start, lambda histogram, bucket: fill(histogram, emit(bucket, wanted)))

    def kept(wanted: Wanted, keep: Callable[[Iterable[Emitted]], list[Emitted]]) -> list[list[Emitted]]:
        return gather(log, lambda bucket: keep(emit(bucket, wanted)))

    return _quantiles(filled, kept, counts, shares, bins)


def quantiles_of(emitted: Sequence[Emitted], counts: NDArray[np.int64], shares: Sequence[float]) -> NDArray[np.float64]:
    """The same of values at hand."""

    def filled(
        _: Wanted, start: Callable[[], Histogram], fill: Callable[[Histogram, Iterable[Emitted]], None]
    ) -> Histogram:
        def of_a_share(share: int, shares: int) -> Histogram:
            histogram = start()
            fill(histogram, emitted[share::shares])
            return histogram

        return reduce(add, side_by_side(of_a_share, counts.sum()))

    def kept(_: Wanted, keep: Callable[[Iterable[Emitted]], list[Emitted]]) -> list[list[Emitted]]:
        return side_by_side(lambda share, shares: keep(emitted[share::shares]), counts.sum())

    return _quantiles(filled, kept, counts, shares)


def counted_quantiles(
    counts: NDArray[np.int64], values: NDArray[np.int64], shares: Sequence[float]
) -> NDArray[np.float64]:
    """The same where each group (row) has counted how often it has each of a few ascending values (columns)."""
    quantiles = np.full((len(counts), len(shares)), np.nan)
    ends = np.cumsum(counts, axis=1)
    total = counts.sum(axis=1)
    found = np.flatnonzero(total)
    ranks = _ranks(total[found], shares)
    places = (ends[found, None] <= ranks[:, :, None]).sum(axis=2)
    quantiles[found] = _between(values[places], total[found], shares)
    return quantiles


def _quantiles(
    filled: Filled, kept: Kept, counts: NDArray[np.int64], shares: Sequence[float], bins: Histogram | None = None
) -> NDArray[np.float64]:
    quantiles = np.full((len(counts), len(shares)), np.nan)
    for groups in _in_turns(counts):
        ranks = _ranks(counts[groups], shares)
        values, places = _wanted_values(filled, kept, groups, counts, ranks, bins)
        quantiles[groups] = _between(values[places], counts[groups], shares)
    return quantiles


def _in_turns(counts: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """The groups with values, in pieces that need about `CELLS` cells each."""
    groups = np.flatnonzero(counts)
    cells = np.cumsum(np.minimum(counts[groups], BINS))
    pieces = np.split(groups, np.flatnonzero(np.diff(cells // CELLS)) + 1)
    return (piece for piece in pieces if len(piece))


def _ranks(counts: NDArray[np.int64], shares: Sequence[float]) -> NDArray[np.int64]:
    """For each group the ranks, from 0, of the values right below and right above each quantile; they ascend."""
    positions = (counts[:, None] - 1) * np.asarray(shares)
    ranks = np.stack([np.floor(positions), np.ceil(positions)], axis=2).astype(np.int64)
    return ranks.reshape(len(counts), 2 * len(shares))


def _between(values: NDArray[np.int64], counts: NDArray[np.int64], shares: Sequence[float]) -> NDArray[np.float64]:
    """The quantiles, given the values right below and right above them."""
    positions = (counts[:, None] - 1) * np.asarray(shares)
    low, high = values[:, ::2].astype(np.float64), values[:, 1::2].astype(np.float64)
    quantiles: NDArray[np.float64] = low + (high - low) * (positions - np.floor(positions))
    return quantiles


def _wanted_values(
    filled: Filled,
    kept: Kept,
    groups: NDArray[np.intp],
    counts: NDArray[np.int64],
    ranks: NDArray[np.int64],
    bins: Histogram | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Values of the groups, sorted by group and value, and where those of the ranks stand."""
    large = np.flatnonzero(counts[groups] > _most_kept(counts[groups]))
    bounds, skipped = _all_values(len(groups), ranks.shape[1] // 2), np.zeros_like(ranks)
    wanted = Wanted((_numbered(groups, len(counts)) + 1).astype(np.uint32), bounds)

    def keep(emitted: Iterable[Emitted]) -> list[Emitted]:
        return [_kept(*part, wanted) for part in emitted]

    if len(large):
        rows = groups[large]
        if bins is None:
            bins, rows = _binned(filled, rows, counts, ranks.shape[1] // 2), np.arange(len(large))
        bounds_of_large, skipped_of_large = bounds[1 + large], skipped[large]
        _find(bins, rows, ranks[large], bounds_of_large, skipped_of_large)
        bounds[1 + large], skipped[large] = bounds_of_large, skipped_of_large
    values, ends = _placed(list(chain.from_iterable(kept(wanted, keep))), len(groups))
    begins = np.append(0, ends[:-1])
    for begin, end in zip(begins, ends, strict=True):
        values[begin:end].sort()
    return values, begins[:, None] + ranks - skipped


def _most_kept(counts: NDArray[np.int64]) -> int:
    """How many values of a group are kept without a histogram: all, if even those of all groups are few."""
    if counts.sum() < FEW_ROWS:
        return FEW_ROWS
    return FEWEST_BINNED if len(counts) * BINS <= CELLS else MOST_SORTED


def _binned(filled: Filled, groups: NDArray[np.intp], counts: NDArray[np.int64], shares: int) -> Histogram:
    """How many values of some groups are in each bin."""
    row = _numbered(groups, len(counts))
    whole = np.int32 if counts.max() < 2**31 else np.int64  # half as wide where it will do

    def fill(histogram: Histogram, emitted: Iterable[Emitted]) -> None:
        for of, values in emitted:
            _fill(of, values, row, histogram)

    return filled(
        Wanted((row >= 0).astype(np.uint32), _all_values(1, shares)), lambda: np.zeros((len(groups), BINS), whole), fill
    )


def _all_values(groups: int, shares: int) -> NDArray[np.int64]:
    """Bounds of some groups between which all their values lie."""
    bounds = np.zeros((1 + groups, 2 * shares), np.int64)
    bounds[1:, 1] = _BEYOND
    return bounds


def _kept(groups: NDArray[np.int32], values: NDArray[np.int64], wanted: Wanted) -> Emitted:
    kept_groups, kept_values = np.empty_like(groups), np.empty_like(values)
    kept = _keep(groups, values, *wanted, kept_groups, kept_values)
    return kept_groups[:kept].copy(), kept_values[:kept].copy()


def _numbered(groups: NDArray[np.intp], size: int) -> NDArray[np.int32]:
    """The place of each group among some of them, -1 for the others."""
    numbers = np.full(size, -1, np.int32)
    numbers[groups] = np.arange(len(groups))
    return numbers


def _placed(parts: Sequence[Emitted], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The values group by group, and where those of each group end."""
    counts = sum((np.bincount(groups, minlength=size) for groups, _ in parts), np.zeros(size, np.int64))
    ends = np.cumsum(counts)
    values, nexts = np.empty(counts.sum(), np.int64), ends - counts
    for part in parts:
        _place(*part, nexts, values)
    return values, ends
