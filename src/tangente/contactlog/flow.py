"""Flow: which touchpoint directly follows which, how often, and how long the wait is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import compiled, fold
from tangente.contactlog.quantiles import Emitted, exact_quantiles

SECOND = 1_000_000  # µs


@compiled
def _successions(customer, at, place, places, groups, waits):  # type: ignore[no-untyped-def]
    """For each contact the pair of its place and that of the next contact of the same customer, and the wait between."""
    for i in range(len(customer) - 1):
        groups[i] = -1
        if customer[i] == customer[i + 1]:
            groups[i] = place[i] * np.int64(places) + place[i + 1]
            waits[i] = at[i + 1] - at[i]
    if len(customer):
        groups[-1] = -1


@compiled
def count_pairs(customer, groups, contacts, customers, last):  # type: ignore[no-untyped-def]
    """Count each group, and its customers once each: `last` remembers whom a group saw last."""
    for i in range(len(groups)):
        group = groups[i]
        if group >= 0:
            contacts[group] += 1
            if last[group] != customer[i]:
                last[group] = customer[i]
                customers[group] += 1


@dataclass(frozen=True)
class PairCounts:
    """Contacts and distinct customers of each pair."""

    contacts: NDArray[np.int64]
    customers: NDArray[np.int64]

    def __add__(self, other: "PairCounts") -> "PairCounts":
        return PairCounts(self.contacts + other.contacts, self.customers + other.customers)


def flow(log: ContactLog) -> pa.Table:
    """Count how often one touchpoint directly follows another in a customer's history, and how long that takes.

    Two contacts follow each other if the same customer had no other contact of the (filtered) log between them. A
    touchpoint may follow itself.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: one row per pair that occurs: from, to (string), contacts (int64, how often), customers (int64, distinct),
        median_wait_s, p90_wait_s (float64, seconds, exact, linear between neighbours). Most frequent first, then by name.
    Cost: three passes over the log.  Source: docs/explanation/flow.md

    >>> from tangente.contactlog.testing import journeys
    >>> flow(journeys("anna: ad shop+2h buy", "ben: ad shop+4h")).select(["from", "to", "contacts", "median_wait_s"]).to_pylist()
    [{'from': 'ad', 'to': 'shop', 'contacts': 2, 'median_wait_s': 10800.0}, {'from': 'shop', 'to': 'buy', 'contacts': 1, 'median_wait_s': 3600.0}]
    """
    places = log.codes.size("touchpoint")

    def emit(bucket: Bucket) -> Emitted:
        contacts = bucket.contacts
        size = len(contacts["customer"])
        groups, waits = np.empty(size, np.int32), np.empty(size, np.int64)
        _successions(contacts["customer"], contacts["occurred_at"], contacts["touchpoint"], places, groups, waits)
        return groups, waits

    return pairs(log, "touchpoint", emit)


def pairs(log: ContactLog, kind: str, emit: Callable[[Bucket], Emitted]) -> pa.Table:
    """The answer for emitted pairs of codes of a kind (from × size + to) and their waits in µs."""
    size = log.codes.size(kind)

    def visit(summary: PairCounts, bucket: Bucket) -> None:
        groups, _ = emit(bucket)
        count_pairs(
            bucket.contacts["customer"], groups, summary.contacts, summary.customers, np.full(size * size, -1, np.int32)
        )

    counts = fold(log, lambda: PairCounts(np.zeros(size * size, np.int64), np.zeros(size * size, np.int64)), visit)
    waits = exact_quantiles(log, emit, counts.contacts, (0.5, 0.9))
    return _answer(log.codes, kind, counts, waits)


def _answer(codes: Codes, kind: str, counts: PairCounts, waits: NDArray[np.float64]) -> pa.Table:
    size, ranks = codes.size(kind), codes.ranks(kind)
    found = np.flatnonzero(counts.contacts)
    source, target = np.divmod(found, size)
    order = np.lexsort((ranks[target], ranks[source], -counts.contacts[found]))
    found, source, target = found[order], source[order], target[order]
    return pa.table(
        {
            "from": codes.decode(kind, source),
            "to": codes.decode(kind, target),
            "contacts": counts.contacts[found],
            "customers": counts.customers[found],
            "median_wait_s": waits[found, 0] / SECOND,
            "p90_wait_s": waits[found, 1] / SECOND,
        }
    )
