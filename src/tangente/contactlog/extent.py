"""Extent: how much a log holds, from when to when, and how many of its contacts tie in time."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog, Filters
from tangente.contactlog.passes import fold, gather
from tangente.contactlog.splicing import Columns

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Extent:
    """Of one table: rows, distinct customers, rows that tie with the one before; first and last moment, None if empty.

    Moments are µs UTC.
    """

    rows: int
    customers: int
    ties: int
    first: int | None
    last: int | None


@dataclass(frozen=True)
class _Tables:
    """A column per table; rows: rows, customers, ties | first, minus last."""

    counts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __add__(self, other: "_Tables") -> "_Tables":
        return _Tables(self.counts + other.counts, np.minimum(self.ends, other.ends))


def extent(log: ContactLog) -> dict[str, Extent]:
    """Measure the tables "contacts" and "ratings".

    A row ties if the row before it in its customer's history has the same microsecond: of three equal ones, two tie.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: for each table its `Extent`.
    Cost: one pass over the log.  Source: docs/explanation/contact-log.md

    >>> from tangente.contactlog.testing import journeys
    >>> extent(journeys("anna: ad shop+0s buy", "ben: ad"))["contacts"].ties
    1
    """
    tables = fold(log, lambda: _Tables(np.zeros((3, 2), np.int64), np.full((2, 2), _NEVER)), _measure)
    return {name: _extent(tables.counts[:, k], tables.ends[:, k]) for k, name in enumerate(("contacts", "ratings"))}


def span(log: ContactLog) -> tuple[int, int]:
    """First and last moment of either table, in µs UTC; the first is the later one if the log is empty."""
    found = [ends for spans in gather(log, lambda bucket: bucket.spans) for ends in spans if ends]
    return min((first for first, _ in found), default=1), max((last for _, last in found), default=0)


def observed_until(log: ContactLog) -> int:
    """The last moment at which we would have seen a contact, in µs UTC: of the whole log, or of the period asked for."""
    last = max((last for _, last in _whole(log)), default=0)
    return last if log.filters.before is None else min(last, log.filters.before - 1)


def observed_from(log: ContactLog) -> int:
    """The first moment at which we would have seen a contact, in µs UTC: of the whole log, or of the period asked for."""
    first = min((first for first, _ in _whole(log)), default=0)
    return first if log.filters.since is None else max(first, log.filters.since)


def _whole(log: ContactLog) -> list[tuple[int, int]]:
    """First and last moment of the contacts in each bucket, whatever is filtered."""
    stored = replace(log, filters=Filters(), renamed={})
    return [contacts for contacts, _ in gather(stored, lambda bucket: bucket.spans) if contacts]


def _measure(summary: _Tables, bucket: Bucket) -> None:
    for k, columns in enumerate((bucket.contacts, bucket.ratings)):
        if len(columns["customer"]):
            times = columns["occurred_at"]
            summary.counts[:, k] += (len(times), *_people_and_ties(columns))
            summary.ends[:, k] = np.minimum(summary.ends[:, k], (times.min(), -times.max()))


def _people_and_ties(columns: Columns) -> tuple[int, int]:
    same = np.diff(columns["customer"]) == 0
    tied = same & (np.diff(columns["occurred_at"]) == 0)
    return int(len(same) + 1 - same.sum()), int(tied.sum())


def _extent(counts: NDArray[np.int64], ends: NDArray[np.int64]) -> Extent:
    rows, customers, ties = counts.tolist()
    return Extent(rows, customers, ties, int(ends[0]) if rows else None, -int(ends[1]) if rows else None)


@dataclass(frozen=True)
class _Earliest:
    at: NDArray[np.int64]

    def __add__(self, other: "_Earliest") -> "_Earliest":
        return _Earliest(np.minimum(self.at, other.at))


def first_contacts(log: ContactLog) -> dict[str, int]:
    """When each touchpoint had its first contact, in µs UTC.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: touchpoint → moment, for touchpoints with contacts, by name.
    Cost: one pass over the log.  Source: docs/explanation/contact-log.md

    >>> from tangente.contactlog.testing import journeys
    >>> sorted(first_contacts(journeys("anna: shop ad")).items(), key=lambda item: item[1])[0][0]
    'shop'
    """

    def visit(summary: _Earliest, bucket: Bucket) -> None:
        np.minimum.at(summary.at, bucket.contacts["touchpoint"], bucket.contacts["occurred_at"])

    earliest = fold(log, lambda: _Earliest(np.full(log.codes.size("touchpoint"), _NEVER)), visit).at
    return log.codes.by_name("touchpoint", earliest, but=_NEVER)
