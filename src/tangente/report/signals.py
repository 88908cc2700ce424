"""What the section on the latest weeks says: which series moved beyond noise, which are calm, which too short."""

from dataclasses import dataclass

from tangente.analysis.reasons import count_word, is_small
from tangente.analysis.signal_row import SignalRow
from tangente.analysis.signals import JUDGED
from tangente.charts.sparkline import sparkline
from tangente.method.control_chart import ENOUGH
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.report import tables
from tangente.report.figures import NONE, Figures
from tangente.report.pictures import counts_down
from tangente.report.sections import Section, some_names

MOST_SIGNALS = 6
KINDS = {"better": "good", "worse": "bad"}  # more or fewer contacts are neither


@dataclass(frozen=True)
class SignalItem:
    name: str
    word: str
    kind: str
    text: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class SignalSection(Section):
    items: list[SignalItem]
    groups: list[tuple[str, str]]


def signal_section(figures: Figures) -> SignalSection:
    """Signals with their pictures, the calm rest in one sentence, and what is too short to judge."""
    _ = figures.language.gettext
    rows = shown(figures)
    told = [row for row in rows if row.beyond_chance]
    has_series = any(row.unknown is None for row in rows)
    note = _(
        "The latest %(judged)s complete weeks against those before, at most a year; all are tested at once, so that one finding in twenty is false on average."
    )
    return SignalSection(
        key="signals",
        title=_title(figures, told) if has_series else _("The latest weeks"),
        contents=_("The latest weeks"),
        note=note % {"judged": count_word(JUDGED, figures.language)} if has_series else "",
        missing="" if rows else _("This needs contacts or ratings over at least %s complete weeks.") % ENOUGH,
        items=[_item(figures, row) for row in told[:MOST_SIGNALS]],
        groups=_groups(figures, rows),
        table=_table(figures, rows) if rows else None,
    )


def shown(figures: Figures) -> list[SignalRow]:
    """Without touchpoints of so few customers that a series could give one of them away."""
    points = figures.points
    return [
        row for row in figures.analysis.signals if row.touchpoint in points and not is_small(points[row.touchpoint])
    ]


def _title(figures: Figures, told: list[SignalRow]) -> str:
    if not told:
        return figures.language.gettext("No signal in the latest weeks")
    text = figures.language.ngettext("One signal in the latest weeks", "%s signals in the latest weeks", len(told))
    text = text % count_word(len(told), figures.language) if len(told) > 1 else text
    return text[:1].upper() + text[1:]


def _item(figures: Figures, row: SignalRow) -> SignalItem:
    kind = _kind(figures, row)
    text = _sentence(figures, row)
    picture = sparkline(row.recent, row.lower or 0, row.centre or 0, row.upper or 0, JUDGED, text)
    return SignalItem(figures.name(row.touchpoint), _words(figures)[kind], KINDS.get(kind, ""), text, picture)


def _kind(figures: Figures, row: SignalRow) -> str:
    if row.unknown or row.centre is None:
        return row.unknown or "few"
    if not row.beyond_chance:
        return "noise"
    if row.measure == "contacts":
        return "more" if row.side == "high" else "fewer"
    return "better" if (row.side == "high") != counts_down(figures.analysis) else "worse"


def _words(figures: Figures) -> dict[str, str]:
    _ = figures.language.gettext
    return {
        "more": _("more contacts"), "fewer": _("fewer contacts"), "better": _("better"), "worse": _("worse"),
        "noise": _("noise"), "short": _("too short a series"), "few": _("too few"),
    }  # fmt: skip


