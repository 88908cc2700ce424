"""What each section on touchpoints says: title, the line that says what is seen, rows; or what is missing and the way out."""

from dataclasses import dataclass, field
from math import ceil, floor

from tangente.analysis.model import Analysis, Mean, NetPromoter, Source, Touchpoint
from tangente.analysis.reasons import SMALL_CELL, TOO_FEW, count_word, key_touchpoints, ranked
from tangente.charts.pareto import vital_few
from tangente.charts.whisker import Axis, dot_whisker, whisker_head
from tangente.report import tables
from tangente.report.figures import NONE, Figures
from tangente.report.pictures import Picture, cost_picture, importance_picture, relevance_picture, scale_text

MOST_NAMES = 8


@dataclass(frozen=True, kw_only=True)
class Section:
    """`missing` stands for the content where the data do not suffice."""

    key: str
    title: str
    contents: str  # its name in the table of contents
    note: str = ""
    missing: str = ""
    picture: Picture | None = None
    table: tables.Table | None = None
    feet: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Figure:
    """One of the figures in a row below the title."""

    label: str
    value: str
    interval: str
    note: str
    bars: list[tuple[str, float, float]] = field(default_factory=list)  # class, x, width in percent


def overall_figures(figures: Figures) -> list[Figure]:
    """How much was read, and what customers say of the company as a whole."""
    _ = figures.language.gettext
    number = figures.language.number
    found = []
    contacts, overall, outcome = figures.analysis.source.contacts, figures.analysis.overall, figures.analysis.outcome
    if contacts and contacts.customers:
        note = _("%s per customer") % number(contacts.accepted / contacts.customers, 1)
        found.append(Figure(_("Contacts"), number(contacts.accepted), "", note))
    if overall.nps and overall.nps.value is not None:
        found.append(_nps(figures, overall.nps, overall.nps.value))
    if overall.satisfaction and overall.satisfaction.mean is not None:
        mean = overall.satisfaction
        value, *interval = figures.estimate(mean).split(" ", 1)
        scale = f" ({number(mean.scale_low)}–{number(mean.scale_high)})" if _has_scale(mean) else ""
        found.append(Figure(_("Satisfaction") + scale, value, "".join(interval), f"n = {number(mean.n)}"))
    for label, share in (
        (_("Would recommend"), overall.recommendation),
        (outcome.name if outcome else "", outcome.customers if outcome else None),
    ):
        if share and share.share is not None and share.n >= TOO_FEW:
            value, *interval = figures.language.percent_estimate(share.share, share.low, share.high).split(" [", 1)
            text = _("%(k)s of %(n)s") % {"k": figures.count(share.k), "n": number(share.n)}
            found.append(Figure(label, value, "".join(f"[{part}" for part in interval), text))
    return found


def _has_scale(mean: Mean) -> bool:
    return mean.scale_low is not None and mean.scale_high is not None


def _nps(figures: Figures, nps: NetPromoter, value: float) -> Figure:
    language = figures.language
    shares = [count / nps.n for count in (nps.detractors, nps.passives, nps.promoters)]
    bars, left = [], 0.0
    for kind, share in zip(("x-bad", "x-ok", "x-good"), shares, strict=True):
        bars.append((kind, round(left, 2), round(100 * share, 2)))
        left += 100 * share
    text = language.gettext("%(promoters)s promoters, %(detractors)s detractors, n = %(n)s") % {
        "promoters": language.percent(shares[2]),
        "detractors": language.percent(shares[0]),
        "n": language.number(nps.n),
    }
    interval = "" if nps.low is None or nps.high is None else language.interval(nps.low, nps.high)
    return Figure(language.gettext("Net Promoter Score"), language.number(value, 1), interval, text, bars)


@dataclass(frozen=True)
class ReadRow:
    label: str
    cells: list[str]


@dataclass(frozen=True, kw_only=True)
class ReadSection(Section):
    heads: list[str]
    rows: list[ReadRow]


def read_section(figures: Figures) -> ReadSection:
    """Where every row went."""
    _ = figures.language.gettext
    tables_read = [
        (name, source)
        for name, source in (
            (_("Contacts"), figures.analysis.source.contacts),
            (_("Ratings"), figures.analysis.source.ratings),
        )
        if source
    ]
    sources = [source for _name, source in tables_read]
    number = figures.language.number

    def row(label: str, value: str) -> ReadRow:
        return ReadRow(label, [number(getattr(source, value)) for source in sources])

    rows = [
        row(_("Rows"), "rows"), row(_("accepted"), "accepted"), row(_("of them new"), "new"), row(_("of them known"), "known"),
        row(_("refused"), "rejected"), row(_("same time as another"), "ties"), row(_("Customers"), "customers"),
        ReadRow(_("from"), [_day(figures, source.first) for source in sources]),
        ReadRow(_("to"), [_day(figures, source.last) for source in sources]),
    ]  # fmt: skip
    return ReadSection(
        key="read",
        title=_("What was read"),
        contents=_("What was read"),
        heads=[name for name, _source in tables_read],
        rows=rows if sources else [],
        missing="" if sources else _("No row was accepted."),
        feet=_read_feet(figures, sources),
    )


def _day(figures: Figures, moment: str | None) -> str:
    return NONE if moment is None else figures.language.date(moment, figures.analysis.timezone)


