"""Flow: which touchpoint directly follows which, how often, and how long the wait is."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import PIECE, Column, Rows, compiled, fold, pieces
from tangente.contactlog.quantiles import (
    BINS,
    CELLS,
    FEWEST_BINNED,
    Emitted,
    Histogram,
    Wanted,
    bin_of,
    exact_quantiles,
)
from tangente.contactlog.splicing import most_rows
from tangente.errors import QuestionError

SECOND = 1_000_000  # µs
EVER = 2**63 - 1
MOST_BINNED = 2**31  # rows, so that a bin takes 32 bits
MOST_PLACES = 4_000  # pairs are counted in a square of them


@compiled
def _count(
    customer: Column, at: Column, place: Column, places: int, longest: int, last: Column, summary: Column
) -> None:
    """Count each pair of a contact and the same customer's next in the bin of its wait, if the summary has bins.

    The last column counts each customer once: `last` is whom a pair saw last.
    """
    bins = summary.shape[1] - 1
    for i in range(len(customer) - 1):
        wait = at[i + 1] - at[i]
        if customer[i] == customer[i + 1] and wait <= longest:
            pair = place[i] * np.uint64(places) + place[i + 1]
            summary[pair, np.uint32(bin_of(wait) if bins > 1 else 0)] += 1
            summary[pair, bins] += last[pair] != customer[i]  # added up: a branch would be guessed wrong too often
            last[pair] = customer[i]


@compiled
def _list(
    customer: Column,
    at: Column,
    place: Column,
    places: int,
    longest: int,
    rows: Rows,
    turn: Column,
    bounds: Column,
    pairs: Column,
    waits: Column,
) -> int:
    """List the pairs from some rows on whose waits lie between the bounds of one of two shares; returns how many."""
    listed = 0
    for i in range(rows[0], min(rows[1], len(customer) - 1)):
        wait = at[i + 1] - at[i]
        if customer[i] == customer[i + 1] and wait <= longest:
            pair = place[i] * np.uint64(places) + place[i + 1]
            of = turn[pair]
            inside = (bounds[of, 0] <= wait) & (wait < bounds[of, 1]) | (bounds[of, 2] <= wait) & (wait < bounds[of, 3])
            if inside:  # few are: one branch, guessed right, for four that are not
                pairs[listed], waits[listed] = pair, wait
                listed += 1
    return listed


def flow(log: ContactLog) -> pa.Table:
    """Count how often one touchpoint directly follows another in a customer's history, and how long that takes.

    Two contacts follow each other if the same customer had no other contact of the (filtered) log between them. A
    touchpoint may follow itself.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: one row per pair that occurs: from, to (string), contacts (int64, how often), customers (int64, distinct),
        median_wait_s, p90_wait_s (float64, seconds, exact, linear between neighbours). Most frequent first, then by name.
    Raises: QuestionError if there are more than 4,000 different touchpoints.
    Cost: two passes over the log, three on Spark or with few rows or many touchpoints.  Source: docs/explanation/flow.md

    >>> from tangente.contactlog.testing import journeys
    >>> found = flow(journeys("anna: ad shop+2h buy", "ben: ad shop+4h"))
    >>> found.select(["from", "to", "contacts", "median_wait_s"]).to_pylist()[0]
    {'from': 'ad', 'to': 'shop', 'contacts': 2, 'median_wait_s': 10800.0}
    """
    return successions(log, "touchpoint")


def successions(log: ContactLog, kind: str, *, changes: bool = False, longest: int = EVER) -> pa.Table:
    """Count which value of a kind directly follows which in a history, and how long that takes.

    `changes` leaves out pairs of equal and of unknown values, `longest` those with a longer wait, in µs.
    """
    size = log.codes.size(kind)
    if size > MOST_PLACES:
        raise QuestionError(
            f"The log has {size - 1:,} different {kind}s; at most {MOST_PLACES - 1:,} can be paired: give several of them "
            "one name by a value map in the mapping"
        )

    def emit(bucket: Bucket, wanted: Wanted) -> Iterator[Emitted]:
        customer, at, place = (bucket.contacts[name] for name in ("customer", "occurred_at", kind))
        pairs, waits = np.empty(PIECE, np.int32), np.empty(PIECE, np.int64)
        for rows in pieces(len(customer)):
            listed = _list(customer, at, place, size, longest, rows, *wanted, pairs, waits)
            yield pairs[:listed], waits[:listed]

    def visit(summary: Histogram, bucket: Bucket) -> None:
        customer, at, place = (bucket.contacts[name] for name in ("customer", "occurred_at", kind))
        _count(customer, at, place, size, longest, np.full(size * size, -1, np.int32), summary)

    bins = _bins(log, size * size)
    whole = np.int64 if bins == 1 else np.int32
    summary = fold(log, lambda: np.zeros((size * size, bins + 1), whole), visit)
    contacts, customers = summary[:, :bins].sum(axis=1, dtype=np.int64), summary[:, bins].astype(np.int64)
    if changes:
        square = contacts.reshape(size, size)
        square[0] = square[:, 0] = square[np.arange(size), np.arange(size)] = 0
    waits = exact_quantiles(log, emit, contacts, (0.5, 0.9), summary if bins == BINS else None)
    return _answer(log.codes, kind, contacts, customers, waits)


def _bins(log: ContactLog, pairs: int) -> int:
    """In how many bins a pair counts its waits: in all where every pair can have them, and enough rows fill them; else in one.

    Rows that an engine has elsewhere are not fetched to be counted.
    """
    if log.engine is not None or pairs * BINS > CELLS:
        return 1
    rows = sum(most_rows(bucket.contacts) for bucket in log.stored)
    return BINS if pairs * FEWEST_BINNED <= rows < MOST_BINNED else 1


def _answer(
    codes: Codes,
    kind: str,
    contacts: NDArray[np.int64],
    customers: NDArray[np.int64],
    waits: NDArray[np.float64],
) -> pa.Table:
    size, ranks = codes.size(kind), codes.ranks(kind)
    found = np.flatnonzero(contacts)
    source, target = np.divmod(found, size)
    order = np.lexsort((ranks[target], ranks[source], -contacts[found]))
    found, source, target = found[order], source[order], target[order]
    return pa.table(
        {
            "from": codes.decode(kind, source),
            "to": codes.decode(kind, target),
            "contacts": contacts[found],
            "customers": customers[found],
            "median_wait_s": waits[found, 0] / SECOND,
            "p90_wait_s": waits[found, 1] / SECOND,
        }
    )
