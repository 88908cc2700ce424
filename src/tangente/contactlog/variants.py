"""Variants: the whole paths customers took, and how many took each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, gather, inlined, side_by_side
from tangente.errors import QuestionError

_SEED = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD6E8FEB86659FD93)

SHARE_SHIFT, SHARE_BITS = 48, 15  # of a hash: those that tell its share, not those that tell its slot

# What is known of a path, a column per path: where its steps begin and end, a hash of them, the people who took it, and
# those of them who had the outcome asked for.
BEGIN, END, HASH, CUSTOMERS, REACHED, ROWS = range(6)


@compiled
def _walk(
    customer: Column, touchpoint: Column, outcome: Column, wanted: int, collapse: bool, codes: Column, paths: Column
) -> int:
    """Write the path of each customer behind the one before, with a rolling hash; returns how many."""
    count = steps = first = 0
    while first < len(customer):
        hashed, reached, begin, i = _SEED, False, steps, first
        while i < len(customer) and customer[i] == customer[first]:
            if i == first or not collapse or touchpoint[i] != touchpoint[i - 1]:
                codes[steps] = touchpoint[i]
                steps += 1
                hashed = (hashed ^ np.uint64(touchpoint[i] + 1)) * _STEP
                hashed ^= hashed >> np.uint64(32)
            reached |= outcome[i] == wanted
            i += 1
        paths[BEGIN, count], paths[END, count], paths[HASH, count] = begin, steps, np.int64(hashed)
        paths[CUSTOMERS, count], paths[REACHED, count] = 1, reached
        first, count = i, count + 1
    return count


@inlined
def _share_of(hashed: int, shares: int) -> int:
    """Into which of some equal shares a hash falls; a division would take longer."""
    return (((hashed >> SHARE_SHIFT) & ((1 << SHARE_BITS) - 1)) * shares) >> SHARE_BITS


@compiled
def _size(hashes: Column, share: int, shares: int) -> int:
    """How many hashes fall into a share."""
    size = 0
    for hashed in hashes:
        size += _share_of(hashed, shares) == share
    return size


@compiled
def _merge(codes: Column, paths: Column, share: int, shares: int, table: Column, merged: Column) -> int:
    """Make equal paths one, with the customers of all; of those whose hash falls into a share. Returns how many.

    `table` holds the path whose hash leads to a slot, -1 for none; a hash finds a candidate, a comparison decides.
    """
    mask, count = len(table) - 1, 0
    for path in range(paths.shape[1]):
        hashed = paths[HASH, path]
        if _share_of(hashed, shares) != share:
            continue
        begin, size = paths[BEGIN, path], paths[END, path] - paths[BEGIN, path]
        slot = hashed & mask
        while table[slot] >= 0:
            there = table[slot]
            if merged[HASH, there] == hashed and merged[END, there] - merged[BEGIN, there] == size:  # noqa: SIM102
                if _same(codes, merged[BEGIN, there], begin, size):
                    break
            slot = (slot + 1) & mask
        there = table[slot]
        if there < 0:
            there = table[slot] = count
            merged[BEGIN, there], merged[END, there], merged[HASH, there] = begin, begin + size, hashed
            merged[CUSTOMERS, there] = merged[REACHED, there] = 0
            count += 1
        merged[CUSTOMERS, there] += paths[CUSTOMERS, path]
        merged[REACHED, there] += paths[REACHED, path]
    return count


@inlined
def _same(codes: Column, one: int, other: int, size: int) -> bool:
    for k in range(size):  # noqa: SIM110  (a loop compiles to one; all() over a generator does not)
        if codes[one + k] != codes[other + k]:
            return False
    return True


@compiled
def _put(codes: Column, paths: Column, first: int, step: int, all_codes: Column, all_paths: Column) -> None:
    """Put paths behind others, from the path `first` on, and their steps, from `step` on, without what lies between them."""
    for path in range(paths.shape[1]):
        for row in range(ROWS):
            all_paths[row, first + path] = paths[row, path]
        begin, size = paths[BEGIN, path], paths[END, path] - paths[BEGIN, path]
        for k in range(size):
            all_codes[step + k] = codes[begin + k]
        all_paths[BEGIN, first + path], all_paths[END, first + path] = step, step + size
        step += size


@dataclass(frozen=True)
class Paths:
    """Paths, a column each, and the codes of their steps: those of path i are codes[of[BEGIN, i]:of[END, i]]."""

    codes: NDArray[np.uint16]
    of: NDArray[np.int64]

    def __reduce__(self) -> tuple[Any, ...]:
        """Only the distinct ones, and without what none needs of the codes, for they go a long way."""
        packed = _packed([self.merged()])
        return Paths, (packed.codes, packed.of)

    def merged(self, share: int = 0, shares: int = 1) -> "Paths":
        """The distinct ones, or a share of them."""
        size = int(_size(self.of[HASH], share, shares))
        table = np.full(1 << (2 * size).bit_length(), -1, np.int32)  # never full, or a search in it would never end
        merged = np.empty((ROWS, size), np.int64)
        count = _merge(self.codes, self.of, share, shares, table, merged)
        return Paths(self.codes, merged[:, :count])


def _packed(parts: Sequence[Paths]) -> Paths:
    """The paths of several parts one behind the other."""
    firsts = np.cumsum([0, *(part.of.shape[1] for part in parts)])
    steps = np.cumsum([0, *((part.of[END] - part.of[BEGIN]).sum() for part in parts)])
    packed = Paths(np.empty(steps[-1], np.uint16), np.empty((ROWS, firsts[-1]), np.int64))

    def put(share: int, shares: int) -> None:
        for k in range(share, len(parts), shares):
            _put(parts[k].codes, parts[k].of, firsts[k], steps[k], packed.codes, packed.of)

    side_by_side(put, len(packed.codes))
    return packed


def variants(
    log: ContactLog, *, collapse_repeats: bool = False, outcome: str | None = None, most: int = 1_000
) -> pa.Table:
    """Count the customers of each whole path, from their first to their last contact in the (filtered) log.

    Args:
        log: the contact log, filtered as the caller likes.
        collapse_repeats: take directly repeated contacts at one touchpoint as one step.
        outcome: count also the customers of each path with this outcome.
        most: how many of the most frequent paths to return, ≥ 1.
    Returns: one row per path: path (list of string), customers (int64), outcome_customers (int64; null unless `outcome` is
        given). Most frequent first, then by the names along the path. The schema's metadata say of all paths: `total`,
        how many there are, and `customers`, how many customers took them.
    Raises: QuestionError if `most` is below 1 or the outcome never occurs.
    Cost: one pass over the log, and the memory of all paths (4 bytes a contact, 120 a customer).  Source: docs/explanation/flow.md

    >>> from tangente.contactlog.testing import journeys
    >>> variants(journeys("anna: ad shop shop", "ben: ad shop", "cem: shop"), collapse_repeats=True).to_pylist()[0]
    {'path': ['ad', 'shop'], 'customers': 2, 'outcome_customers': None}
    """
    if most < 1:
        raise QuestionError(f"most is {most}; it must be at least 1")
    wanted = -1 if outcome is None else log.outcome_code(outcome)

    def visit(bucket: Bucket) -> Paths:
        customer, touchpoint, results = (bucket.contacts[name] for name in ("customer", "touchpoint", "outcome"))
        codes, paths = np.empty(len(customer), np.uint16), np.empty((ROWS, bucket.customers), np.int64)
        with np.errstate(over="ignore"):  # hashes wrap around; heard of only where the loop runs uncompiled
            count = _walk(customer, touchpoint, results, wanted, collapse_repeats, codes, paths)
        return Paths(codes, paths[:, :count])

    every = _packed(gather(log, visit))

    def frequent(share: int, shares: int) -> tuple[Paths, int]:
        distinct = every.merged(share, shares)
        return _most_frequent(log.codes, distinct, most), distinct.of.shape[1]

    found = side_by_side(frequent, len(every.codes))  # equal paths have equal hashes
    top = Paths(every.codes, np.concatenate([paths.of for paths, _ in found], axis=1))
    totals = {"total": str(sum(total for _, total in found)), "customers": str(every.of[CUSTOMERS].sum())}
    table = _answer(log.codes, _most_frequent(log.codes, top, most), with_outcome=outcome is not None)
    return table.replace_schema_metadata(totals)


def _answer(codes: Codes, paths: Paths, *, with_outcome: bool) -> pa.Table:
    of = paths.of
    steps = [paths.codes[begin:end] for begin, end in of[[BEGIN, END]].T]
    offsets = np.cumsum([0, *map(len, steps)])
    names = codes.decode("touchpoint", np.concatenate([*steps, paths.codes[:0]]))
    reached = of[REACHED] if with_outcome else np.full(of.shape[1], -1)
    return pa.table(
        {
            "path": pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), names),
            "customers": of[CUSTOMERS],
            "outcome_customers": pa.array(reached, pa.int64(), mask=reached < 0),
        }
    )


def _most_frequent(codes: Codes, paths: Paths, most: int) -> Paths:
    """The most frequent ones, equally frequent ones by name; only those that may be among them are compared."""
    ranks, customers = codes.ranks("touchpoint").astype(np.uint16), paths.of[CUSTOMERS]
    if len(customers) > most:
        at_least = np.cumsum(np.bincount(customers)[::-1])  # how many paths have so many customers or more
        least = len(at_least) - 1 - np.searchsorted(at_least, most)
        surely, maybe = (np.flatnonzero(found) for found in (customers > least, customers == least))
        beginnings = _beginnings(paths, ranks, maybe)
        wanted = most - len(surely)
        candidates = np.append(surely, maybe[beginnings <= np.partition(beginnings, wanted - 1)[wanted - 1]])
    else:
        candidates = np.arange(len(customers))
    steps = [paths.codes[begin:end] for begin, end in paths.of[[BEGIN, END]][:, candidates].T]
    names = [ranks[path].astype(">u2").tobytes() for path in steps]  # they compare like the names along the path
    keys = list(zip(-customers[candidates], names, strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)[:most]
    return Paths(paths.codes, paths.of[:, candidates[order]])


def _beginnings(paths: Paths, ranks: NDArray[np.uint16], chosen: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The first four steps of some paths as one number each that compares like their names."""
    beginnings = np.zeros(len(chosen), np.uint64)
    for step in range(4):
        places = paths.of[BEGIN, chosen] + step
        there = places < paths.of[END, chosen]
        beginnings <<= np.uint64(16)
        beginnings[there] |= ranks[paths.codes[places[there]]]
    return beginnings