def _sentence(figures: Figures, row: SignalRow) -> str:
    """1,320 contacts in the week of 9 Nov 2026; before 1,100 [980–1,210]."""
    _ = figures.language.gettext
    inside = (row.lower or 0) <= (row.latest or 0) <= (row.upper or 0)
    text = (
        _("%(latest)s contacts in the week of %(day)s; before that %(centre)s, limits %(limits)s.")
        if row.measure == "contacts"
        else _("Satisfaction %(latest)s in the week of %(day)s; before that %(centre)s, limits %(limits)s.")
    )
    text %= {
        "latest": _value(figures, row, row.latest),
        "day": _day(figures, row),
        "centre": _value(figures, row, row.centre),
        "limits": _limits(figures, row),
    }
    return " ".join([text, _("Within the limits, but for weeks on one side.")]) if inside else text


def _day(figures: Figures, row: SignalRow) -> str:
    """The Monday, as a moment that is the same day wherever the log is read."""
    return figures.language.date(f"{row.week}T00:00:00+00:00", "UTC")


def _value(figures: Figures, row: SignalRow, value: float | None) -> str:
    if value is None:
        return NONE
    if row.measure == "contacts":
        return figures.count(round(value))
    return figures.language.number(value, 2)


def _limits(figures: Figures, row: SignalRow) -> str:
    if row.lower is None or row.upper is None:
        return NONE
    return figures.language.span(row.lower, row.upper, 0 if row.measure == "contacts" else 2)


def _limit(figures: Figures, row: SignalRow, limit: float | None) -> str:
    return NONE if limit is None else figures.language.number(limit, 0 if row.measure == "contacts" else 2)


def _groups(figures: Figures, rows: list[SignalRow]) -> list[tuple[str, str]]:
    _ = figures.language.gettext
    told = {row.touchpoint for row in rows if row.beyond_chance}
    calm = {row.touchpoint for row in rows if row.unknown is None} - told
    short = {row.touchpoint for row in rows if row.unknown == "short"} - told - calm
    few = {row.touchpoint for row in rows if row.unknown == "few"} - told - calm - short
    more = sum(row.beyond_chance for row in rows) - MOST_SIGNALS
    noise = _("%s: within what chance explains. Nothing to do here.") % _names(figures, calm) if calm else ""
    few_text = _("%(names)s: below %(contacts)s contacts or %(answers)s answers a week.") % {
        "names": _names(figures, few),
        "contacts": SMALLEST_CELL,
        "answers": FEW,
    }
    short_text = _("%(names)s: below %(weeks)s complete weeks.") % {"names": _names(figures, short), "weeks": ENOUGH}
    groups = [
        (_("Further signals"), _("%s more in the table.") % figures.language.number(more) if more > 0 else ""),
        (_("Only noise"), noise),
        (_("Too short a series"), short_text if short else ""),
        (_("Too few a week"), few_text if few else ""),
    ]
    return [(title, text) for title, text in groups if text]


def _names(figures: Figures, keys: set[str]) -> str:
    return some_names(figures, [point.name for key, point in figures.points.items() if key in keys])


def _table(figures: Figures, rows: list[SignalRow]) -> tables.Table:
    _ = figures.language.gettext
    columns = [tables.Column(_("Touchpoint"), False), tables.Column(_("Measure"), False)]
    columns += [tables.Column(_("Verdict"), False), tables.Column(_("Weeks")), tables.Column(_("Week of"), False)]
    columns += [tables.Column(_("latest")), tables.Column(_("before"))]
    columns += [tables.Column(_("Lower limit")), tables.Column(_("Upper limit"))]
    measures = {"contacts": _("Contacts a week"), "satisfaction": _("Satisfaction")}
    cells = [
        [
            figures.name(row.touchpoint),
            measures[row.measure],
            _words(figures)[_kind(figures, row)],
            figures.language.number(row.weeks),
            NONE if row.week is None else _day(figures, row),
            _value(figures, row, row.latest),
            _value(figures, row, row.centre),
            *(_limit(figures, row, limit) for limit in (row.lower, row.upper)),
        ]
        for row in rows
    ]
    return tables.table(figures, _("Weekly series"), columns, cells, len(figures.analysis.signals) - len(rows))