def _read_feet(figures: Figures, sources: list[Source]) -> list[str]:
    _ = figures.language.gettext
    feet = []
    if any(source.rejected for source in sources):
        feet.append(_("Every refused row is in rejects.csv, with its line and the reason."))
    if any(source.ties for source in sources):
        feet.append(_("Where times are equal, the sequence column decides, else the position in the file."))
    unknown = figures.analysis.unknown_touchpoints
    if unknown:
        text = figures.language.ngettext(
            "%(count)s name is missing in the inventory: %(names)s.",
            "%(count)s names are missing in the inventory: %(names)s.",
            len(unknown),
        )
        feet.append(text % {"count": figures.language.number(len(unknown)), "names": some_names(figures, unknown)})
    return feet


def some_names(figures: Figures, names: list[str]) -> str:
    """The first eight names; how many more there are."""
    if len(names) <= MOST_NAMES:
        return figures.language.listing(names)
    more = figures.language.gettext("%s more") % figures.language.number(len(names) - MOST_NAMES)
    return figures.language.listing([*names[:MOST_NAMES], more])


@dataclass(frozen=True)
class RankRow:
    rank: str
    name: str
    reason: str
    whisker: str
    whisker_phone: str
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
    has_stability = len(ranked(figures.analysis)) > len(keys)
    title = figures.language.ngettext("The key touchpoint", "The %s key touchpoints", len(keys))
    note = []
    if has_ratings and scale_text(figures):
        note.append(_("Judgement of the customers on the scale %s, with 95%% interval.") % scale_text(figures))
    if has_stability:
        note.append(_("Stable: the share of 1,000 random weightings that keep the touchpoint among the first five."))
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
        head=whisker_head(axis, _ends(figures, axis), 150) if axis else "",
        has_ratings=has_ratings,
        has_stability=has_stability,
        level=figures.language.number(axis.level, figures.digits) if axis and axis.level is not None else "",
        table=tables.ranking_table(figures) if figures.analysis.touchpoints else None,
    )


def _rank_row(figures: Figures, point: Touchpoint, axis: Axis | None) -> RankRow:
    return RankRow(
        rank=figures.language.number(point.priority.rank) if point.priority else "",
        name=point.name,
        reason=point.reason or "",
        whisker=whisker(figures, point.satisfaction, axis, 150),
        whisker_phone=whisker(figures, point.satisfaction, axis, 180),
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
    if not means:
        return None
    lows = [m.low for m in means if m.low is not None]
    highs = [m.high for m in means if m.high is not None]
    low, high = floor(min(lows)), ceil(max(highs))
    scale_low = min((m.scale_low for m in means if m.scale_low is not None), default=low)
    scale_high = max((m.scale_high for m in means if m.scale_high is not None), default=high)
    level = analysis.crosshair.performance if analysis.crosshair else None
    return Axis(max(low, scale_low), max(low + 1, min(high, scale_high)), level)


def _ends(figures: Figures, axis: Axis) -> tuple[str, str, str]:
    middle = (axis.low + axis.high) / 2
    texts = [figures.language.number(v, 0 if v == round(v) else 1) for v in (axis.low, middle, axis.high)]
    return texts[0], texts[1], texts[2]


def whisker(figures: Figures, mean: Mean | None, axis: Axis | None, width: int) -> str:
    """Dot and whisker, or nothing where there are too few answers."""
    if axis is None or mean is None or mean.mean is None or mean.low is None or mean.high is None:
        return ""
    label = figures.language.gettext("%(mean)s, interval %(span)s") % {
        "mean": figures.mean(mean),
        "span": figures.span(mean),
    }
    return dot_whisker(axis, mean.mean, mean.low, mean.high, width, label)


def importance_section(figures: Figures) -> Section:
    _ = figures.language.gettext
    picture = importance_picture(figures)
    missing = (
        ""
        if picture
        else _(
            "Importance needs ratings: judgements of touchpoints and of the company as a whole on the same answer sheets. Give them with --ratings."
        )
    )
    return Section(
        key="importance",
        title=_("What counts, and how well it is done"),
        contents=_("Importance and performance"),
        note=_driver_note(figures) if picture else "",
        missing=missing,
        picture=picture,
        table=tables.importance_table(figures) if picture else None,
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
        missing = _("Costs are missing: give a cost for each contact (column cost) or unit_cost in the inventory.")
        return Section(key="cost", title=_("Cost by touchpoint"), contents=_("Cost"), missing=missing)
    shares = [row.cumulative_share for row in rows if row.cumulative_share is not None]
    few = vital_few(shares)
    title = figures.language.ngettext(
        "One touchpoint, %(share)s of the cost", "%(count)s touchpoints, %(share)s of the cost", few
    )
    words = {"count": count_word(few, figures.language), "share": figures.language.percent(shares[few - 1])}
    text = title % words
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
        phases.setdefault(point.phase or "", []).append(_experience_row(figures, point, axis))
    feet = [
        _("Below %(mean)s answers we state no mean, below %(count)s no number.")
        % {"mean": TOO_FEW, "count": SMALL_CELL}
    ]
    if len(rated) > len(shown):
        text = _("The %(shown)s touchpoints of highest priority, of %(all)s; all of them are in the folder tables.")
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
        phases=list(phases.items()),
        head=whisker_head(axis, _ends(figures, axis), 150) if axis else "",
        feet=feet if shown else [],
    )


def _experience_row(figures: Figures, point: Touchpoint, axis: Axis | None) -> ExperienceRow:
    mean = point.satisfaction
    has_mean = mean is not None and mean.mean is not None
    never = figures.language.gettext("%s never used it") % figures.count(point.never_used) if point.never_used else ""
    return ExperienceRow(
        name=point.name,
        whisker=whisker(figures, mean, axis, 150),
        mean=figures.mean(mean),
        span=figures.span(mean),
        answers=figures.answers(mean),
        too_few="" if has_mean else figures.language.gettext("too few"),
        never_used=never,
    )
