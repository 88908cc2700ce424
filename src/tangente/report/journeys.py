"""What the sections on the way of the customers say: flow, whole paths, handovers."""

from dataclasses import dataclass
from itertools import groupby

from tangente.analysis.model import HandoverRow, VariantRow
from tangente.charts.flow_choice import Choice, letter
from tangente.charts.whisker import NAMED_WAITS, wait_head, wait_whisker
from tangente.method.reporting import SMALLEST_CELL
from tangente.report import tables
from tangente.report.figures import Figures
from tangente.report.pictures import flow_picture
from tangente.report.sections import Section
from tangente.report.touchpoints import hidden_sentence

MOST_PATHS, MOST_STEPS, MOST_HANDOVERS = 6, 24, 8


@dataclass(frozen=True)
class Step:
    """One box of a strip: its letter, how often in a row, whether it returns to an earlier touchpoint."""

    letter: str
    times: int
    name: str
    is_back: bool


@dataclass(frozen=True)
class PathRow:
    steps: list[Step]
    more: str
    customers: str
    share: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class PathSection(Section):
    rows: list[PathRow]
    letters: list[tuple[str, str]]
    outcome: str


def letters_of(figures: Figures, choice: Choice | None) -> dict[str, str]:
    """Letters as in the picture; touchpoints that only whole paths name follow."""
    keys = [node.key for node in choice.nodes] if choice else []
    for row in _shown_variants(figures):
        keys += [key for key in row.path[:MOST_STEPS] if key not in keys]
    return {key: letter(index) for index, key in enumerate(dict.fromkeys(keys))}


def flow_section(figures: Figures, choice: Choice | None, letters: dict[str, str]) -> Section:
    _ = figures.language.gettext
    if not choice or not choice.edges:
        return Section(key="flow", title=_("Lived paths"), contents=_("Lived paths"), missing=_missing_flow(figures))
    text = _(
        "%(nodes)s of %(all_nodes)s touchpoints and %(edges)s of %(all_edges)s transitions are drawn; they carry %(share)s of all transitions."
    )
    number = figures.language.number
    note = text % {
        "nodes": number(len(choice.nodes)),
        "all_nodes": number(len(figures.analysis.touchpoints)),
        "edges": number(len(choice.edges) + len(choice.loops)),
        "all_edges": number(choice.transitions),
        "share": figures.language.percent(choice.share),
    }
    return Section(
        key="flow",
        title=_("Lived paths"),
        contents=_("Lived paths"),
        note=note,
        picture=flow_picture(choice, figures),
        table=tables.flow_table(figures, letters),
    )


def path_section(figures: Figures, letters: dict[str, str]) -> PathSection:
    _ = figures.language.gettext
    shown = _shown_variants(figures)
    everyone = _everyone(figures)
    rows = [_path_row(figures, row, letters, everyone) for row in shown]
    outcome = figures.analysis.outcome
    return PathSection(
        key="paths",
        title=_("The most frequent whole paths"),
        contents=_("Whole paths"),
        note=_("From the first contact to the last, in their order; dashed: back to an earlier touchpoint.")
        if shown
        else "",
        missing="" if shown else _missing_paths(figures),
        rows=rows,
        letters=[(mark, figures.name(key)) for key, mark in letters.items()] if shown else [],
        outcome=figures.language.gettext("of them: %s") % figures.outcome(outcome) if outcome else "",
        table=_path_table(figures, everyone) if shown else None,
        feet=[_shown_sentence(figures, shown, everyone)] if shown else [],
    )


def _shown_sentence(figures: Figures, shown: list[VariantRow], everyone: int) -> str:
    text = figures.language.gettext("%(shown)s of %(all)s paths, together %(share)s of %(customers)s customers.")
    return text % {
        "shown": figures.language.number(len(shown)),
        "all": figures.language.number(figures.analysis.variants_total),
        "share": figures.language.percent(sum(row.customers for row in shown) / everyone),
        "customers": figures.language.number(everyone),
    }


def _missing_flow(figures: Figures) -> str:
    if figures.analysis.flow:
        return hidden_sentence(figures)
    if figures.analysis.variants:
        return figures.language.gettext("No customer has more than one contact, so no way leads from one to the next.")
    return _missing_paths(figures)


