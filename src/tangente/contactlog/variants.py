"""Variants: the whole paths customers took, and how many took each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, gather
from tangente.errors import QuestionError

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
    reached: Column,
) -> tuple[int, int]:
    """Write the path of each customer behind the one before; returns how many paths and steps."""
    paths = steps = 0
    for i in range(len(customer)):
        new = i == 0 or customer[i] != customer[i - 1]
        if new:
            reached[paths] = 0
            paths += 1
        if new or not collapse or touchpoint[i] != touchpoint[i - 1]:
            codes[steps] = touchpoint[i]
            steps += 1
        ends[paths - 1] = steps
        if wanted > 0 and outcome[i] == wanted:
            reached[paths - 1] = 1
    return paths, steps


@compiled
def _group(codes: Column, offsets: Column, table: Column, group: Column, first: Column) -> int:
    """Number the distinct paths in `group`, the first of each in `first`; returns how many there are.

    A rolling hash finds a candidate, a full comparison decides.
    """
    mask = len(table) - 1
    groups = 0
    for path in range(len(offsets) - 1):
        hashed = _SEED
        for k in range(offsets[path], offsets[path + 1]):
            hashed = (hashed ^ np.uint64(codes[k] + 1)) * _STEP
            hashed ^= hashed >> np.uint64(32)
        slot = np.int64(hashed) & mask
        while table[slot] >= 0 and not _same(codes, offsets, table[slot], path):
            slot = (slot + 1) & mask
        if table[slot] < 0:
            table[slot] = first[groups] = path
            group[path] = groups
            groups += 1
        else:
            group[path] = group[table[slot]]
    return groups


@compiled
def _same(codes: Column, offsets: Column, one: int, other: int) -> bool:
    size = offsets[one + 1] - offsets[one]
    if offsets[other + 1] - offsets[other] != size:
        return False
    for k in range(size):  # noqa: SIM110  (a loop compiles to one; all() over a generator does not)
        if codes[offsets[one] + k] != codes[offsets[other] + k]:
            return False
    return True


@dataclass(frozen=True)
class Paths:
    """Paths behind each other in `codes`; path i is codes[offsets[i]:offsets[i + 1]], taken by customers[i] people."""

    codes: NDArray[np.uint16]
    offsets: NDArray[np.int64]
    customers: NDArray[np.int64]
    reached: NDArray[np.int64]  # of them, who had the outcome asked for

    def distinct(self) -> "Paths":
        """Equal paths as one, with their customers added up."""
        group, first = np.empty((2, len(self.customers)), np.int64)
        slots = np.full(1 << int(2 * len(group)).bit_length(), -1, np.int64)
        with np.errstate(over="ignore"):  # hashes wrap around; heard of only where the loop runs uncompiled
            groups = _group(self.codes, self.offsets, slots, group, first)
        customers, reached = (_added_up(group, counts, groups) for counts in (self.customers, self.reached))
        return Paths(*_chosen(self, first[:groups]), customers, reached)


def together(parts: Sequence[Paths]) -> Paths:
    """The distinct paths of several buckets: how summaries of paths add up."""
    ends = np.cumsum([0, *(len(part.codes) for part in parts)])
    offsets = [part.offsets[1:] + end for part, end in zip(parts, ends, strict=False)]
    return Paths(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([[0], *offsets]),
        np.concatenate([part.customers for part in parts]),
        np.concatenate([part.reached for part in parts]),
    ).distinct()


def _added_up(group: NDArray[np.int64], counts: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    total = np.zeros(groups, np.int64)
    np.add.at(total, group, counts)
    return total


def _chosen(paths: Paths, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Codes and offsets of some of the paths."""
    starts = paths.offsets[chosen]
    sizes = paths.offsets[chosen + 1] - starts
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    places = np.repeat(starts - offsets[:-1], sizes) + np.arange(offsets[-1])
    return paths.codes[places], offsets


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
    wanted = 0 if outcome is None else log.outcome_code(outcome)

    def visit(bucket: Bucket) -> Paths:
        contacts = bucket.contacts
        codes = np.empty(len(contacts["customer"]), np.uint16)
        ends, reached = np.zeros(bucket.customers, np.int64), np.zeros(bucket.customers, np.int64)
        customer, touchpoint, results = (contacts[name] for name in ("customer", "touchpoint", "outcome"))
        paths, steps = _walk(customer, touchpoint, results, wanted, collapse_repeats, codes, ends, reached)
        offsets = np.concatenate([[0], ends[:paths]])
        return Paths(codes[:steps], offsets, np.ones(paths, np.int64), reached[:paths]).distinct()

    return _answer(log.codes, together(gather(log, visit)), most, with_outcome=outcome is not None)


def _answer(codes: Codes, paths: Paths, most: int, *, with_outcome: bool) -> pa.Table:
    chosen = _most_frequent(codes, paths, most)
    steps, offsets = _chosen(paths, chosen)
    names = codes.decode("touchpoint", steps)
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
    ranks = codes.ranks("touchpoint").astype(np.uint16)[paths.codes]
    if len(paths.customers) > most:
        least = np.partition(paths.customers, -most)[-most]
        surely, maybe = (np.flatnonzero(found) for found in (paths.customers > least, paths.customers == least))
        begins = _beginnings(ranks, paths.offsets[maybe], paths.offsets[maybe + 1])
        wanted = most - len(surely)
        candidates = np.append(surely, maybe[begins <= np.partition(begins, wanted - 1)[wanted - 1]])
    else:
        candidates = np.arange(len(paths.customers))
    names = ranks.astype(">u2")  # their bytes compare like the names along the path
    keys = [(-paths.customers[k], names[paths.offsets[k] : paths.offsets[k + 1]].tobytes()) for k in candidates]
    return candidates[sorted(range(len(keys)), key=keys.__getitem__)[:most]]


def _beginnings(ranks: NDArray[np.uint16], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The first four steps of each path as one number that compares like their names."""
    beginnings = np.zeros(len(starts), np.uint64)
    for step in range(4):
        there = starts + step < ends
        beginnings <<= np.uint64(16)
        beginnings[there] |= ranks[starts[there] + step]
    return beginnings
