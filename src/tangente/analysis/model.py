"""The whole answer of the main job as one typed value; report.json is its only serial form.

Everything is optional that can be missing: missing is None, never 0. Shares are 0 to 1, waits are seconds, amounts
are decimal numbers in units of `currency`.
"""

from dataclasses import dataclass, field
from typing import Any

from tangente.analysis.signal_row import SignalRow as SignalRow

RELEVANT = {"purchase": "purchase", "repurchase": "repurchase", "recommendation": "referral"}
"""What customers bring, and the outcome that says so; leaving is asked about with rates over time instead."""


def _called(key: str) -> Any:
    """A field whose name in report.json is a word that Python keeps for itself."""
    return field(metadata={"key": key})


@dataclass(frozen=True, kw_only=True)
class Source:
    """What was read of one table, and where each row went: rows = accepted + rejected.

    accepted = new + known + changed; a changed row took the place of the one with its id.
    """

    rows: int
    accepted: int
    rejected: int
    new: int
    known: int
    held: int  # rows of the log, those of earlier files included: what the analysis rests on
    ties: int
    customers: int
    first: str | None = _called("from")  # ISO date and time, UTC
    last: str | None = _called("to")
    changed: int = 0


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What was read of each table; None: nothing was, and the log holds none."""

    contacts: Source | None
    ratings: Source | None
    warnings: list[str] = field(default_factory=list)  # what the files' user should know besides


@dataclass(frozen=True, kw_only=True)
class NetPromoter:
    """Counts of the three groups and the score in points, -100 to 100, with its 95 % interval."""

    n: int
    promoters: int
    passives: int
    detractors: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Mean of answers on one scale, 95 % interval; the three numbers are None below 30 answers ("too few to say")."""

    n: int
    mean: float | None
    low: float | None
    high: float | None
    scale_low: float | None = None
    scale_high: float | None = None
    standard_error: float | None = None  # in scale points, robust to several answers of one customer
    degrees_of_freedom: int | None = None  # customers less one


@dataclass(frozen=True, kw_only=True)
class Share:
    """k of n with its 95 % interval (Wilson)."""

    n: int
    k: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Customer effort: version v1 (own effort, 1 to 5, low is good) or v2 (made it easy, 1 to 7, high is good)."""

    version: str  # v1 or v2
    mean: Mean
    high_effort: Share  # v1: 4 and 5; v2: 1 to 3


@dataclass(frozen=True, kw_only=True)
class Overall:
    """How customers judge the company as a whole; recommendation: new customers who came by one."""

    nps: NetPromoter | None
    satisfaction: Mean | None
    recommendation: Share | None
    top_two_box: Share | None = None  # answers to the question of satisfaction that chose one of the two best points
    effort: Effort | None = None  # of all answers to the question of effort


@dataclass(frozen=True, kw_only=True)
class Importance:
    """Share of the explained variance of the overall judgement; method: lmg or relative_weights."""

    method: str
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Priority:
    """rank from 1; score and components 0 to 1; top_share: share of random weightings that keep it among the first five."""

    rank: int
    score: float
    components: dict[str, float | None]
    top_share: float


@dataclass(frozen=True, kw_only=True)
class Relevance:
    """What one outcome owes to a touchpoint on the paths to it; share and interval are None below 30 conversions.

    share: its part of the sum of all removal effects. No cause: whoever wants to buy meets more touchpoints.
    """

    conversions: int  # customers with the outcome on whose path it stands
    of: int  # all customers with the outcome
    share: float | None
    low: float | None
    high: float | None
    more_often: bool | None  # whether who met it has the outcome more often than others who could; None: cannot be told


@dataclass(frozen=True, kw_only=True)
class Relevances:
    """For what customers bring: a first purchase, a further one, the recommendation of us. None: no such outcome."""

    purchase: Relevance | None
    repurchase: Relevance | None
    recommendation: Relevance | None  # outcome referral


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """How many times as often customers leave after a contact here as otherwise; None where it is too few to say."""

    customers: int
    exits: int  # in the days after a contact
    ratio: float | None
    low: float | None
    high: float | None
    beyond_chance: bool  # whether the ratio is not 1, all touchpoints being tested at once
    unknown: str | None = None  # why there is no ratio: few_exits, same_as_others, no_limit


@dataclass(frozen=True, kw_only=True)
class Touchpoint:
    """Everything known of one touchpoint: what happened there, how it was judged, and its place in the ranking."""

    touchpoint: str
    name: str  # in the report's language
    phase: str | None
    order: int
    contacts: int | None
    customers: int | None
    reach_share: float | None
    cost: float | None
    unit_cost: float | None
    repeat_share: float | None
    repeats: Share | None  # of the contacts whose 7 days are over
    satisfaction: Mean | None
    importance: Importance | None
    quadrant: str | None  # concentrate, keep_up, low_priority, overkill
    quadrant_share: float | None  # share of resamples that put it into that quadrant
    priority: Priority | None
    reason: str | None  # the sentence, in the report's language
    department: str | None = None  # from the inventory; the lanes of the flow picture
    never_used: int | None = None  # answer sheets that say so
    relevance: Relevances | None = None
    hazard: Hazard | None = None


@dataclass(frozen=True, kw_only=True)
class CostRow:
    """One touchpoint's place in the cost Pareto; cumulative_share: of all known costs, with the dearer ones."""

    touchpoint: str
    contacts: int
    unit_cost: float | None
    cost: float | None
    cumulative_share: float | None


@dataclass(frozen=True, kw_only=True)
class FlowRow:
    """One direct succession of two touchpoints: how often, by how many customers, after which wait."""

    source: str = _called("from")
    target: str = _called("to")
    contacts: int
    customers: int
    median_wait_s: float
    p90_wait_s: float


