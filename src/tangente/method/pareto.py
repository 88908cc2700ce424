"""Cost Pareto: unit cost times frequency, the dearest touchpoint first."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from tangente.errors import QuestionError


@dataclass(frozen=True, kw_only=True)
class CostShare:
    """One touchpoint's effort, and the share of the total that it and all dearer ones cause together."""

    touchpoint: str
    contacts: int
    unit_cost: float | None
    cost: float | None
    cumulative_share: float | None


def cost_pareto(contacts: Mapping[str, int], unit_costs: Mapping[str, float | Fraction | None]) -> list[CostShare]:
    """Rank touchpoints by what they cost: unit cost times frequency.

    The most frequent touchpoint is often not the dearest. Ties go by name.

    Args:
        contacts: contacts of each touchpoint in the period.
        unit_costs: cost per contact in any currency unit, 0 or more; None or no entry: unknown. A fraction keeps a
            unit cost that was divided out of a sum exact.
    Returns: dearest first, then the touchpoints of unknown cost by name, their cost and share None; shares from 0 to
        1 of the known cost, None if everything known costs nothing.
    Raises: QuestionError naming the touchpoint whose contacts or unit cost are negative.
    Cost: sorts the touchpoints.  Source: docs/explanation/cost-pareto.md

    >>> for row in cost_pareto({"fault": 3000, "advice": 900, "visit": 5}, {"fault": 18, "advice": 45}):
    ...     print(row.touchpoint, row.cost, row.cumulative_share and round(row.cumulative_share, 3))
    fault 54000.0 0.571
    advice 40500.0 1.0
    visit None None
    """
    for touchpoint, frequency in contacts.items():
        unit_cost = unit_costs.get(touchpoint) or 0
        if frequency < 0 or not 0 <= unit_cost < float("inf"):
            raise QuestionError(f"{touchpoint}: {frequency} contacts at {unit_cost} each; neither may be below 0")
    prices = {name: Fraction(price) for name in contacts if (price := unit_costs.get(name)) is not None}
    costs = {name: price * contacts[name] for name, price in prices.items()}
    dearest_first = sorted(costs, key=lambda name: (-costs[name], name))
    total = sum(costs.values())
    cumulated = accumulate(costs[name] for name in dearest_first)
    rows = [
        CostShare(
            touchpoint=name,
            contacts=contacts[name],
            unit_cost=float(prices[name]),
            cost=float(costs[name]),
            cumulative_share=float(so_far / total) if total else None,
        )
        for name, so_far in zip(dearest_first, cumulated, strict=True)
    ]
    unknown = sorted(contacts.keys() - costs.keys())
    return rows + [
        CostShare(touchpoint=name, contacts=contacts[name], unit_cost=None, cost=None, cumulative_share=None)
        for name in unknown
    ]
