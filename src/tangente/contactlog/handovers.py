"""Hand-overs: which department's contact is followed by another department's, and how long the customer waits."""

import numpy as np
import pyarrow as pa

from tangente.contactlog.flow import SECOND, pairs
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import compiled
from tangente.contactlog.quantiles import Emitted
from tangente.errors import QuestionError

_EVER = np.iinfo(np.int64).max
_DAY = 86_400 * SECOND


@compiled
def _changes(customer, at, unit, units, longest, groups, waits):  # type: ignore[no-untyped-def]
    """For each contact the pair of departments if the customer's next contact is with another one soon enough."""
    for i in range(len(customer)):
        groups[i] = -1
        if i + 1 == len(customer) or customer[i] != customer[i + 1]:
            continue
        wait = at[i + 1] - at[i]
        if unit[i] > 0 and unit[i + 1] > 0 and unit[i] != unit[i + 1] and wait <= longest:
            groups[i] = unit[i] * np.int64(units) + unit[i + 1]
            waits[i] = wait


def handovers(log: ContactLog, *, within_days: float | None = None) -> pa.Table:
    """Count how often customers pass from one department to another, and how long they wait in between.

    A hand-over is a contact directly followed by a contact of the same customer with another department. Contacts
    without a department neither hand over nor take over.

    Args:
        log: the contact log, filtered as the caller likes.
        within_days: longest wait that still counts as one occasion, in days, > 0; None: any.
    Returns: one row per pair that occurs: from, to (string, departments), contacts (int64, how often), customers (int64,
        distinct), median_wait_s, p90_wait_s (float64, seconds, exact). Most frequent first, then by name.
    Raises: QuestionError if `within_days` is not positive.
    Cost: three passes over the log.  Source: docs/explanation/flow.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: call(unit=Service) visit+3d(unit=Field) call+1h(unit=Field)")
    >>> handovers(log).to_pylist()[0]["median_wait_s"] / 86_400
    3.0
    """
    if within_days is not None and within_days <= 0:
        raise QuestionError(f"within_days is {within_days}; it must be more than 0, or None for any wait")
    longest = _EVER if within_days is None else round(within_days * _DAY)
    units = log.codes.size("unit")

    def emit(bucket: Bucket) -> Emitted:
        contacts = bucket.contacts
        size = len(contacts["customer"])
        groups, waits = np.empty(size, np.int32), np.empty(size, np.int64)
        _changes(contacts["customer"], contacts["occurred_at"], contacts["unit"], units, longest, groups, waits)
        return groups, waits

    return pairs(log, "unit", emit)
