"""The tables behind the sections on outcomes: attribution, hazard, funnel."""

from tangente.analysis.model import AttributionRow, FunnelRow
from tangente.analysis.outcome_reasons import people_share
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.report.figures import NONE, Figures
from tangente.report.tables import Column, Table, table


def shown(rows: list[AttributionRow]) -> list[AttributionRow]:
    """Those that a page may show: with a share, and nobody recognisable among the customers behind it."""
    return [row for row in rows if row.share is not None and row.paths >= SMALLEST_CELL and not _few(row.conversions)]


def _few(people: int | None) -> bool:
    """So few that they could be recognised; nobody is nobody."""
    return people is not None and 0 < people < SMALLEST_CELL


def attribution_table(figures: Figures) -> Table:
    """Every outcome, every touchpoint, beside the removal effect what the simple rules would give."""
    _ = figures.language.gettext
    columns = [
        Column(_("Touchpoint"), False),
        Column(_("Outcome"), False),
        Column(_("With contact")),
        Column(_("With contact and outcome")),
    ]
    columns += [Column(_("Share of all with the outcome")), Column(_("Removal effect")), Column(_("Part"))]
    columns += [Column("Shapley"), Column(_("First")), Column(_("Last")), Column(_("Linear")), Column(_("Position"))]
    every = {name: rows for name, rows in figures.analysis.attribution.items() if rows}
    said = [row for rows in every.values() for row in rows if row.share is not None]
    rows = shown(said)
    hidden = (
        len(said) - len(rows) + sum(_few(row.paths - row.conversions) or _few(row.of - row.conversions) for row in rows)
    )
    made = table(
        figures, _("What outcomes owe to touchpoints"), columns, [_cells(figures, row) for row in rows], hidden
    )
    few = [figures.outcome_name(name) for name, rows in every.items() if rows[0].share is None]
    if few:
        text = _("Left out, because fewer than %(few)s customers had it: %(names)s.")
        made.feet.append(text % {"few": FEW, "names": figures.language.listing(few)})
    return made


def _cells(figures: Figures, row: AttributionRow) -> list[str]:
    number, percent = figures.language.number, figures.language.percent
    first, last = (None if share is None else round(share * row.of) for share in (row.first, row.last))
    return [
        figures.name(row.touchpoint),
        figures.outcome_name(row.outcome),
        NONE if _few(row.paths - row.conversions) else number(row.paths),  # else the rest could be subtracted
        NONE if _few(row.of - row.conversions) else number(row.conversions),
        people_share(row.conversions, row.of, figures.language),
        percent(row.removal_effect or 0),
        figures.language.percent_estimate(row.share or 0, row.low, row.high),
        NONE if row.shapley is None else percent(row.shapley),
        *(NONE if people is None else people_share(people, row.of, figures.language) for people in (first, last)),
        *(NONE if share is None else percent(share) for share in (row.linear, row.position)),
    ]


def hazard_table(figures: Figures) -> Table:
    """Every event, also those of which too few left to say anything."""
    _ = figures.language.gettext
    columns = [Column(_("After"), False), Column(_("Customers")), Column(_("Days")), Column(_("Exits"))]
    columns += [Column(_("Factor")), Column(_("Verdict"), False)]
    kept = [row for row in figures.analysis.hazard if row.customers >= SMALLEST_CELL]
    rows = [
        [
            figures.event(row),
            figures.language.number(row.customers),
            figures.language.number(row.person_days),
            figures.count(row.exits),
            figures.ratio_estimate(row.hazard_ratio, row.low, row.high, row.unknown),
            figures.hazard_verdict(row),
        ]
        for row in kept
    ]
    return table(figures, _("Exits after a contact"), columns, rows, len(figures.analysis.hazard) - len(kept))


def funnel_table(figures: Figures) -> Table:
    """Phase by phase."""
    _ = figures.language.gettext
    columns = [Column(_("Phase"), False), Column(_("Customers")), Column(_("seen long enough")), Column(_("went on"))]
    columns += [Column(_("Share")), Column(_("of all who began")), Column(_("Wait: median")), Column(_("90% within"))]
    rows = [_funnel_cells(figures, row) for row in figures.analysis.funnel]
    hidden = sum(_few(row.customers) or _few(row.went_on) or _few(row.dropped) for row in figures.analysis.funnel)
    return table(figures, _("Funnel over the phases"), columns, rows, hidden)


def _funnel_cells(figures: Figures, row: FunnelRow) -> list[str]:
    followed = NONE if row.followed is None or _few(row.dropped) else figures.count(row.followed)
    return [
        figures.phase_name(row.phase),
        figures.count(row.customers),
        followed,
        NONE if row.went_on is None or _few(row.dropped) else figures.count(row.went_on),
        figures.funnel_share(row) or NONE,
        figures.arrived_share(row) or NONE,
        NONE if row.median_wait_s is None else figures.wait(row.median_wait_s),
        NONE if row.p90_wait_s is None else figures.wait(row.p90_wait_s),
    ]
