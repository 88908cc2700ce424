"""Repeats: how many contacts were not settled at once, because the customer came back for the same reason."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.extent import observed_until
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import compiled, fold
from tangente.errors import QuestionError
from tangente.method.proportion import wilson

WITHIN_DAYS = 7
_DAY = 86_400_000_000  # µs


@compiled
def _count(customer, at, reason, inbound, group, window, end, contacts, repeats, censored, unknown, reasons):  # type: ignore[no-untyped-def]
    """From the last contact to the first, remembering when each customer came next for each reason."""
    next_customer = np.full(reasons, -1, np.int32)
    next_at = np.zeros(reasons, np.int64)
    for i in range(len(customer) - 1, -1, -1):
        if not inbound[i]:
            continue
        why, where = reason[i], group[i]
        if why == 0:
            unknown[where] += 1
            continue
        if at[i] > end - window:
            censored[where] += 1
        else:
            contacts[where] += 1
            if next_customer[why] == customer[i] and next_at[why] - at[i] <= window:
                repeats[where] += 1
        next_customer[why] = customer[i]
        next_at[why] = at[i]


@dataclass(frozen=True)
class RepeatCounts:
    """Rows contacts, repeats, censored, unknown; a column per group."""

    counts: NDArray[np.int64]

    def __add__(self, other: "RepeatCounts") -> "RepeatCounts":
        return RepeatCounts(self.counts + other.counts)


def repeats(log: ContactLog, *, by: str = "touchpoint", within_days: float = WITHIN_DAYS) -> pa.Table:
    """Count the contacts after which the same customer came back for the same reason: first-contact resolution.

    A contact is repeated if the customer has a later contact with the same reason, at whatever touchpoint and channel,
    at most `within_days` after it. Contacts that we began (direction "out") are neither repeated nor repeats. Contacts
    of the last `within_days` of the log could not yet be repeated: they are censored and left out. Contacts without a
    reason cannot be matched and are left out, too. First-contact resolution is 1 - share.

    Args:
        log: the contact log, filtered as the caller likes.
        by: touchpoint, channel, reason, unit, role or segment.
        within_days: window in days, > 0.
    Returns: one row per value of `by` with contacts from customers: that column (string), contacts (int64, observed for
        the whole window), repeats (int64), share, low, high (float64, Wilson 95 %; null without contacts), censored,
        without_reason (int64). By name.
    Raises: QuestionError if `by` is no such column or `within_days` is not positive.
    Cost: two passes over the log.  Source: docs/explanation/repeats.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: call(reason=bill) chat+2d(reason=bill) call+30d(reason=move)", "ben: call(reason=bill)")
    >>> repeats(log).select(["touchpoint", "contacts", "repeats"]).to_pylist()
    [{'touchpoint': 'call', 'contacts': 2, 'repeats': 1}, {'touchpoint': 'chat', 'contacts': 1, 'repeats': 0}]
    """
    allowed = ("touchpoint", "channel", "reason", "unit", "role", "segment")
    if by not in allowed:
        raise QuestionError(f"by is {by!r}; repeats can be counted by {', '.join(allowed)}")
    if within_days <= 0:
        raise QuestionError(f"within_days is {within_days}; it must be more than 0")
    counts = _counts(log, by, round(within_days * _DAY))
    codes = np.flatnonzero(counts.sum(axis=0))
    codes = codes[np.argsort(log.codes.ranks(by)[codes])]
    shares = [wilson(int(k), int(n)) for n, k in counts[:2, codes].T]
    return pa.table(
        {
            by: log.codes.decode(by, codes),
            "contacts": counts[0, codes],
            "repeats": counts[1, codes],
            "share": pa.array([share.share for share in shares], pa.float64()),
            "low": pa.array([share.low for share in shares], pa.float64()),
            "high": pa.array([share.high for share in shares], pa.float64()),
            "censored": counts[2, codes],
            "without_reason": counts[3, codes],
        }
    )


def _counts(log: ContactLog, by: str, window: int) -> NDArray[np.int64]:
    end = observed_until(log)
    ours = log.codes.code("direction", "out")
    groups, reasons = log.codes.size(by), log.codes.size("reason")

    def visit(summary: RepeatCounts, bucket: Bucket) -> None:
        contacts = bucket.contacts
        inbound = contacts["direction"] != (ours or -1)
        columns = (contacts[name] for name in ("customer", "occurred_at", "reason"))
        _count(*columns, inbound, contacts[by], window, end, *summary.counts, reasons)

    return fold(log, lambda: RepeatCounts(np.zeros((4, groups), np.int64)), visit).counts
