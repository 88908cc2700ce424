"""Cost: unit cost × frequency of each touchpoint, the dearest first."""

from fractions import Fraction

import pyarrow as pa

from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tangente.contactlog.schema import MICRO
from tangente.method.pareto import cost_pareto


def cost(log: ContactLog) -> pa.Table:
    """Rank touchpoints by what they cost in all: the Pareto of unit cost × frequency.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: one row per touchpoint with contacts: touchpoint (string), contacts (int64), unit_cost (float64, currency
        units, mean of the contacts whose cost is known; null if none is), cost (float64, currency units, sum of the known
        costs; null if none is known), cumulative_share (float64, of all known costs, this touchpoint and the dearer ones;
        null where cost is null or everything costs nothing). Dearest first, unknown cost last, then by name.
    Cost: as `profile`.  Source: docs/explanation/cost-pareto.md

    >>> from tangente.contactlog.testing import journeys
    >>> cost(journeys("anna: ad(cost=1) call(cost=9)"))["cumulative_share"].to_pylist()
    [0.9, 1.0]
    """
    rows = {row["touchpoint"]: row for row in profile(log).to_pylist() if row["contacts"]}
    contacts = {name: row["contacts"] for name, row in rows.items()}
    spread = {name: _exact(row["cost"]) / row["contacts"] for name, row in rows.items() if row["cost"] is not None}
    ranked = cost_pareto(contacts, spread)
    return pa.table(
        {
            "touchpoint": pa.array([row.touchpoint for row in ranked], pa.string()),
            "contacts": pa.array([row.contacts for row in ranked], pa.int64()),
            "unit_cost": pa.array([rows[row.touchpoint]["cost_per_contact"] for row in ranked], pa.float64()),
            "cost": pa.array([row.cost for row in ranked], pa.float64()),
            "cumulative_share": pa.array([row.cumulative_share for row in ranked], pa.float64()),
        }
    )


def _exact(amount: float) -> Fraction:
    return Fraction(round(amount * MICRO), MICRO)
