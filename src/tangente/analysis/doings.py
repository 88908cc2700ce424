"""What customers did: contacts, costs, repeats, paths and hand-overs, in the terms of the inventory."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tangente.analysis.inventory import Inventory
from tangente.analysis.model import CostRow, FlowRow, HandoverRow, Outcome, Share, VariantRow
from tangente.analysis.voices import share_of
from tangente.contactlog.extent import extent
from tangente.contactlog.flow import flow
from tangente.contactlog.handovers import handovers
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tangente.contactlog.repeats import repeats
from tangente.contactlog.schema import MICRO
from tangente.contactlog.variants import variants
from tangente.errors import QuestionError
from tangente.method.pareto import cost_pareto

VARIANTS = 1_000


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What happened at one touchpoint; costs in currency units, None where unknown.

    cost: of the contacts whose cost is known; unit_cost: their mean.
    """

    contacts: int
    customers: int
    reach_share: float | None
    cost: Fraction | None
    unit_cost: Fraction | None
    repeats: Share | None


def doings(log: ContactLog, inventory: Inventory | None) -> dict[str, Doing]:
    """What happened at each touchpoint with contacts, by name."""
    came_back = {row["touchpoint"]: row for row in repeats(log).to_pylist()}
    found = {}
    for row in profile(log).to_pylist():
        if row["contacts"]:
            cost, costed = _cost(row, inventory)
            found[row["touchpoint"]] = Doing(
                contacts=row["contacts"],
                customers=row["customers"],
                reach_share=row["reach_share"],
                cost=cost,
                unit_cost=None if cost is None else cost / costed,
                repeats=_repeats(came_back.get(row["touchpoint"])),
            )
    return found


def _cost(row: dict[str, Any], inventory: Inventory | None) -> tuple[Fraction | None, int]:
    """The known costs and of how many contacts; one without a cost costs what the inventory says, if it says so."""
    known: Fraction | None = None if row["cost"] is None else Fraction(round(row["cost"] * MICRO), MICRO)
    costed: int = row["costed"]
    entry = inventory.entries.get(row["touchpoint"]) if inventory else None
    if entry is None or entry.unit_cost is None:
        return known, costed
    missing: int = row["contacts"] - costed
    return (known or Fraction(0)) + missing * Fraction(entry.unit_cost), row["contacts"]


def _repeats(row: dict[str, Any] | None) -> Share | None:
    return share_of(row["repeats"], row["contacts"]) if row and row["contacts"] else None


def cost_rows(done: dict[str, Doing]) -> list[CostRow]:
    """The Pareto of costs, complete."""
    contacts = {name: doing.contacts for name, doing in done.items()}
    spread = {name: doing.cost / doing.contacts for name, doing in done.items() if doing.cost is not None}
    return [
        CostRow(
            touchpoint=row.touchpoint,
            contacts=row.contacts,
            unit_cost=_float(done[row.touchpoint].unit_cost),
            cost=row.cost,
            cumulative_share=row.cumulative_share,
        )
        for row in cost_pareto(contacts, spread)
    ]


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def flow_rows(log: ContactLog) -> list[FlowRow]:
    """All direct successions, self-pairs included."""
    return [FlowRow(source=row.pop("from"), target=row.pop("to"), **row) for row in flow(log).to_pylist()]


def handover_rows(log: ContactLog) -> list[HandoverRow]:
    """All hand-overs between departments."""
    return [HandoverRow(source=row.pop("from"), target=row.pop("to"), **row) for row in handovers(log).to_pylist()]


def variant_rows(log: ContactLog, outcome: str | None) -> tuple[list[VariantRow], int, int]:
    """The most frequent whole paths, how many paths there are, and how many customers took the others."""
    table = variants(log, outcome=outcome, most=VARIANTS)
    rows = [VariantRow(**row) for row in table.to_pylist()]
    total, customers = (int(table.schema.metadata[key]) for key in (b"total", b"customers"))
    return rows, total, customers - sum(row.customers for row in rows)


def outcome_of(log: ContactLog, name: str | None) -> Outcome | None:
    """How many customers reached the outcome, of all with contacts.

    Raises: QuestionError naming the outcomes there are, if it never occurs.
    """
    if name is None:
        return None
    known = sorted(filter(None, log.codes["outcome"]))
    if name not in known:
        raise QuestionError(
            f"No contact has the outcome {name!r}; the outcomes in this log: {', '.join(known) or 'none'}"
        )
    reached = extent(log.where(customers_with_outcome=[name]))["contacts"].customers
    return Outcome(name=name, customers=share_of(reached, extent(log)["contacts"].customers))
