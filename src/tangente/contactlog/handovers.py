"""Hand-overs: which department's contact is followed by another department's, and how long the customer waits."""

import pyarrow as pa

from tangente.contactlog.flow import EVER, successions
from tangente.contactlog.log import ContactLog, window


def handovers(log: ContactLog, *, within_days: float | None = None) -> pa.Table:
    """Count how often customers pass from one department to another, and how long they wait in between.

    A hand-over is a contact directly followed by a contact of the same customer with another department. Contacts
    without a department neither hand over nor take over.

    Args:
        log: the contact log, filtered as the caller likes.
        within_days: longest wait that still counts as one occasion, in days, > 0; None: any.
    Returns: one row per pair that occurs: from, to (string, departments), contacts (int64, how often), customers (int64,
        distinct), median_wait_s, p90_wait_s (float64, seconds, exact). Most frequent first, then by name.
    Raises: QuestionError if `within_days` is not positive or more than a century.
    Cost: three passes over the log.  Source: docs/explanation/flow.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: call(unit=Service) visit+3d(unit=Field) call+1h(unit=Field)")
    >>> handovers(log).to_pylist()[0]["median_wait_s"] / 86_400
    3.0
    """
    longest = EVER if within_days is None else window(within_days)
    return successions(log, "unit", changes=True, longest=longest)
