"""What the sections on outcomes say: what stands on the way to them, who leaves after what, the funnel over the phases."""

from dataclasses import dataclass

from tangente.analysis.model import AttributionRow, FunnelRow, HazardRow
from tangente.analysis.outcome_reasons import people_share, tells
from tangente.analysis.populations import BEFORE_PURCHASE, FIRST_AT_RISK
from tangente.analysis.reasons import count_word, quoted
from tangente.analysis.unsaid_outcomes import no_ratio_sentences
from tangente.charts.whisker import Axis, ratio_head, ratio_reach, ratio_whisker, share_whisker, whisker_head
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.report import outcome_tables
from tangente.report.figures import Figures
from tangente.report.pictures import funnel_picture
from tangente.report.sections import Section

MOST_TOUCHPOINTS, MOST_EVENTS = 8, 10
AXIS_ENDS = (0.02, 0.04, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class ShareRow:
    name: str
    whisker: str
    share: str
    span: str
    last: str
    on_the_way: str


@dataclass(frozen=True)
class OutcomeShares:
    """The touchpoints one outcome owes most to."""

    name: str
    note: str
    rows: list[ShareRow]


@dataclass(frozen=True, kw_only=True)
class AttributionSection(Section):
    outcomes: list[OutcomeShares]
    head: str


def attribution_section(figures: Figures) -> AttributionSection:
    """Per outcome the touchpoints with the largest shares; each outcome in a table of its own, on one axis."""
    _ = figures.language.gettext
    said = {name: outcome_tables.shown(rows) for name, rows in figures.analysis.attribution.items()}
    said = {name: [row for row in rows if row.conversions][:MOST_TOUCHPOINTS] for name, rows in said.items() if rows}
    names = figures.language.listing([figures.outcome_name(name) for name in said])
    most = _axis_end([row for rows in said.values() for row in rows])
    return AttributionSection(
        key="attribution",
        title=_("On the way to %s") % names if said else _("On the way to purchases"),
        contents=_("On the way to purchases"),
        note=_(
            "Part of the touchpoints in each outcome, by what would be lost without them, with interval. No cause: who wants to buy meets more touchpoints anyway."
        )
        if said
        else "",
        missing="" if said else _missing_attribution(figures),
        outcomes=[_outcome_shares(figures, name, rows, most) for name, rows in said.items()],
        head=_share_head(figures, most),
        feet=[
            _("On the way: share of the customers with the outcome who passed here before."),
            _(
                "A touchpoint counts in the ranking only if who passed there has the outcome more often than others who could have it, too; that proves no effect."
            ),
        ]
        if said
        else [],
        table=outcome_tables.attribution_table(figures) if said else None,
    )


def _axis_end(rows: list[AttributionRow]) -> float:
    """A round share that all dots, lines and ticks lie below."""
    furthest = max((max(row.high or row.share or 0, row.last or 0) for row in rows), default=0)
    return next((end for end in AXIS_ENDS if end >= furthest), AXIS_ENDS[-1])


def _share_head(figures: Figures, most: float) -> str:
    texts = [figures.language.percent(share) for share in (0.0, most / 2, most)]
    return whisker_head(Axis(0.0, most, None), (texts[0], texts[1], texts[2]))


def _outcome_shares(figures: Figures, name: str, rows: list[AttributionRow], most: float) -> OutcomeShares:
    text = figures.language.ngettext("%s customer", "%s customers", rows[0].of)
    title = figures.outcome_name(name)
    return OutcomeShares(
        name=title[:1].upper() + title[1:],
        note=text % figures.language.number(rows[0].of),
        rows=[_share_row(figures, row, most) for row in rows],
    )


def _share_row(figures: Figures, row: AttributionRow, most: float) -> ShareRow:
    language = figures.language
    share, low, high = row.share or 0, row.low or 0, row.high or 0
    closing = round((row.last or 0) * row.of)
    last = people_share(closing, row.of, language)
    estimate = language.percent_estimate(share, row.low, row.high)
    label = language.gettext("%(share)s, by the last contact %(last)s") % {"share": estimate, "last": last}
    figure, *span = estimate.split(" [", 1)
    return ShareRow(
        name=figures.name(row.touchpoint),
        whisker=share_whisker(most, share, low, high, _told(closing, row.of), label, is_open=not row.more_often),
        share=figure,
        span="".join(span).removesuffix("]"),
        last=last,
        on_the_way=people_share(row.conversions, row.of, language),
    )


def _told(people: int, of: int) -> float | None:
    """Their share; None where its place on an axis could give somebody away."""
    return None if tells(people, of) else people / of


def _missing_attribution(figures: Figures) -> str:
    _ = figures.language.gettext
    if figures.analysis.attribution:
        return (
            _("Below %s customers with an outcome it is too few to say which touchpoints stand on the way to it.") % FEW
        )
    if figures.analysis.source.contacts is None:
        return _("This needs contacts and what came of them. Give them with --contacts.")
    return _("This needs the outcome of contacts, such as purchase, repurchase or referral: map the column outcome.")


@dataclass(frozen=True)
class RatioRow:
    name: str
    whisker: str
    ratio: str
    span: str
    exits: str


@dataclass(frozen=True, kw_only=True)
class HazardSection(Section):
    rows: list[RatioRow]
    head: str


def hazard_section(figures: Figures) -> HazardSection:
    """After which events customers leave more or less often: what is beyond chance first."""
    _ = figures.language.gettext
    said = _said(figures.analysis.hazard)
    rows = said[:MOST_EVENTS]
    reach = ratio_reach([end for row in rows for end in (row.low or 1, row.high or 1)] or [2.0])
    note = _(
        "How many times as many customers leave in the %s days after a contact as others do at the same time of their life; 95%% interval, logarithmic axis. No cause: what brings a contact about may also make customers leave."
    )
    return HazardSection(
        key="hazard",
        title=_hazard_title(figures, said),
        contents=_("Who leaves, after what"),
        note=note % figures.language.number(rows[0].within_days) if rows else "",
        missing="" if rows else _missing_hazard(figures),
        rows=[_ratio_row(figures, row, reach) for row in rows],
        head=_ratio_head(figures, reach),
        feet=_hazard_feet(figures) if rows else [],
        table=outcome_tables.hazard_table(figures) if figures.analysis.hazard else None,
    )


def _hazard_feet(figures: Figures) -> list[str]:
    _ = figures.language.gettext
    feet = [_("All are tested at once; what is beyond chance counts in the ranking.")]
    if any(point.phase in BEFORE_PURCHASE for point in figures.analysis.touchpoints):
        text = _("Without people whose contacts all lie before the phase “%s”: who is no customer yet cannot leave.")
        feet.append(text % figures.phase_name(FIRST_AT_RISK))
    return feet


def _said(rows: list[HazardRow]) -> list[HazardRow]:
    """With a ratio: beyond chance from the largest to the smallest, then the others as they come, strongest first."""
    ratios = [row for row in rows if row.hazard_ratio is not None and row.customers >= SMALLEST_CELL]
    return sorted(ratios, key=lambda row: (not row.beyond_chance, -(row.hazard_ratio or 0) if row.beyond_chance else 0))


def _hazard_title(figures: Figures, rows: list[HazardRow]) -> str:
    language = figures.language
    more = [figures.event(row) for row in rows if row.beyond_chance and (row.hazard_ratio or 0) > 1]
    if len(more) == 1:
        return language.gettext("After %s customers leave more often") % quoted(more[0], language)
    if more:
        return language.gettext("After %s events customers leave more often") % count_word(len(more), language)
    if rows:
        return language.gettext("For no contact can it be shown that it drives customers away")
    return language.gettext("Who leaves, after what")


def _ratio_row(figures: Figures, row: HazardRow, reach: float) -> RatioRow:
    ratio, low, high = row.hazard_ratio or 1, row.low or 1, row.high or 1
    figure, span = figures.ratio_texts(row.hazard_ratio, row.low, row.high, row.unknown)
    label = figures.language.gettext("%(mean)s, interval %(span)s") % {"mean": figure, "span": span}
    return RatioRow(
        name=figures.event(row),
        whisker=ratio_whisker(reach, ratio, low, high, label, is_settled=row.beyond_chance),
        ratio=figure,
        span=span,
        exits=figures.count(row.exits),
    )


def _ratio_head(figures: Figures, reach: float) -> str:
    least = figures.language.number(1 / reach, {2: 1, 4: 2}.get(round(reach), 3))
    return ratio_head(reach, (least, "1", figures.language.number(reach)))


def _missing_hazard(figures: Figures) -> str:
    _ = figures.language.gettext
    reasons = {row.unknown for row in figures.analysis.hazard}
    if reasons and "few_exits" not in reasons:
        return " ".join(text for key, text in no_ratio_sentences(figures.language).items() if key in reasons)
    if reasons:
        return _("Too few customers left to compare with others: a hazard ratio needs ten exits on both sides.")
    if figures.analysis.source.contacts is None:
        return _("This needs contacts and what came of them. Give them with --contacts.")
    return _("This needs contacts at which customers left: the outcome exit.")


def funnel_section(figures: Figures) -> Section:
    """Over the phases of the inventory."""
    _ = figures.language.gettext
    rows = figures.analysis.funnel
    picture = funnel_picture(figures)
    text = _(
        "Who reaches each phase, at most %s days after the one before. Shares are of those seen long enough, with 95%% interval; wait: median."
    )
    return Section(
        key="funnel",
        title=_("From phase to phase"),
        contents=_("From phase to phase"),
        note=text % figures.language.number(rows[0].within_days) if picture else "",
        missing="" if picture else _missing_funnel(figures),
        picture=picture,
        table=outcome_tables.funnel_table(figures) if picture else None,
        feet=_funnel_feet(figures, rows) if picture else [],
    )


def _funnel_feet(figures: Figures, rows: list[FunnelRow]) -> list[str]:
    """How far of all who began, where that can be said; and that the longest time is a choice."""
    _ = figures.language.gettext
    far = [row for row in rows if figures.arrived_share(row)]
    text = _("Of those who began in “%(first)s”, %(share)s came as far as “%(last)s”.")
    feet = [
        text
        % {
            "first": figures.phase_name(rows[0].phase),
            "share": figures.arrived_share(row),
            "last": figures.phase_name(row.phase),
        }
        for row in far[-1:]
    ]
    return [*feet, _("With more days more may go on, but fewer are seen long enough; choose with --funnel-days.")]


def _missing_funnel(figures: Figures) -> str:
    _ = figures.language.gettext
    if figures.analysis.source.contacts is None:
        return _("A funnel needs contacts: who was where and when. Give them with --contacts.")
    return _("A funnel needs an inventory with phases, at least two of them with contacts. Give it with --inventory.")
