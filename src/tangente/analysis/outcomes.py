"""What leads to purchases and exits: attribution, the funnel over the phases, and how often customers leave afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import log as ln
from statistics import NormalDist

from tangente.analysis.inventory import PHASES, Inventory
from tangente.analysis.model import RELEVANT, AttributionRow, FunnelRow, Hazard, HazardRow, Relevance, Relevances
from tangente.analysis.more_often import FALSE_DISCOVERIES, more_often
from tangente.analysis.options import Options
from tangente.analysis.populations import EXIT, PURCHASE, is_told, of_customers
from tangente.contactlog.attribution import attribution
from tangente.contactlog.funnel import funnel
from tangente.contactlog.hazard import COMPARABLE, hazard
from tangente.contactlog.log import ContactLog
from tangente.contactlog.outcome_paths import MOST_NAMES
from tangente.method.reporting import CONFIDENCE
from tangente.method.screening import benjamini_hochberg

HAZARD_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """What the log says; the rows are those of report.json."""

    known: frozenset[str]  # outcomes in the log
    attribution: Mapping[str, list[AttributionRow]]
    funnel: list[FunnelRow]
    hazard: list[HazardRow]
    untold: frozenset[str] = frozenset()  # outcomes in the log of which nobody can tell who could have them

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
            verdict = None if outcome in self.untold else False
            return Relevance(conversions=0, of=rows[0].of, share=share, low=share, high=share, more_often=verdict)
        return Relevance(
            conversions=row.conversions,
            of=row.of,
            share=row.share,
            low=row.low,
            high=row.high,
            more_often=row.more_often,
        )

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
                    unknown=row.unknown,
                )
                for row in self.hazard
                if row.touchpoint == touchpoint
            ),
            None,
        )


NO_OUTCOMES = Outcomes(known=frozenset(), attribution={}, funnel=[], hazard=[])


def outcomes(log: ContactLog, visited: Collection[str], options: Options) -> Outcomes:
    """Ask what leads to the outcomes; `visited` are the touchpoints with contacts."""
    inventory, asked = options.inventory, options.outcome
    known = frozenset(filter(None, log.codes["outcome"]))
    wanted = dict.fromkeys([*RELEVANT.values(), *([asked] if asked else [])])
    names = log.codes.size("touchpoint") - 1
    told = {name for name in (*RELEVANT.values(), EXIT) if name in known and is_told(log, name, visited, inventory)}
    shared = [name for name in wanted if name in known and names <= MOST_NAMES]
    verdicts = {name: more_often(log, name, visited, inventory) for name in shared if name in told - {EXIT}}
    return Outcomes(
        known=known,
        attribution={name: _attribution(log, name, verdicts.get(name, {}), options.seed) for name in shared},
        funnel=_funnel(log, frozenset(visited), inventory, options.funnel_days),
        hazard=exits_after(log, visited, inventory) if names <= COMPARABLE and EXIT in told else [],
        untold=known.intersection([*RELEVANT.values(), EXIT]) - told,
    )


def _attribution(log: ContactLog, outcome: str, verdicts: Mapping[str, bool | None], seed: int) -> list[AttributionRow]:
    table = attribution(log, outcome=outcome, closing=False, seed=seed)
    total = int(table.schema.metadata[b"conversions"])
    return [
        AttributionRow(outcome=outcome, of=total, more_often=verdicts.get(row["touchpoint"]), **row)
        for row in table.to_pylist()
    ]


def _funnel(log: ContactLog, visited: frozenset[str], inventory: Inventory | None, days: float) -> list[FunnelRow]:
    """Over the phases that have contacts, each at most `days` after the one before; a single one is no funnel."""
    entries = inventory.entries.values() if inventory else ()
    steps = {
        phase: [entry.touchpoint for entry in entries if entry.phase == phase and entry.touchpoint in visited]
        for phase in PHASES
    }
    steps = {phase: touchpoints for phase, touchpoints in steps.items() if touchpoints}
    if len(steps) < 2:
        return []
    rows = funnel(log, steps=steps, within_days=days).to_pylist()
    return [
        FunnelRow(phase=phase, touchpoints=len(steps[phase]), within_days=float(days), **row)
        for row in rows
        for phase in [row.pop("name")]
    ]


def exits_after(log: ContactLog, visited: Collection[str], inventory: Inventory | None) -> list[HazardRow]:
    """After what customers leave more or less often; `visited` are the touchpoints with contacts."""
    customers = of_customers(log, visited, inventory)
    rows = hazard(customers, outcome=EXIT, entry=PURCHASE, within_days=HAZARD_DAYS).to_pylist()
    adjusted = benjamini_hochberg([_p_value(row["hazard_ratio"], row["low"], row["high"]) for row in rows])
    return [
        HazardRow(within_days=HAZARD_DAYS, beyond_chance=p is not None and p <= FALSE_DISCOVERIES, **row)
        for p, row in zip(adjusted, rows, strict=True)
    ]


def _p_value(ratio: float | None, low: float | None, high: float | None) -> float | None:
    """Of a ratio of 1, from the width of the interval, which is normal in the logarithm."""
    if not ratio or not low or not high:
        return None
    normal = NormalDist()
    error = ln(high / low) / 2 / normal.inv_cdf((1 + CONFIDENCE) / 2)
    return 2 * normal.cdf(-abs(ln(ratio)) / error)


def relevance_component(relevance: Relevance | None) -> float | None:
    """The share, where who passes here has the outcome more often than who does not: reach alone is no reason to act."""
    if relevance is None or relevance.share is None or relevance.more_often is None:
        return None
    return relevance.share if relevance.more_often else 0.0


def hazard_component(found: Hazard | None) -> float | None:
    """By how much customers leave more often at the least, in the logarithm; who keeps them is no reason to hurry."""
    if found is None or found.ratio is None or found.low is None:
        return None
    return max(0.0, ln(found.low)) if found.beyond_chance else 0.0
