"""What a log says about its touchpoints, each answer under its name, before it is put together and into words."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tangente.analysis.doings import Doing, doings
from tangente.analysis.inventory import Inventory
from tangente.analysis.model import RELEVANT, Crosshair, Drivers, Importance, Mean, Sources
from tangente.analysis.options import Options
from tangente.analysis.outcomes import NO_OUTCOMES, Outcomes, hazard_component, outcomes, relevance_component
from tangente.analysis.priorities import described, importances, quadrants, room, shares_of_total
from tangente.analysis.voices import Driving, Voices, driving, touchpoint_means, voices
from tangente.contactlog.answers import never_used
from tangente.contactlog.extent import first_contacts
from tangente.contactlog.log import ContactLog
from tangente.method.importance_performance import Placement
from tangente.method.priority import Priorities, prioritise, share_of_largest
from tangente.method.reporting import FEW

RESAMPLES = 200


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything by touchpoint; a touchpoint stands only where something is known of it.

    names: all touchpoints in their order; doings: what customers did there, means: how they judged it, never_used: how
    many say they never did; importances: its weight in the overall judgement; places: its quadrant; outcomes: what leads
    to purchases and exits.
    """

    has_contacts: bool
    has_ratings: bool
    has_units: bool
    inventory: Inventory | None
    names: list[str]
    doings: dict[str, Doing]
    voices: Voices | None
    means: dict[str, Mean]
    never_used: dict[str, int] = field(default_factory=dict)
    driving: Driving | None
    drivers: Drivers | None
    importances: dict[str, Importance]
    compared_weighting: bool  # only one of this report and the earlier one is weighted
    crosshair: Crosshair | None
    places: dict[str, Placement]
    outcomes: Outcomes
    priorities: Priorities


def findings(log: ContactLog, sources: Sources, options: Options) -> Findings:
    """Ask the log everything about its touchpoints and judge the answers."""
    done = doings(log, options.inventory) if sources.contacts else {}
    said = voices(log, weighted=options.weighted) if sources.ratings else None
    means = touchpoint_means(said) if said else {}
    names = _in_order(log, options.inventory, done, means)
    with ThreadPoolExecutor(1) as beside:  # matrices leave a processor to the passes, and these to them
        driver_search = beside.submit(driving, said, resamples=RESAMPLES, seed=options.seed) if said else None
        led = outcomes(log, done, options) if done else NO_OUTCOMES
        driven = driver_search.result() if driver_search else None
    important = importances(driven)
    crosshair, places = quadrants(driven, means)
    return Findings(
        has_contacts=sources.contacts is not None,
        has_ratings=sources.ratings is not None,
        has_units=log.codes.size("unit") > 1,
        inventory=options.inventory,
        names=names,
        doings=done,
        voices=said,
        means=means,
        never_used=never_used(log) if said else {},
        driving=driven,
        drivers=described(driven),
        importances=important,
        compared_weighting=options.before is not None and options.before.weighted != options.weighted,
        crosshair=crosshair,
        places=places,
        outcomes=led,
        priorities=_priorities(names, done, means, important, led, options.seed),
    )


def _in_order(
    log: ContactLog, inventory: Inventory | None, done: dict[str, Doing], means: dict[str, Mean]
) -> list[str]:
    """As the inventory says; what it lacks, or all without one, by first contact, then what was only judged by name."""
    first = first_contacts(log)
    others = sorted(done.keys() | means.keys(), key=lambda name: (name not in first, first.get(name, 0), name))
    listed = list(inventory.entries) if inventory else []
    return listed + [name for name in others if name not in set(listed)]


def _priorities(
    names: list[str],
    done: dict[str, Doing],
    means: dict[str, Mean],
    important: dict[str, Importance],
    led: Outcomes,
    seed: int,
) -> Priorities:
    costs = [done[name].cost if name in done else None for name in names]
    never = 0.0 if done else None  # everything is counted: no contact is a count, not a gap
    components = {
        "importance": [important[name].share if name in important else None for name in names],
        "gap": [room(means.get(name)) for name in names],
        "cost": shares_of_total([None if cost is None else float(cost) for cost in costs]),
        "repeats": [_repeat_share(done.get(name)) for name in names],
        "volume": [done[name].reach_share if name in done else never for name in names],
        "hazard": [hazard_component(led.hazard_at(name)) for name in names],
    } | {
        kind: [relevance_component(led.relevance(outcome, name)) for name in names]
        for kind, outcome in RELEVANT.items()
    }
    return prioritise({name: share_of_largest(values) for name, values in components.items()}, keys=names, seed=seed)


def _repeat_share(doing: Doing | None) -> float | None:
    repeats = doing.repeats if doing else None
    return repeats.share if repeats and repeats.n >= FEW else None
