"""Variants: the whole paths customers took, and how many took each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, gather, side_by_side
from tangente.errors import QuestionError

Share = tuple[int, int]
"""Which one of how many."""

ALL = (0, 1)
_SEED = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD6E8FEB86659FD93)


@compiled
def _walk(
    customer: Column,
    touchpoint: Column,
    outcome: Column,
    wanted: int,
    collapse: bool,
    codes: Column,
    ends: Column,
    hashes: Column,
    reached: Column,
) -> int:
    """Write the path of each customer behind the one before, where it ends and a rolling hash; returns how many."""
    paths = steps = first = 0
    while first < len(customer):
        hashed, has_reached, i = _SEED, False, first
        while i < len(customer) and customer[i] == customer[first]:
            if i == first or not collapse or touchpoint[i] != touchpoint[i - 1]:
                codes[steps] = touchpoint[i]
                steps += 1
                hashed = (hashed ^ np.uint64(touchpoint[i] + 1)) * _STEP
                hashed ^= hashed >> np.uint64(32)
            has_reached |= outcome[i] == wanted
            i += 1
        ends[paths], hashes[paths], reached[paths] = steps, hashed, has_reached
        first, paths = i, paths + 1
    return paths


@compiled
def _merge(
    codes: Column,
    share: Share,
    table: Column,
    begins: Column,
    ends: Column,
    hashes: Column,
    customers: Column,
    reached: Column,
) -> int:
    """Make equal paths one: the first stays, with the customers of all; moved to the front. Returns how many stay.

    Only paths of a share of all hashes stay. `table` holds the path whose hash leads to a slot, -1 for none; a hash
    finds a candidate, a comparison decides.
    """
    mask = len(table) - 1
    merged = 0
    for path in range(len(hashes)):
        if np.int64(hashes[path] >> np.uint64(48)) % share[1] != share[0]:
            continue
        hashed, begin, size = hashes[path], begins[path], ends[path] - begins[path]
        slot = np.int64(hashed) & mask
        while table[slot] >= 0:
            there = table[slot]
            if (
                hashes[there] == hashed
                and ends[there] - begins[there] == size
                and _same(codes, begins[there], begin, size)
            ):
                break
            slot = (slot + 1) & mask
        there = table[slot]
        if there >= 0:
            customers[there] += customers[path]
            reached[there] += reached[path]
        else:
            begins[merged], ends[merged], hashes[merged] = begin, begin + size, hashed
            customers[merged], reached[merged] = customers[path], reached[path]
            table[slot] = merged
            merged += 1
    return merged


@compiled
def _same(codes: Column, one: int, other: int, size: int) -> bool:
    for k in range(size):  # noqa: SIM110  (a loop compiles to one; all() over a generator does not)
        if codes[one + k] != codes[other + k]:
            return False
    return True


@compiled
def _close_up(codes: Column, begins: Column, ends: Column) -> int:
    """Move the paths together, over what lies between them; returns how many steps they have."""
    steps = 0
    for path in range(len(begins)):
        size = ends[path] - begins[path]
        for k in range(size):
            codes[steps + k] = codes[begins[path] + k]
        begins[path], ends[path] = steps, steps + size
        steps += size
    return steps


@dataclass(frozen=True)
class Paths:
    """Distinct paths: path i is codes[begins[i]:ends[i]], with a hash; customers[i] people took it."""

    codes: NDArray[np.uint16]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    customers: NDArray[np.int64]
    reached: NDArray[np.int64]  # of them, who had the outcome asked for

    @classmethod
    def merged(cls, codes: NDArray[np.uint16], *columns: NDArray[Any], share: Share = ALL) -> "Paths":
        """Of paths that may be equal; the columns are worked on in place."""
        table = np.full(1 << int(2 * len(columns[0]) // share[1]).bit_length(), -1, np.int32)
        count = _merge(codes, share, table, *columns)
        return cls(codes, *(column[:count] for column in columns))

    @property
    def columns(self) -> list[NDArray[Any]]:
        """All but the codes."""
        return [self.begins, self.ends, self.hashes, self.customers, self.reached]


def together(parts: Sequence[Paths]) -> Paths:
    """The distinct paths of several buckets: how summaries of paths add up."""
    starts = np.cumsum([0, *(len(part.codes) for part in parts)])
    moved = [
        replace(part, begins=part.begins + start, ends=part.ends + start)
        for part, start in zip(parts, starts, strict=False)
    ]
    columns = [np.concatenate(column) for column in zip(*(part.columns for part in moved), strict=True)]
    codes = np.concatenate([part.codes for part in parts])

    def merged(share: Share) -> list[NDArray[Any]]:
        return Paths.merged(codes, *(column.copy() for column in columns), share=share).columns

    found = side_by_side(merged, len(codes))
    return Paths(codes, *(np.concatenate(column) for column in zip(*found, strict=True)))


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
    Cost: one pass over the log, and the memory of all distinct paths (2 bytes a contact).  Source: docs/explanation/flow.md

    >>> from tangente.contactlog.testing import journeys
    >>> variants(journeys("anna: ad shop shop", "ben: ad shop", "cem: shop"), collapse_repeats=True).to_pylist()[0]
    {'path': ['ad', 'shop'], 'customers': 2, 'outcome_customers': None}
    """
    if most < 1:
        raise QuestionError(f"most is {most}; it must be at least 1")
    wanted = -1 if outcome is None else log.outcome_code(outcome)

    def visit(bucket: Bucket) -> Paths:
        customer, touchpoint, results = (bucket.contacts[name] for name in ("customer", "touchpoint", "outcome"))
        codes, ends = np.empty(len(customer), np.uint16), np.empty(bucket.customers, np.int64)
        hashes, reached = np.empty(bucket.customers, np.uint64), np.empty(bucket.customers, np.int64)
        with np.errstate(over="ignore"):  # hashes wrap around; heard of only where the loop runs uncompiled
            paths = _walk(customer, touchpoint, results, wanted, collapse_repeats, codes, ends, hashes, reached)
        begins = np.append(0, ends[: paths - 1]) if paths else ends[:0]
        own = Paths.merged(codes, begins, ends[:paths], hashes[:paths], np.ones(paths, np.int64), reached[:paths])
        steps = _close_up(codes, own.begins, own.ends)
        return replace(own, codes=codes[:steps])

    return _answer(log.codes, together(gather(log, visit)), most, with_outcome=outcome is not None)


