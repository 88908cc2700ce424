"""The tables behind the pictures: at most fifty rows, cells below five people hidden, the rest counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tangente.analysis.model import Analysis, Change, HandoverRow, Touchpoint
from tangente.analysis.reasons import is_small, ranked
from tangente.method.reporting import SMALLEST_CELL
from tangente.report.figures import NONE, Figures
from tangente.translation import Figure

MOST_ROWS = 50


@dataclass(frozen=True)
class Column:
    head: str
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    """Texts ready to be set; `columns[0]` heads its row. `feet` are the sentences below."""

    title: str
    columns: list[Column]
    rows: list[list[str]]
    feet: list[str] = field(default_factory=list)


def ranking_table(figures: Figures) -> Table:
    _ = figures.language.gettext
    points = ranked(figures.analysis)
    rest = [point for point in figures.analysis.touchpoints if point.priority is None]
    columns = [Column(_("Touchpoint"), False), Column(_("Rank")), Column(_("Score")), Column(_("stable"))]
    columns += [Column(_("Reach")), Column(_("Per contact")), Column(_("recur in 7 days")), Column(_("Satisfaction"))]
    columns += [Column("n"), Column(_("Importance")), Column(_("Way to purchases")), Column(_("to repurchases"))]
    columns += [Column(_("to referrals")), Column(_("Exits, factor")), Column(_("Exits"))]
    rows = [
        [
            point.name,
            NONE if point.priority is None else figures.language.number(point.priority.rank),
            NONE if point.priority is None else figures.language.number(point.priority.score, 2),
            figures.stability(point),
            figures.reach(point),
            figures.unit_cost(point),
            figures.repeats(point),
            figures.estimate(point.satisfaction),
            figures.answers(point.satisfaction),
            figures.importance(point),
            *figures.outcomes(point),
        ]
        for point in [*points, *rest]
    ]
    return table(figures, _("All touchpoints by priority"), columns, rows, _small_points(figures.analysis.touchpoints))


def importance_table(figures: Figures) -> Table:
    _ = figures.language.gettext
    columns = [Column(_("Touchpoint"), False), Column(_("Importance")), Column(_("Satisfaction")), Column("n")]
    columns += [Column(_("Field"), False), Column(_("sure in"))]
    points = sorted(
        (point for point in figures.analysis.touchpoints if point.importance),
        key=lambda point: -(point.importance.share if point.importance else 0),
    )
    rows = [
        [
            point.name,
            figures.importance_estimate(point),
            figures.estimate(point.satisfaction),
            figures.answers(point.satisfaction),
            figures.quadrant(point),
            figures.quadrant_share(point),
        ]
        for point in points
    ]
    return table(figures, _("Importance and performance"), columns, rows, 0)


def pair_table(figures: Figures) -> Table:
    """How many answer sheets stand behind each correlation, the fewest first."""
    _ = figures.language.gettext
    columns = [Column(_("Touchpoint"), False), Column(_("with"), False), Column(_("Answer sheets"))]
    pairs = figures.analysis.drivers.pairs if figures.analysis.drivers else []
    rows = [
        [
            figures.name(pair.one),
            figures.name(pair.other) if pair.other else _("the company as a whole"),
            figures.language.number(pair.sheets),
        ]
        for pair in pairs
    ]
    return table(figures, _("Answer sheets behind each pair"), columns, rows, 0)


def cost_table(figures: Figures) -> Table:
    _ = figures.language.gettext
    columns = [Column(_("Touchpoint"), False), Column(_("Contacts")), Column(_("Per contact")), Column(_("Cost"))]
    columns += [Column(_("so far")), Column(_("Importance"))]
    rows, small = [], 0
    for row in figures.analysis.cost:
        point = figures.points[row.touchpoint]
        is_hidden = is_small(point)
        small += is_hidden
        rows.append(
            [
                point.name,
                figures.contacts(point),
                figures.unit_cost(point),
                figures.cost(point),
                NONE if row.cumulative_share is None or is_hidden else figures.language.percent(row.cumulative_share),
                figures.importance(point),
            ]
        )
    return table(figures, _("Cost by touchpoint"), columns, rows, small)


def relevance_table(figures: Figures) -> Table:
    """Where cost exceeds importance most comes first."""
    _ = figures.language.gettext
    columns = [Column(_("Touchpoint"), False), Column(_("Share of the cost")), Column(_("Share of the importance"))]
    total = sum(row.cost for row in figures.analysis.cost if row.cost is not None)
    shares = [
        (point.cost / total, point.importance.share, point)
        for point in figures.analysis.touchpoints
        if total and point.cost is not None and point.importance and not is_small(point)
    ]
    shares.sort(key=lambda item: item[1] - item[0])
    percent = figures.language.percent
    rows = [[point.name, percent(cost), percent(importance)] for cost, importance, point in shares]
    return table(figures, _("Cost and importance"), columns, rows, 0)


def flow_table(figures: Figures, letters: dict[str, str]) -> Table:
    """Transitions, the most frequent first; those fewer than five people took are left out."""
    _ = figures.language.gettext
    columns = [Column(_("From"), False), Column(_("To"), False), Column(_("Contacts")), Column(_("Customers"))]
    columns += [Column(_("Wait: median")), Column(_("90% within"))]
    shown = [row for row in figures.analysis.flow if row.customers >= SMALLEST_CELL]
    shown.sort(key=lambda row: (-row.contacts, row.source, row.target))

    def named(key: str) -> str:
        return f"{letters[key]} {figures.name(key)}" if key in letters else figures.name(key)

    rows = [
        [
            named(row.source),
            named(row.target),
            figures.language.number(row.contacts),
            figures.language.number(row.customers),
            figures.wait(row.median_wait_s),
            figures.wait(row.p90_wait_s),
        ]
        for row in shown
    ]
    hidden = len(figures.analysis.flow) - len(shown)
    return table(figures, _("Transitions"), columns, rows, hidden)


def handover_table(figures: Figures) -> Table:
    _ = figures.language.gettext
    columns = [Column(_("From"), False), Column(_("To"), False), Column(_("Contacts")), Column(_("Customers"))]
    columns += [Column(_("Wait: median")), Column(_("90% within"))]
    shown = handovers_by_waiting(figures.analysis)
    rows = [
        [
            row.source,
            row.target,
            figures.language.number(row.contacts),
            figures.language.number(row.customers),
            figures.wait(row.median_wait_s),
            figures.wait(row.p90_wait_s),
        ]
        for row in shown
    ]
    hidden = len(figures.analysis.handovers) - len(shown)
    return table(figures, _("Handovers between departments"), columns, rows, hidden)


def handovers_by_waiting(analysis: Analysis) -> list[HandoverRow]:
    """Where most waiting adds up first; those of fewer than five customers are left out."""
    shown = [row for row in analysis.handovers if row.customers >= SMALLEST_CELL]
    return sorted(shown, key=lambda row: (-row.contacts * row.median_wait_s, row.source, row.target))


def change_table(figures: Figures, changes: Iterable[Change]) -> Table:
    _ = figures.language.gettext
    columns = [Column(_("Touchpoint"), False), Column(_("Verdict"), False), Column(_("before")), Column(_("now"))]
    columns += [Column(_("Difference")), Column(_("Rank before")), Column(_("Rank now"))]
    words = change_words(figures)
    rows = [
        [
            change.name,
            words.get(change.kind, change.kind),
            figures.estimate(change.before),
            figures.estimate(change.after),
            difference(figures, change) or NONE,
            _rank(figures, change.rank_before),
            _rank(figures, change.rank_after),
        ]
        for change in changes
    ]
    return table(figures, _("Compared with the earlier report"), columns, rows, 0)


def change_words(figures: Figures) -> dict[str, str]:
    _ = figures.language.gettext
    return {
        "better": _("better"), "worse": _("worse"), "noise": _("noise"),
        "new": _("new"), "vanished": _("vanished"), "too_few": _("too few"),
    }  # fmt: skip


def difference(figures: Figures, change: Change) -> str:
    """+0,6 [0,3–0,9]."""
    if change.difference is None or change.low is None or change.high is None:
        return ""
    digits = figures.digits
    signed = figures.language.signed(change.difference, digits)
    text = f"{signed} {figures.language.interval(change.low, change.high, digits)}"
    return Figure(text, change.difference, change.low, change.high)


def _rank(figures: Figures, rank: int | None) -> str:
    return NONE if rank is None else figures.language.number(rank)


def _small_points(points: Sequence[Touchpoint]) -> int:
    return sum(is_small(point) for point in points)


def table(figures: Figures, title: str, columns: list[Column], rows: list[list[str]], hidden: int) -> Table:
    """Cut at fifty rows and without columns that say nothing at all; what is not shown is counted."""
    language = figures.language
    feet = []
    if len(rows) > MOST_ROWS:
        text = (
            language.gettext("%(shown)s of %(all)s rows; all of them are in the folder tables.")
            if figures.in_folder
            else language.gettext("%(shown)s of %(all)s rows.")
        )
        feet.append(text % {"shown": MOST_ROWS, "all": language.number(len(rows))})
    if hidden:
        text = language.ngettext(
            "So that nobody can be recognised, %s row with fewer than five customers is hidden or shortened.",
            "So that nobody can be recognised, %s rows with fewer than five customers are hidden or shortened.",
            hidden,
        )
        feet.append(text % language.number(hidden))
    said = [index for index in range(len(columns)) if any(row[index] != NONE for row in rows)]
    rows = [[row[index] for index in said] for row in rows[:MOST_ROWS]]
    return Table(title, [columns[index] for index in said], rows, feet)
