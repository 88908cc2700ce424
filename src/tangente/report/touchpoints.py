"""What the sections on touchpoints say: which ones first, importance, cost, experience."""

from dataclasses import dataclass
from math import ceil, floor

from tangente.analysis.model import RELEVANT, Analysis, Mean, Touchpoint
from tangente.analysis.reasons import count_word, has_stability, key_touchpoints
from tangente.charts.pareto import MOST_BARS, vital_few
from tangente.charts.whisker import Axis, dot_whisker, whisker_head
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.report import tables
from tangente.report.figures import Figures
from tangente.report.pictures import cost_picture, counts_down, importance_picture, relevance_picture, scale_text
from tangente.report.sections import Section, some_names

LONG_LIST = 9


@dataclass(frozen=True)
class RankRow:
    rank: str
    name: str
    reason: str
    whisker: str
    mean: str
    span: str
    answers: str
    reach: str
    unit_cost: str
    repeats: str
    stability: str


@dataclass(frozen=True, kw_only=True)
class RankingSection(Section):
    rows: list[RankRow]
    head: str
    has_ratings: bool
    has_stability: bool
    level: str  # the mean that judges the dots, as text; empty without one


def ranking_section(figures: Figures) -> RankingSection:
    """The few touchpoints to work on first, with the reasons."""
    _ = figures.language.gettext
    keys = key_touchpoints(figures.analysis)
    axis = rating_axis(figures.analysis)
    has_ratings = any(point.satisfaction for point in keys)
    is_tested = has_stability(figures.analysis)
    title = figures.language.ngettext("The key touchpoint", "The %s key touchpoints", len(keys))
    note = []
    if has_ratings and scale_text(figures):
        note.append(_("Judgement of the customers on the scale %s, with 95%% interval.") % scale_text(figures))
    if is_tested:
        note.append(_("Stable: the share of 1,000 random weightings that keep the touchpoint among the first five."))
    if is_tested and figures.analysis.weights.keys() & {"hazard", *RELEVANT}:
        note.append(_("Outcomes count, too: with more to weigh, a place may be less stable."))
    return RankingSection(
        key="ranking",
        title=title % count_word(len(keys), figures.language)
        if len(keys) > 1
        else _("The key touchpoints")
        if not keys
        else title,
        contents=_("Key touchpoints"),
        note=" ".join(note),
        missing="" if keys else _("No touchpoint has enough contacts or answers for a place in a ranking."),
        rows=[_rank_row(figures, point, axis) for point in keys],
        head=whisker_head(axis, _ends(figures, axis)) if axis else "",
        has_ratings=has_ratings,
        has_stability=is_tested,
        level=figures.language.number(axis.level, figures.digits) if axis and axis.level is not None else "",
        table=tables.ranking_table(figures) if figures.analysis.touchpoints else None,
    )


def _rank_row(figures: Figures, point: Touchpoint, axis: Axis | None) -> RankRow:
    return RankRow(
        rank=figures.language.number(point.priority.rank) if point.priority else "",
        name=point.name,
        reason=point.reason or "",
        whisker=whisker(figures, point.satisfaction, axis),
        mean=figures.mean(point.satisfaction),
        span=figures.span(point.satisfaction),
        answers=figures.answers(point.satisfaction),
        reach=figures.reach(point),
        unit_cost=figures.unit_cost(point),
        repeats=figures.repeats(point),
        stability=figures.stability(point),
    )


def rating_axis(analysis: Analysis) -> Axis | None:
    """The stretch of the scale all intervals lie in; the tick is the mean of the touchpoints (the crosshair)."""
    means = [p.satisfaction for p in analysis.touchpoints if p.satisfaction and p.satisfaction.mean is not None]
    bounds = [bound for mean in means for bound in (mean.low, mean.high) if bound is not None]
    if not bounds:
        return None
    ends = [end for mean in means for end in (mean.scale_low, mean.scale_high) if end is not None]
    low = max([floor(min(bounds)), *([min(ends)] if ends else [])])
    high = max(low + 1, min([ceil(max(bounds)), *([max(ends)] if ends else [])]))
    level = analysis.crosshair.performance if analysis.crosshair else None
    return Axis(high, low, level) if counts_down(analysis) else Axis(low, high, level)