@dataclass(frozen=True, kw_only=True)
class VariantRow:
    """One whole path, and how many customers took it."""

    path: list[str]
    customers: int
    outcome_customers: int | None  # of them with the outcome asked for


@dataclass(frozen=True, kw_only=True)
class HandoverRow(FlowRow):
    """The same between two departments."""


@dataclass(frozen=True, kw_only=True)
class AttributionRow:
    """One touchpoint's part in one outcome; the numbers from removal_effect on are None below 30 conversions."""

    outcome: str
    touchpoint: str
    paths: int  # customers on whose path it stands
    conversions: int  # of them with the outcome at its end
    of: int  # all customers with the outcome
    more_often: bool | None  # whether who met it has the outcome more often than others who could; None: cannot be told
    removal_effect: float | None  # share of the conversions lost if every path ended where it meets the touchpoint
    share: float | None  # its part of the sum of all removal effects
    low: float | None
    high: float | None
    shapley: float | None  # share of the conversions that this rule gives, as the next four
    first: float | None
    last: float | None
    linear: float | None
    position: float | None


@dataclass(frozen=True, kw_only=True)
class FunnelRow:
    """One phase as a step; all but the first six fields say how customers came from the phase before, None at the first.

    Shares are None below 30 customers, waits below 30 who went on.
    """

    step: int
    phase: str
    touchpoints: int  # of the phase, with contacts
    customers: int  # who reached it
    within_days: float  # longest time from one phase to the next
    started: int | None  # who reached the first phase so early that all phases up to this one could be seen
    arrived: int | None  # of these, who reached this one
    arrived_share: float | None
    arrived_low: float | None
    arrived_high: float | None
    followed: int | None  # who reached the phase before early enough
    went_on: int | None  # of these, who reached this one
    dropped: int | None  # of these, who did not
    censored: int | None  # who reached the phase before too late to be judged
    share: float | None
    low: float | None
    high: float | None
    median_wait_s: float | None
    p90_wait_s: float | None


@dataclass(frozen=True, kw_only=True)
class HazardRow:
    """After which event customers leave more or less often than otherwise. event: touchpoint, handover, silence."""

    event: str
    touchpoint: str | None  # None unless event is touchpoint
    within_days: int  # so long after a contact or handover an exit counts as one after it
    customers: int  # to whom it ever happened
    person_days: int  # spent within those days
    exits: int  # on them
    hazard_ratio: float | None  # None where `unknown` says why
    low: float | None
    high: float | None
    beyond_chance: bool  # whether the ratio is not 1, all events being tested at once
    unknown: str | None = None  # few_exits (below 10 after it, or else), same_as_others, no_limit (all of them leave)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome asked for by --outcome: customers with at least one such contact, of all customers in the log."""

    name: str
    customers: Share


@dataclass(frozen=True, kw_only=True)
class Pair:
    """How many answer sheets stand behind one correlation; other is None for the judgement of the company."""

    one: str  # a touchpoint
    other: str | None  # another touchpoint
    sheets: int  # that judge both


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """How importance was derived: explained variance, answer sheets, pairs behind each correlation."""

    method: str
    r2: float
    sheets: int
    pairs_low: int  # the smallest and largest number of sheets behind one correlation
    pairs_high: int
    resamples: int
    lifted: int  # eigenvalues of the correlation matrix that had to be lifted
    too_few: list[str]  # touchpoints left out: a pair below 30
    pairs: list[Pair]  # fewest sheets first


@dataclass(frozen=True, kw_only=True)
class Crosshair:
    """The stored rule of importance and performance: where the two lines stand and why."""

    rule: str  # "means"
    importance: float
    performance: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """One touchpoint against an earlier report. kind: better, worse, noise, new, vanished, too_few."""

    touchpoint: str
    name: str
    kind: str
    before: Mean | None
    after: Mean | None
    difference: float | None
    low: float | None
    high: float | None
    rank_before: int | None
    rank_after: int | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Against an earlier report: every touchpoint, whether its judgement moved or not."""

    created: str | None  # of the earlier report
    changes: list[Change]
    same_weights: bool = True  # whether both priorities weigh the same components alike; else rank_before is null


@dataclass(frozen=True, kw_only=True)
class Unsaid:
    """What cannot be said, and why. code is stable; the touchpoints it concerns may be many."""

    code: str
    sentence: str
    touchpoints: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The whole answer: what was read, how the company stands, and every touchpoint with its reasons."""

    created: str  # ISO, UTC; the only field that differs between equal runs
    language: str
    seed: int
    weighted: bool
    currency: str
    timezone: str
    source: Sources
    overall: Overall
    outcome: Outcome | None
    weights: dict[str, float]  # the priority's weights by component, of the components that exist
    missing_components: list[str]
    touchpoints: list[Touchpoint]  # by priority, then by order
    drivers: Drivers | None
    crosshair: Crosshair | None
    cost: list[CostRow]
    flow: list[FlowRow]
    variants: list[VariantRow]
    variants_total: int
    variants_rest_customers: int
    handovers: list[HandoverRow]
    unknown_touchpoints: list[str]  # names in the log that the inventory lacks
    comparison: Comparison | None
    unsaid: list[Unsaid]
    attribution: dict[str, list[AttributionRow]] = field(default_factory=dict)  # by outcome, largest share first
    funnel: list[FunnelRow] = field(default_factory=list)  # over the phases of the inventory
    hazard: list[HazardRow] = field(default_factory=list)  # the interval furthest from 1 first
    signals: list[SignalRow] = field(default_factory=list)  # beyond chance first, then the surest
