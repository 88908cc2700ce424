"""The main job on a log: question, judge, rank, and say why: one Analysis."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tangente.analysis.comparison import compare
from tangente.analysis.doings import cost_rows, flow_rows, handover_rows, outcome_of, variant_rows
from tangente.analysis.findings import Findings, findings
from tangente.analysis.inventory import Entry
from tangente.analysis.model import Analysis, Overall, Priority, Sources, Touchpoint
from tangente.analysis.options import Options
from tangente.analysis.reasons import reason
from tangente.analysis.signals import signals
from tangente.analysis.unsaid import unsaid
from tangente.analysis.voices import overall
from tangente.contactlog.log import ContactLog
from tangente.method.reporting import FEW
from tangente.translation import language


def analyse(log: ContactLog, sources: Sources, options: Options) -> Analysis:
    """Answer the main question about a log: which few touchpoints to work on first, why, and how sure that is.

    Args:
        log: the contact log.
        sources: what was read; nothing is said about a table that is None there.
        options: language, seed and the like.
    Returns: the Analysis; equal for equal logs, sources and options, but for `created`.
    Raises: QuestionError if the outcome asked for never occurs.
    """
    return analyse_in([options.language], log, sources, options)[0]


def analyse_in(languages: Sequence[str], log: ContactLog, sources: Sources, options: Options) -> list[Analysis]:
    """The same answer in several languages, for little more than the cost of one; else as `analyse`."""
    log = log.with_names(options.inventory.aliases()) if options.inventory else log
    outcome = outcome_of(log, options.outcome)
    found = findings(log, sources, options)
    points = [_touchpoint(name, order, found, options.language) for order, name in enumerate(found.names, start=1)]
    rows, total, rest = variant_rows(log, options.outcome) if sources.contacts else ([], 0, 0)
    analysis = Analysis(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        language=options.language,
        seed=options.seed,
        weighted=options.weighted,
        currency=log.currency,
        timezone=log.timezone,
        source=sources,
        overall=overall(found.voices) if found.voices else Overall(nps=None, satisfaction=None, recommendation=None),
        outcome=outcome,
        weights=found.priorities.weights,
        missing_components=list(found.priorities.missing),
        touchpoints=points,
        drivers=found.drivers,
        crosshair=found.crosshair,
        cost=cost_rows(found.doings),
        flow=flow_rows(log),
        variants=rows,
        variants_total=total,
        variants_rest_customers=rest,
        handovers=handover_rows(log),
        unknown_touchpoints=_unknown(found),
        comparison=compare(options.before, points, found.priorities.weights) if options.before else None,
        unsaid=[],
        attribution=dict(found.outcomes.attribution),
        funnel=found.outcomes.funnel,
        hazard=found.outcomes.hazard,
        signals=signals(log),
    )
    return [_spoken(analysis, found, code) for code in languages]


def _touchpoints(found: Findings, code: str) -> list[Touchpoint]:
    points = [_touchpoint(name, order, found, code) for order, name in enumerate(found.names, start=1)]
    return sorted(points, key=_by_priority)


def _spoken(analysis: Analysis, found: Findings, code: str) -> Analysis:
    """With names and sentences in one language; reasons last, for they are built from the fields the tables show."""
    words = language(code)
    named = replace(analysis, language=code, touchpoints=_touchpoints(found, code), unsaid=unsaid(found, words))
    points = [replace(point, reason=reason(point, named, words)) for point in named.touchpoints]
    return replace(named, touchpoints=points)


def _touchpoint(name: str, order: int, found: Findings, code: str) -> Touchpoint:
    entry = found.inventory.entries.get(name) if found.inventory else None
    doing, place = found.doings.get(name), found.places.get(name)
    nothing = 0 if found.has_contacts else None  # everything is counted: no contact is a count, not a gap
    repeats = doing.repeats if doing else None
    return Touchpoint(
        touchpoint=name,
        name=entry.name(code) if entry else name,
        phase=entry.phase if entry else None,
        order=order,
        contacts=doing.contacts if doing else nothing,
        customers=doing.customers if doing else nothing,
        reach_share=doing.reach_share if doing else nothing,
        cost=None if doing is None or doing.cost is None else float(doing.cost),
        unit_cost=_unit_cost(found, name, entry),
        repeat_share=repeats.share if repeats and repeats.n >= FEW else None,
        repeats=repeats,
        satisfaction=found.means.get(name),
        importance=found.importances.get(name),
        quadrant=place.quadrant if place else None,
        quadrant_share=place.quadrant_share if place else None,
        priority=_priority(found, name),
        reason=None,
        department=entry.department if entry else None,
        never_used=found.never_used.get(name),
        relevance=found.outcomes.relevances(name),
        hazard=found.outcomes.hazard_at(name),
    )


def _unit_cost(found: Findings, name: str, entry: Entry | None) -> float | None:
    doing = found.doings.get(name)
    if doing is not None and doing.unit_cost is not None:
        return float(doing.unit_cost)
    return None if entry is None or entry.unit_cost is None else float(entry.unit_cost)


def _priority(found: Findings, name: str) -> Priority | None:
    ranked = found.priorities.of(name)
    if ranked is None:
        return None
    return Priority(rank=ranked.rank, score=ranked.score, components=ranked.components, top_share=ranked.top_share)


def _by_priority(point: Touchpoint) -> tuple[bool, int]:
    return (False, point.priority.rank) if point.priority else (True, point.order)


def _unknown(found: Findings) -> list[str]:
    if found.inventory is None:
        return []
    return sorted(name for name in found.names if name not in found.inventory.entries)