def _ends(figures: Figures, axis: Axis) -> tuple[str, str, str]:
    middle = (axis.low + axis.high) / 2
    texts = [figures.language.number(v, 0 if v == round(v) else 1) for v in (axis.low, middle, axis.high)]
    return texts[0], texts[1], texts[2]


def whisker(figures: Figures, mean: Mean | None, axis: Axis | None) -> str:
    """Dot and whisker, or nothing where there are too few answers."""
    if axis is None or mean is None or mean.mean is None or mean.low is None or mean.high is None:
        return ""
    label = figures.language.gettext("%(mean)s, interval %(span)s") % {
        "mean": figures.mean(mean),
        "span": figures.span(mean),
    }
    return dot_whisker(axis, mean.mean, mean.low, mean.high, label)


def hidden_sentence(figures: Figures) -> str:
    """Stands where all that could be shown concerns too few customers."""
    return figures.language.gettext(
        "So that nobody can be recognised: everything here concerns fewer than five customers."
    )


def importance_section(figures: Figures) -> Section:
    _ = figures.language.gettext
    picture = importance_picture(figures)
    missing = "" if picture else _missing_importance(figures)
    return Section(
        key="importance",
        title=_("What counts, and how well it is done"),
        contents=_("Importance and performance"),
        note=_driver_note(figures) if picture else "",
        missing=missing,
        picture=picture,
        table=tables.importance_table(figures) if picture else None,
    )


def _missing_importance(figures: Figures) -> str:
    """Why there is no importance: with ratings the analysis itself knows, else there are none."""
    reasons = [item.sentence for item in figures.analysis.unsaid if item.code == "no_drivers"]
    return next(
        iter(reasons),
        figures.language.gettext(
            "Importance needs ratings: judgements of touchpoints and of the company as a whole on the same answer sheets. Give them with --ratings."
        ),
    )


def _driver_note(figures: Figures) -> str:
    _ = figures.language.gettext
    sentences = [_("Importance is derived from the answers, not asked for.")]
    drivers = figures.analysis.drivers
    if drivers:
        text = _("%(n)s answer sheets; the touchpoints explain %(share)s of the differences in the overall judgement.")
        sentences.append(
            text % {"n": figures.language.number(drivers.sheets), "share": figures.language.percent(drivers.r2)}
        )
    sentences.append(_("Open dot: its field is uncertain (below %s of the resamples).") % figures.language.percent(0.8))
    return " ".join(sentences)


def cost_section(figures: Figures) -> Section:
    _ = figures.language.gettext
    rows = [row for row in figures.analysis.cost if row.cost is not None]
    picture = cost_picture(figures)
    if not picture:
        missing = (
            hidden_sentence(figures)
            if rows
            else _("Costs are missing: give a cost for each contact (column cost) or unit_cost in the inventory.")
        )
        return Section(key="cost", title=_("Cost by touchpoint"), contents=_("Cost"), missing=missing)
    shares = [row.cumulative_share for row in rows if row.cumulative_share is not None]
    few = min(vital_few(shares), MOST_BARS)
    text = figures.language.ngettext(
        "One touchpoint, %(share)s of the cost", "%(count)s touchpoints, %(share)s of the cost", few
    )
    text %= {"count": count_word(few, figures.language), "share": figures.language.percent(shares[few - 1])}
    return Section(
        key="cost",
        title=text[:1].upper() + text[1:] if few < len(rows) else _("Cost by touchpoint"),
        contents=_("Cost"),
        note=_cost_note(figures, sum(row.cost or 0 for row in rows)),
        picture=picture,
        table=tables.cost_table(figures),
    )


