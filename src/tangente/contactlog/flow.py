"""Flow: which touchpoint directly follows which, how often, and how long the wait is."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, fold
from tangente.contactlog.quantiles import Emitted, exact_quantiles
from tangente.errors import QuestionError

SECOND = 1_000_000  # µs
EVER = 2**63 - 1
CONTACTS, CUSTOMERS = range(2)  # rows of the summary, a column per pair
MOST_NAMES = 4_000  # pairs are counted in a square of them


@compiled
def _follow(
    customer: Column, at: Column, place: Column, places: int, changes: bool, longest: int, groups: Column, waits: Column
) -> None:
    """Pair each contact with the same customer's next one: group from × places + to, -1 for none, and the wait."""
    for i in range(len(customer)):
        groups[i] = -1
        if i + 1 == len(customer) or customer[i] != customer[i + 1]:
            continue
        here, there, wait = place[i], place[i + 1], at[i + 1] - at[i]
        if wait <= longest and not (changes and (here == there or here == 0 or there == 0)):
            groups[i] = here * np.int64(places) + there
            waits[i] = wait


@compiled
def _count(customer: Column, groups: Column, counts: Column, last: Column) -> None:
    """Count each group, and its customers once each: `last` remembers whom a group saw last."""
    for i in range(len(groups)):
        group = groups[i]
        if group >= 0:
            counts[CONTACTS, group] += 1
            if last[group] != customer[i]:
                last[group] = customer[i]
                counts[CUSTOMERS, group] += 1


def flow(log: ContactLog) -> pa.Table:
    """Count how often one touchpoint directly follows another in a customer's history, and how long that takes.

    Two contacts follow each other if the same customer had no other contact of the (filtered) log between them. A
    touchpoint may follow itself.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: one row per pair that occurs: from, to (string), contacts (int64, how often), customers (int64, distinct),
        median_wait_s, p90_wait_s (float64, seconds, exact, linear between neighbours). Most frequent first, then by name.
    Raises: QuestionError if there are more than 4,000 different touchpoints.
    Cost: three passes over the log.  Source: docs/explanation/flow.md

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
    if size > MOST_NAMES:
        raise QuestionError(
            f"The log has {size - 1:,} different {kind}s; at most {MOST_NAMES - 1:,} can be paired: give several of them "
            "one name by a value map in the mapping"
        )

    def emit(bucket: Bucket) -> Emitted:
        contacts = bucket.contacts
        groups, waits = np.empty(len(contacts["customer"]), np.int32), np.empty(len(contacts["customer"]), np.int64)
        _follow(contacts["customer"], contacts["occurred_at"], contacts[kind], size, changes, longest, groups, waits)
        return groups, waits

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        groups, _ = emit(bucket)
        _count(bucket.contacts["customer"], groups, summary, np.full(size * size, -1, np.int32))

    counts = fold(log, lambda: np.zeros((2, size * size), np.int64), visit)
    waits = exact_quantiles(log, emit, counts[CONTACTS], (0.5, 0.9))
    return _answer(log.codes, kind, counts, waits)


def _answer(codes: Codes, kind: str, counts: NDArray[np.int64], waits: NDArray[np.float64]) -> pa.Table:
    size, ranks = codes.size(kind), codes.ranks(kind)
    found = np.flatnonzero(counts[CONTACTS])
    source, target = np.divmod(found, size)
    order = np.lexsort((ranks[target], ranks[source], -counts[CONTACTS, found]))
    found, source, target = found[order], source[order], target[order]
    return pa.table(
        {
            "from": codes.decode(kind, source),
            "to": codes.decode(kind, target),
            "contacts": counts[CONTACTS, found],
            "customers": counts[CUSTOMERS, found],
            "median_wait_s": waits[found, 0] / SECOND,
            "p90_wait_s": waits[found, 1] / SECOND,
        }
    )
