"""What leads to purchases and exits: attribution, the funnel over the phases, and how often customers leave afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log as ln

from tangente.analysis.inventory import PHASES, Inventory
from tangente.analysis.model import AttributionRow, FunnelRow, Hazard, HazardRow, Relevance, Relevances
from tangente.contactlog.attribution import attribution
from tangente.contactlog.funnel import funnel
from tangente.contactlog.log import ContactLog
from tangente.contactlog.outcome_paths import MOST_NAMES

RELEVANT = {"purchase": "purchase", "repurchase": "repurchase", "recommendation": "referral"}
"""What customers bring, and the outcome that says so; leaving is asked about with rates over time instead."""
EXIT = "exit"
PHASE_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What the log says; the rows are those of report.json."""

    known: frozenset[str]  # outcomes in the log
    attribution: Mapping[str, list[AttributionRow]]
    funnel: list[FunnelRow]
    hazard: list[HazardRow]

    def relevances(self, touchpoint: str) -> Relevances | None:
        """What each outcome owes to a touchpoint; None if the log has none of these outcomes."""
        found = {name: self.relevance(outcome, touchpoint) for name, outcome in RELEVANT.items()}
        return Relevances(**found) if any(found.values()) else None

    def relevance(self, outcome: str, touchpoint: str) -> Relevance | None:
        """What one outcome owes to a touchpoint; None if nobody reached it."""
        rows = self.attribution.get(outcome, [])
        if not rows:
            return None
        row = next((row for row in rows if row.touchpoint == touchpoint), None)
        if row is None:  # everything is counted: on no path is a count, not a gap
            share = None if rows[0].share is None else 0.0
            return Relevance(conversions=0, of=rows[0].of, share=share, low=share, high=share)
        return Relevance(conversions=row.conversions, of=row.of, share=row.share, low=row.low, high=row.high)

    def hazard_at(self, touchpoint: str) -> Hazard | None:
        """How often customers leave after a contact there; None if nobody was seen after one."""
        return next(
            (
                Hazard(
                    customers=row.customers,
                    exits=row.exits,
                    ratio=row.hazard_ratio,
                    low=row.low,
                    high=row.high,
                    beyond_chance=row.beyond_chance,
                )
                for row in self.hazard
                if row.touchpoint == touchpoint
            ),
            None,
        )


NO_OUTCOMES = Outcomes(known=frozenset(), attribution={}, funnel=[], hazard=[])


def outcomes(
    log: ContactLog, visited: Iterable[str], inventory: Inventory | None, *, asked: str | None, seed: int
) -> Outcomes:
    """Ask what leads to the outcomes; `visited` are the touchpoints with contacts, `asked` one more outcome."""
    known = frozenset(filter(None, log.codes["outcome"]))
    wanted = dict.fromkeys([*RELEVANT.values(), *([asked] if asked else [])])
    fits = log.codes.size("touchpoint") - 1 <= MOST_NAMES
    return Outcomes(
        known=known,
        attribution={name: _attribution(log, name, seed) for name in wanted if name in known and fits},
        funnel=_funnel(log, frozenset(visited), inventory),
        hazard=[],
    )


def _attribution(log: ContactLog, outcome: str, seed: int) -> list[AttributionRow]:
    table = attribution(log, outcome=outcome, closing=False, seed=seed)
    total = int(table.schema.metadata[b"conversions"])
    return [AttributionRow(outcome=outcome, of=total, **row) for row in table.to_pylist()]


def _funnel(log: ContactLog, visited: frozenset[str], inventory: Inventory | None) -> list[FunnelRow]:
    """Over the phases that have contacts; a single one is no funnel."""
    entries = inventory.entries.values() if inventory else ()
    steps = {
        phase: [entry.touchpoint for entry in entries if entry.phase == phase and entry.touchpoint in visited]
        for phase in PHASES
    }
    steps = {phase: touchpoints for phase, touchpoints in steps.items() if touchpoints}
    if len(steps) < 2:
        return []
    rows = funnel(log, steps=steps, within_days=PHASE_DAYS).to_pylist()
    return [
        FunnelRow(phase=phase, touchpoints=len(steps[phase]), within_days=float(PHASE_DAYS), **row)
        for row in rows
        for phase in [row.pop("name")]
    ]


def relevance_component(relevance: Relevance | None) -> float | None:
    """A reason to act is only a share beyond chance."""
    if relevance is None or relevance.share is None or relevance.low is None:
        return None
    return relevance.share if relevance.low > 0 else 0.0


def hazard_component(found: Hazard | None) -> float | None:
    """By how much customers leave more often at the least, in the logarithm; who keeps them is no reason to hurry."""
    if found is None or found.ratio is None or found.low is None:
        return None
    return max(0.0, ln(found.low)) if found.beyond_chance else 0.0
