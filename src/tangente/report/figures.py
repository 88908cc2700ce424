"""Every figure of the report as text: one method a field, so that sentence, table and chart say the same."""

from tangente.analysis.model import Analysis, FunnelRow, HazardRow, Mean, Outcome, Relevance, Touchpoint
from tangente.analysis.outcome_reasons import on_the_way, ratio_digits, share_text, tells
from tangente.analysis.reasons import is_small, quoted, rating_digits
from tangente.analysis.unsaid_outcomes import outcome_names
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.translation import Figure, Language

NONE = "–"


class Figures:
    """The touchpoints of one analysis by name, and their figures in its language; small cells are hidden."""

    def __init__(self, analysis: Analysis, language: Language, *, in_folder: bool = True) -> None:
        self.analysis, self.language = analysis, language
        self.in_folder = in_folder  # beside tables with every row; else the page stands alone
        self.points = {point.touchpoint: point for point in analysis.touchpoints}
        self.digits = rating_digits(analysis)

    def name(self, key: str) -> str:
        point = self.points.get(key)
        return point.name if point else key

    def contacts(self, point: Touchpoint) -> str:
        return NONE if point.contacts is None or is_small(point) else self.language.number(point.contacts)

    def customers(self, point: Touchpoint) -> str:
        return NONE if point.customers is None else self.count(point.customers)

    def reach(self, point: Touchpoint) -> str:
        return self._of(point, point.reach_share)

    def repeats(self, point: Touchpoint) -> str:
        return self._of(point, point.repeat_share)

    def unit_cost(self, point: Touchpoint) -> str:
        return NONE if point.unit_cost is None else self.amount(point.unit_cost)

    def cost(self, point: Touchpoint) -> str:
        return NONE if point.cost is None or is_small(point) else self.amount(point.cost)

    def mean(self, mean: Mean | None) -> str:
        return NONE if mean is None or mean.mean is None else self.language.number(mean.mean, self.digits)

    def span(self, mean: Mean | None) -> str:
        if mean is None or mean.low is None or mean.high is None:
            return ""
        return self.language.span(mean.low, mean.high, self.digits)

    def estimate(self, mean: Mean | None) -> str:
        if mean is None or mean.mean is None:
            return self.too_few(mean)
        return self.language.estimate(mean.mean, mean.low, mean.high, self.digits)

    def too_few(self, mean: Mean | None) -> str:
        return self.language.gettext("too few") if mean and mean.n < FEW else NONE

    def answers(self, mean: Mean | None) -> str:
        return NONE if mean is None else self.count(mean.n)

    def importance(self, point: Touchpoint) -> str:
        return NONE if point.importance is None else self.language.percent(point.importance.share)

    def importance_estimate(self, point: Touchpoint) -> str:
        if point.importance is None:
            return NONE
        return self.language.percent_estimate(point.importance.share, point.importance.low, point.importance.high)

    def stability(self, point: Touchpoint) -> str:
        return NONE if point.priority is None else self.language.percent(point.priority.top_share)

    def quadrant(self, point: Touchpoint) -> str:
        _ = self.language.gettext
        names = {
            "concentrate": _("Work on first"),
            "keep_up": _("Keep up"),
            "low_priority": _("Not urgent"),
            "overkill": _("Too much of a good thing?"),
        }
        return names.get(point.quadrant or "", NONE)

    def quadrant_share(self, point: Touchpoint) -> str:
        return NONE if point.quadrant_share is None else self.language.percent(point.quadrant_share)

    def phase(self, point: Touchpoint) -> str:
        return self.phase_name(point.phase or "")

    def phase_name(self, phase: str) -> str:
        _ = self.language.gettext
        names = {
            "INFLUENCED": _("Being influenced"),
            "PREPURCHASE": _("Preparing the purchase"),
            "PURCHASE": _("Buying"),
            "LOYALTY": _("Use and loyalty"),
            "RECOMMENDING": _("Influencing others"),
        }
        return names.get(phase, phase)

    def outcome(self, outcome: Outcome) -> str:
        return self.outcome_name(outcome.name)

    def outcome_name(self, outcome: str) -> str:
        return outcome_names(self.language).get(outcome) or quoted(outcome, self.language)

    def on_the_way(self, relevance: Relevance | None) -> str:
        share = on_the_way(relevance)
        if relevance is None or share is None or 0 < relevance.conversions < SMALLEST_CELL:
            return NONE
        return share_text(relevance, self.language)

    def outcomes(self, point: Touchpoint) -> list[str]:
        """On the way to purchases, repurchases and referrals; how often customers leave afterwards, and how many did."""
        found, hazard = point.relevance, point.hazard
        ways = [found.purchase, found.repurchase, found.recommendation] if found else [None] * 3
        leaving = (
            [NONE, NONE]
            if hazard is None
            else [self.ratio_estimate(hazard.ratio, hazard.low, hazard.high, hazard.unknown), self.count(hazard.exits)]
        )
        return [*(self.on_the_way(way) for way in ways), *leaving]

    def event(self, row: HazardRow) -> str:
        if row.touchpoint is not None:
            return self.name(row.touchpoint)
        _ = self.language.gettext
        names = {"handover": _("Handover to another department"), "silence": _("Long silence")}
        return names.get(row.event, row.event)

    def ratio_texts(
        self, ratio: float | None, low: float | None, high: float | None, unknown: str | None
    ) -> tuple[str, str]:
        """2.3 and 1.9–2.8; else why not."""
        _ = self.language.gettext
        if ratio is None or low is None or high is None:
            return {"same_as_others": _("inseparable"), "no_limit": _("no limit")}.get(unknown or "", _("too few")), ""
        digits = ratio_digits(low)
        return self.language.number(ratio, digits), self.language.span(low, high, digits)

    def ratio_estimate(self, ratio: float | None, low: float | None, high: float | None, unknown: str | None) -> str:
        """2.3 [1.9–2.8]."""
        figure, span = self.ratio_texts(ratio, low, high, unknown)
        return Figure(f"{figure} [{span}]", ratio or 0.0, low or 0.0, high or 0.0) if span else figure

    def hazard_verdict(self, row: HazardRow) -> str:
        _ = self.language.gettext
        if row.hazard_ratio is None:
            return NONE
        if not row.beyond_chance:
            return _("chance explains it")
        return _("more often") if row.hazard_ratio > 1 else _("less often")

    def funnel_share(self, row: FunnelRow) -> str:
        """Who went on from the phase before; empty where it is too few to say or could give somebody away."""
        if row.share is None or row.went_on is None or row.followed is None or tells(row.went_on, row.followed):
            return ""
        return self.language.percent_estimate(row.share, row.low, row.high)

    def arrived_share(self, row: FunnelRow) -> str:
        """Who came as far of all who began; empty like the share."""
        if row.arrived_share is None or row.arrived is None or row.started is None or tells(row.arrived, row.started):
            return ""
        return self.language.percent_estimate(row.arrived_share, row.arrived_low, row.arrived_high)

    def wait(self, seconds: float) -> str:
        return self.language.duration(seconds)

    def amount(self, value: float) -> str:
        return self.language.amount(value, self.analysis.currency)

    def count(self, n: int) -> str:
        """A number of people or answers; fewer than five are not told apart."""
        if 0 < n < SMALLEST_CELL:
            return self.language.gettext("under %s") % SMALLEST_CELL
        return self.language.number(n)

    def _of(self, point: Touchpoint, share: float | None) -> str:
        return NONE if share is None or is_small(point) else self.language.percent(share)