def _cost_note(figures: Figures, total: float) -> str:
    language = figures.language
    note = language.gettext("Together %s.") % figures.amount(total)
    unknown = [figures.name(row.touchpoint) for row in figures.analysis.cost if row.cost is None]
    if unknown:
        text = language.ngettext(
            "Cost unknown for %(n)s touchpoint: %(names)s.",
            "Cost unknown for %(n)s touchpoints: %(names)s.",
            len(unknown),
        )
        note += " " + text % {"n": language.number(len(unknown)), "names": some_names(figures, unknown)}
    return note


def relevance_section(figures: Figures) -> Section:
    _ = figures.language.gettext
    picture = relevance_picture(figures)
    missing = (
        ""
        if picture
        else _("This comparison needs both: the cost of the touchpoints and their importance, derived from ratings.")
    )
    return Section(
        key="relevance",
        title=_("What it costs, and what it counts"),
        contents=_("Cost and importance"),
        note=_("Share of all cost against share of the importance; on the dashed line they are equal.")
        if picture
        else "",
        missing=missing,
        picture=picture,
        table=tables.relevance_table(figures) if picture else None,
    )


@dataclass(frozen=True)
class ExperienceRow:
    name: str
    whisker: str
    mean: str
    span: str
    answers: str
    too_few: str
    never_used: str


@dataclass(frozen=True, kw_only=True)
class ExperienceSection(Section):
    phases: list[tuple[str, list[ExperienceRow]]]
    head: str


def experience_section(figures: Figures) -> ExperienceSection:
    """Every rated touchpoint by phase, in the order customers meet them; at most fifty."""
    _ = figures.language.gettext
    rated = [p for p in figures.analysis.touchpoints if p.satisfaction or p.never_used]
    shown = sorted(rated[: tables.MOST_ROWS], key=lambda point: point.order)
    axis = rating_axis(figures.analysis)
    phases: dict[str, list[ExperienceRow]] = {}
    for point in shown:
        phases.setdefault(figures.phase(point), []).append(_experience_row(figures, point, axis))
    feet = [
        _("Below %(mean)s answers we state no mean, below %(count)s no number.") % {"mean": FEW, "count": SMALLEST_CELL}
    ]
    if len(rated) > len(shown):
        text = (
            _("The %(shown)s touchpoints of highest priority, of %(all)s; all of them are in the folder tables.")
            if figures.in_folder
            else _("The %(shown)s touchpoints of highest priority, of %(all)s.")
        )
        feet.append(text % {"shown": len(shown), "all": figures.language.number(len(rated))})
    return ExperienceSection(
        key="experience",
        title=_("How customers experience it"),
        contents=_("Experience"),
        note=_("Mean with 95%% interval on the scale %s, in the order customers meet the touchpoints.")
        % scale_text(figures)
        if axis
        else "",
        missing="" if shown else _("There are no judgements of single touchpoints. Give them with --ratings."),
        phases=_in_two_columns(phases),
        head=whisker_head(axis, _ends(figures, axis)) if axis else "",
        feet=feet if shown else [],
    )


def _in_two_columns(phases: dict[str, list[ExperienceRow]]) -> list[tuple[str, list[ExperienceRow]]]:
    """A single long list becomes two, so that both columns of a wide page are used."""
    if len(phases) != 1:
        return list(phases.items())
    [(name, rows)] = phases.items()
    half = (len(rows) + 1) // 2
    return [(name, rows[:half]), ("", rows[half:])] if len(rows) > LONG_LIST else [(name, rows)]


def _experience_row(figures: Figures, point: Touchpoint, axis: Axis | None) -> ExperienceRow:
    mean = point.satisfaction
    has_mean = mean is not None and mean.mean is not None
    never = figures.language.gettext("%s never used it") % figures.count(point.never_used) if point.never_used else ""
    return ExperienceRow(
        name=point.name,
        whisker=whisker(figures, mean, axis),
        mean=figures.mean(mean),
        span=figures.span(mean),
        answers=figures.answers(mean),
        too_few="" if has_mean else figures.language.gettext("too few"),
        never_used=never,
    )