def _missing_paths(figures: Figures) -> str:
    if not figures.analysis.variants:
        return figures.language.gettext("Paths need contacts: who was where and when. Give them with --contacts.")
    return figures.language.gettext("No path was taken by five customers or more.")


def _shown_variants(figures: Figures) -> list[VariantRow]:
    return [row for row in figures.analysis.variants[:MOST_PATHS] if row.customers >= SMALLEST_CELL]


def _everyone(figures: Figures) -> int:
    contacts = figures.analysis.source.contacts
    if contacts:
        return contacts.customers
    return sum(row.customers for row in figures.analysis.variants) + figures.analysis.variants_rest_customers


def _path_row(figures: Figures, row: VariantRow, letters: dict[str, str], everyone: int) -> PathRow:
    steps, seen = [], set()
    for key, run in groupby(row.path[:MOST_STEPS]):
        steps.append(Step(letters[key], len(list(run)), figures.name(key), key in seen))
        seen.add(key)
    rest = len(row.path) - MOST_STEPS
    outcome = "" if row.outcome_customers is None else figures.language.percent(row.outcome_customers / row.customers)
    return PathRow(
        steps=steps,
        more=figures.language.gettext("and %s more") % figures.language.number(rest) if rest > 0 else "",
        customers=figures.language.number(row.customers),
        share=figures.language.percent(row.customers / everyone),
        outcome=outcome,
    )


def _path_table(figures: Figures, everyone: int) -> tables.Table:
    _ = figures.language.gettext
    columns = [tables.Column(_("Path"), False), tables.Column(_("Customers")), tables.Column(_("Share"))]
    shown = [row for row in figures.analysis.variants if row.customers >= SMALLEST_CELL]
    rows = [
        [
            " → ".join(figures.name(key) for key in row.path[:MOST_STEPS])
            + (" …" if len(row.path) > MOST_STEPS else ""),
            figures.language.number(row.customers),
            figures.language.percent(row.customers / everyone),
        ]
        for row in shown
    ]
    return tables.table(figures, _("Whole paths"), columns, rows, len(figures.analysis.variants) - len(shown))


@dataclass(frozen=True)
class HandoverItem:
    source: str
    target: str
    contacts: str
    whisker: str
    median: str
    p90: str


@dataclass(frozen=True, kw_only=True)
class HandoverSection(Section):
    items: list[HandoverItem]
    head: str


def handover_section(figures: Figures) -> HandoverSection:
    """The handovers at which most waiting adds up."""
    _ = figures.language.gettext
    rows = tables.handovers_by_waiting(figures.analysis)
    ticks = [figures.wait(seconds) for seconds in NAMED_WAITS]
    return HandoverSection(
        key="handovers",
        title=_("Where the chain breaks"),
        contents=_("Where the chain breaks"),
        note=_(
            "From one department to the next: where most waiting adds up comes first. Dot: median wait; line: up to nine of ten."
        )
        if rows
        else "",
        missing="" if rows else _missing_handovers(figures),
        table=tables.handover_table(figures) if rows else None,
        items=[_handover_item(figures, row) for row in rows[:MOST_HANDOVERS]],
        head=wait_head(ticks),
    )


def _missing_handovers(figures: Figures) -> str:
    analysis, _ = figures.analysis, figures.language.gettext
    if analysis.handovers:
        return hidden_sentence(figures)
    if analysis.source.contacts is None or any(one.code == "no_units" for one in analysis.unsaid):
        return _("Handovers need to know which department a contact belongs to: map the column unit.")
    return _("No customer passed from one department to another.")


def _handover_item(figures: Figures, row: HandoverRow) -> HandoverItem:
    median, p90 = figures.wait(row.median_wait_s), figures.wait(row.p90_wait_s)
    label = figures.language.gettext("median %(median)s, nine of ten within %(p90)s") % {"median": median, "p90": p90}
    return HandoverItem(
        source=row.source,
        target=row.target,
        contacts=figures.language.number(row.contacts),
        whisker=wait_whisker(row.median_wait_s, row.p90_wait_s, label),
        median=median,
        p90=p90,
    )
