"""What a section is, and the first ones: the figures of the company as a whole, and what was read."""

from dataclasses import dataclass, field

from tangente.analysis.model import Effort, NetPromoter, Source
from tangente.method.reporting import FEW
from tangente.report import tables
from tangente.report.figures import NONE, Figures
from tangente.report.pictures import Picture

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
        note = _("%s per customer") % number(contacts.held / contacts.customers, 1)
        found.append(Figure(_("Contacts"), number(contacts.held), "", note))
    if overall.nps and overall.nps.value is not None:
        found.append(_nps(figures, overall.nps, overall.nps.value))
    if overall.satisfaction and overall.satisfaction.mean is not None:
        mean = overall.satisfaction
        value, *interval = figures.estimate(mean).split(" ", 1)
        scale = (
            ""
            if mean.scale_low is None or mean.scale_high is None
            else _scale(figures, mean.scale_low, mean.scale_high)
        )
        note = f"n = {number(mean.n)}"
        if overall.top_two_box and overall.top_two_box.share is not None:
            best = figures.language.percent(overall.top_two_box.share)
            note = _("%(share)s chose one of the two best points, n = %(n)s") % {"share": best, "n": number(mean.n)}
        found.append(Figure(_("Satisfaction") + scale, value, "".join(interval), note))
    if overall.effort and overall.effort.mean.mean is not None:
        found.append(_effort(figures, overall.effort))
    for label, share in (
        (_("Came by recommendation"), overall.recommendation),
        (_("With %s") % figures.outcome(outcome) if outcome else "", outcome.customers if outcome else None),
    ):
        if share and share.share is not None and share.n >= FEW:
            value, *interval = figures.language.percent_estimate(share.share, share.low, share.high).split(" [", 1)
            text = _("%(k)s of %(n)s") % {"k": figures.count(share.k), "n": number(share.n)}
            found.append(Figure(label, value, "".join(f"[{part}" for part in interval), text))
    return found


def _scale(figures: Figures, low: float, high: float) -> str:
    return f" ({figures.language.number(min(low, high))}–{figures.language.number(max(low, high))})"


def _effort(figures: Figures, effort: Effort) -> Figure:
    language = figures.language
    value, *interval = figures.estimate(effort.mean).split(" ", 1)
    text = language.gettext("%(share)s had high effort, n = %(n)s") % {
        "share": language.percent(effort.high_effort.share or 0),
        "n": language.number(effort.mean.n),
    }
    label = (
        language.gettext("Effort (1–5, low is good)")
        if effort.version == "v1"
        else language.gettext("Made it easy (1–7, high is good)")
    )
    return Figure(label, value, "".join(interval), text)


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

    changed = [row(_("of them changed"), "changed")] if any(source.changed for source in sources) else []
    held = [row(_("in the log"), "held")] if any(source.held != source.accepted for source in sources) else []
    rows = [
        row(_("Rows"), "rows"), row(_("accepted"), "accepted"), row(_("of them new"), "new"), row(_("of them known"), "known"), *changed,
        row(_("refused"), "rejected"), *held, ReadRow(_("same time as another"), [number(source.ties) if name == _("Contacts") else NONE for name, source in tables_read]), row(_("Customers"), "customers"),
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
    contacts = figures.analysis.source.contacts
    if contacts and contacts.ties:
        feet.append(_("Where times are equal, the sequence column decides, else the position in the file."))
    unknown = figures.analysis.unknown_touchpoints
    if unknown:
        text = figures.language.ngettext(
            "%(count)s name is missing in the inventory: %(names)s.",
            "%(count)s names are missing in the inventory: %(names)s.",
            len(unknown),
        )
        feet.append(text % {"count": figures.language.number(len(unknown)), "names": some_names(figures, unknown)})
    return feet + figures.analysis.source.warnings


def some_names(figures: Figures, names: list[str]) -> str:
    """The first eight names; how many more there are."""
    if len(names) <= MOST_NAMES:
        return figures.language.listing(names)
    more = figures.language.gettext("%s more") % figures.language.number(len(names) - MOST_NAMES)
    return figures.language.listing([*names[:MOST_NAMES], more])
