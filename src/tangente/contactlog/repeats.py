"""Repeats: how many contacts were not settled at once, because the customer came back for the same reason."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.extent import observed_until
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import NAMED, ContactLog, window
from tangente.contactlog.passes import Column, compiled, fold
from tangente.errors import QuestionError
from tangente.method.proportion import wilson

WITHIN_DAYS = 7
# Rows of the summary, a column per group.
CONTACTS, REPEATS, CENSORED, WITHOUT_REASON = range(4)


@compiled
def _count(
    customer: Column,
    at: Column,
    reason: Column,
    asks: Column,
    group: Column,
    within: int,
    end: int,
    counts: Column,
    next_: Column,
) -> None:
    """From the last contact to the first, remembering in `next_` when each customer came next for each reason."""
    for i in range(len(customer) - 1, -1, -1):
        why, where = reason[i], group[i]
        if not asks[i]:
            continue
        if why == 0:
            counts[WITHOUT_REASON, where] += 1
            continue
        if at[i] > end - within:
            counts[CENSORED, where] += 1
        else:
            counts[CONTACTS, where] += 1
            if next_[0, why] == customer[i] and next_[1, why] - at[i] <= within:
                counts[REPEATS, where] += 1
        next_[0, why], next_[1, why] = customer[i], at[i]


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
    Raises: QuestionError if `by` is no such column or `within_days` is not positive or more than a century.
    Cost: two passes over the log.  Source: docs/explanation/repeats.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: call(reason=bill) chat+2d(reason=bill) call+30d(reason=move)", "ben: call(reason=bill)")
    >>> repeats(log).select(["touchpoint", "contacts", "repeats"]).to_pylist()
    [{'touchpoint': 'call', 'contacts': 2, 'repeats': 1}, {'touchpoint': 'chat', 'contacts': 1, 'repeats': 0}]
    """
    if by not in NAMED:
        raise QuestionError(f"by is {by!r}; repeats can be counted by {', '.join(NAMED)}")
    counts = _counts(log, by, window(within_days))
    codes = np.flatnonzero(counts.sum(axis=0))
    codes = codes[np.argsort(log.codes.ranks(by)[codes])]
    shares = [wilson(int(k), int(n)) for n, k in counts[[CONTACTS, REPEATS]][:, codes].T]
    return pa.table(
        {
            by: log.codes.decode(by, codes),
            "contacts": counts[CONTACTS, codes],
            "repeats": counts[REPEATS, codes],
            "share": pa.array([share.share for share in shares], pa.float64()),
            "low": pa.array([share.low for share in shares], pa.float64()),
            "high": pa.array([share.high for share in shares], pa.float64()),
            "censored": counts[CENSORED, codes],
            "without_reason": counts[WITHOUT_REASON, codes],
        }
    )


def _counts(log: ContactLog, by: str, within: int) -> NDArray[np.int64]:
    end = observed_until(log)
    ours = log.codes.code("direction", "out")
    groups, reasons = log.codes.size(by), log.codes.size("reason")

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        contacts = bucket.contacts
        asks = contacts["direction"] != (ours or -1)
        customer, at, reason = (contacts[name] for name in ("customer", "occurred_at", "reason"))
        unseen = np.full((2, reasons), -1, np.int64)
        _count(customer, at, reason, asks, contacts[by], within, end, summary, unseen)

    return fold(log, lambda: np.zeros((4, groups), np.int64), visit)