def _answer(codes: Codes, paths: Paths, most: int, *, with_outcome: bool) -> pa.Table:
    chosen = _most_frequent(codes, paths, most)
    steps = [paths.codes[begin:end] for begin, end in zip(paths.begins[chosen], paths.ends[chosen], strict=True)]
    offsets = np.cumsum([0, *map(len, steps)])
    names = codes.decode("touchpoint", np.concatenate([*steps, paths.codes[:0]]))
    reached = paths.reached[chosen] if with_outcome else np.full(len(chosen), -1)
    table = pa.table(
        {
            "path": pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), names),
            "customers": paths.customers[chosen],
            "outcome_customers": pa.array(reached, pa.int64(), mask=reached < 0),
        }
    )
    return table.replace_schema_metadata({"total": str(len(paths.customers)), "customers": str(paths.customers.sum())})


def _most_frequent(codes: Codes, paths: Paths, most: int) -> NDArray[np.int64]:
    """The most frequent paths, equally frequent ones by name; only those that may be among them are compared."""
    ranks = codes.ranks("touchpoint").astype(np.uint16)
    if len(paths.customers) > most:
        at_least = np.cumsum(np.bincount(paths.customers)[::-1])  # how many paths have so many customers or more
        least = len(at_least) - 1 - np.searchsorted(at_least, most)
        surely, maybe = (np.flatnonzero(found) for found in (paths.customers > least, paths.customers == least))
        beginnings = _beginnings(paths, ranks, maybe)
        wanted = most - len(surely)
        candidates = np.append(surely, maybe[beginnings <= np.partition(beginnings, wanted - 1)[wanted - 1]])
    else:
        candidates = np.arange(len(paths.customers))
    steps = [paths.codes[paths.begins[path] : paths.ends[path]] for path in candidates]
    names = [ranks[path].astype(">u2").tobytes() for path in steps]  # they compare like the names along the path
    keys = list(zip(-paths.customers[candidates], names, strict=True))
    return candidates[sorted(range(len(keys)), key=keys.__getitem__)[:most]]


def _beginnings(paths: Paths, ranks: NDArray[np.uint16], chosen: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The first four steps of some paths as one number each that compares like their names."""
    beginnings = np.zeros(len(chosen), np.uint64)
    for step in range(4):
        places = paths.begins[chosen] + step
        there = places < paths.ends[chosen]
        beginnings <<= np.uint64(16)
        beginnings[there] |= ranks[paths.codes[places[there]]]
    return beginnings
