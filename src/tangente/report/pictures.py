"""The pictures of a report, each drawn for a wide page and for a phone."""

from collections import Counter
from dataclasses import dataclass

from tangente.analysis.model import Analysis, FunnelRow
from tangente.analysis.reasons import KEY_TOUCHPOINTS, is_small, key_touchpoints
from tangente.charts.drawing import Drawing
from tangente.charts.flow import flow
from tangente.charts.flow_choice import Choice, Edge, Node, choose
from tangente.charts.flow_narrow import flow_narrow
from tangente.charts.funnel import FunnelBar, funnel
from tangente.charts.importance import importance_performance
from tangente.charts.pareto import CostBar, cost_pareto
from tangente.charts.relevance import cost_relevance
from tangente.charts.scatter import Point
from tangente.method.reporting import SMALLEST_CELL
from tangente.report.figures import Figures

WIDE, COLUMN, PHONE, PAGE = 653, 470, 358, 1136
CERTAIN = 0.8  # of the resamples: a point below is drawn hollow


@dataclass(frozen=True)
class Picture:
    name: str
    wide: Drawing
    narrow: Drawing


def importance_picture(figures: Figures) -> Picture | None:
    points = [
        Point(
            name=point.name,
            x=point.satisfaction.mean,
            x_low=point.satisfaction.low,
            x_high=point.satisfaction.high,
            y=point.importance.share,
            is_key=_is_key(figures.analysis, point.touchpoint),
            is_open=point.quadrant_share is not None and point.quadrant_share < CERTAIN,
            tooltip=f"{point.name}: {figures.estimate(point.satisfaction)}, {figures.importance(point)}",
        )
        for point in figures.analysis.touchpoints
        if point.importance and point.satisfaction and point.satisfaction.mean is not None
    ]
    if not points:
        return None
    points.sort(key=lambda point: -point.y)
    wide, narrow = (_importance(figures, points, width) for width in (WIDE, PHONE))
    return Picture("importance_performance", wide, narrow)


def _importance(figures: Figures, points: list[Point], width: int) -> Drawing:
    crosshair = figures.analysis.crosshair
    return importance_performance(
        points,
        (crosshair.performance, crosshair.importance) if crosshair else None,
        figures.language,
        width,
        scale=scale_text(figures),
        counts_down=counts_down(figures.analysis),
    )


def scale_text(figures: Figures) -> str:
    """0–10; said where less is better, as with school grades."""
    means = [p.satisfaction for p in figures.analysis.touchpoints if p.satisfaction]
    ends = [end for mean in means for end in (mean.scale_low, mean.scale_high) if end is not None]
    if not ends:
        return ""
    text = f"{figures.language.number(min(ends))}–{figures.language.number(max(ends))}"
    return figures.language.gettext("%s (less is better)") % text if counts_down(figures.analysis) else text


def counts_down(analysis: Analysis) -> bool:
    """Whether the scale's better end is its smaller number."""
    means = [p.satisfaction for p in analysis.touchpoints if p.satisfaction]
    return any(m.scale_low is not None and m.scale_high is not None and m.scale_low > m.scale_high for m in means)


def cost_picture(figures: Figures) -> Picture | None:
    bars = []
    for row in figures.analysis.cost:
        point = figures.points[row.touchpoint]
        if row.cost and row.unit_cost is not None and row.cumulative_share is not None and not is_small(point):
            detail = f"{figures.contacts(point)} × {figures.unit_cost(point)}"
            bars.append(CostBar(name=point.name, detail=detail, cost=row.cost, cumulative_share=row.cumulative_share))
    if not bars:
        return None
    unit, divisor = cost_unit(figures, bars[0].cost)
    return Picture(
        "cost",
        cost_pareto(bars, unit, divisor, figures.language, COLUMN),
        cost_pareto(bars, unit, divisor, figures.language, PHONE),
    )


def cost_unit(figures: Figures, largest: float) -> tuple[str, float]:
    symbol = figures.language.currency(figures.analysis.currency)
    _ = figures.language.gettext
    if largest >= 1e7:
        return _("million %s") % symbol, 1e6
    return (_("thousand %s") % symbol, 1e3) if largest >= 1e4 else (symbol, 1.0)


def relevance_picture(figures: Figures) -> Picture | None:
    total = sum(row.cost for row in figures.analysis.cost if row.cost is not None)
    points = [
        Point(
            name=point.name,
            x=point.importance.share,
            y=point.cost / total,
            is_key=_is_key(figures.analysis, point.touchpoint),
            tooltip=f"{point.name}: {figures.cost(point)}, {figures.importance(point)}",
        )
        for point in figures.analysis.touchpoints
        if total and point.importance and point.cost is not None and not is_small(point)
    ]
    if len(points) < 2:
        return None
    points.sort(key=lambda point: -max(point.x, point.y))
    return Picture(
        "cost_relevance",
        cost_relevance(points, figures.language, WIDE),
        cost_relevance(points, figures.language, PHONE),
    )


def funnel_picture(figures: Figures) -> Picture | None:
    rows = figures.analysis.funnel
    if not rows:
        return None
    bars = [
        FunnelBar(
            name=figures.phase_name(row.phase),
            customers=0 if row.customers < SMALLEST_CELL else row.customers,
            count=_customers(figures, row),
            passage=_passage(figures, row),
        )
        for row in rows
    ]
    return Picture("funnel", funnel(bars, figures.language, COLUMN), funnel(bars, figures.language, PHONE))


def _customers(figures: Figures, row: FunnelRow) -> str:
    """The number; the first says what it is of."""
    text = figures.count(row.customers)
    if row.step > 1:
        return text
    return figures.language.ngettext("%s customer", "%s customers", row.customers) % text


def _passage(figures: Figures, row: FunnelRow) -> str:
    """90 % [88–91] go on, wait 2.6 d; nothing before the first phase."""
    _ = figures.language.gettext
    if row.went_on is None:
        return ""
    share = figures.funnel_share(row)
    if not share and row.dropped and row.dropped < SMALLEST_CELL:
        return _("hardly anybody stays behind")
    if not share and row.share is not None:
        return _("hidden, so that nobody who goes on can be recognised")
    if not share:
        return _("too few to say who goes on")
    if row.median_wait_s is None:
        return _("%s go on") % share
    return _("%(share)s go on, wait %(wait)s") % {"share": share, "wait": figures.wait(row.median_wait_s)}


def flow_choice(figures: Figures) -> Choice | None:
    """Which touchpoints and transitions the flow picture shows; None where there is nothing to connect."""
    nodes = _nodes(figures)
    edges = [
        Edge(
            source=row.source,
            target=row.target,
            contacts=row.contacts,
            customers=row.customers,
            median_wait_s=row.median_wait_s,
        )
        for row in figures.analysis.flow
    ]
    return choose(nodes, edges) if len(nodes) > 1 and edges else None


def _nodes(figures: Figures) -> list[Node]:
    """Beginnings and endings follow from the contacts no transition leads to or from."""
    arrived: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for row in figures.analysis.flow:
        arrived[row.target] += row.contacts
        left[row.source] += row.contacts
    points = figures.analysis.touchpoints
    has_departments = any(point.department for point in points)
    return [
        Node(
            key=point.touchpoint,
            name=point.name,
            order=point.order,
            contacts=point.contacts,
            starts=point.contacts - arrived[point.touchpoint],
            ends=point.contacts - left[point.touchpoint],
            lane=point.department if has_departments else figures.phase(point) or None,
        )
        for point in points
        if point.contacts and not is_small(point)
    ]


def flow_picture(choice: Choice, figures: Figures) -> Picture:
    return Picture("flow", flow(choice, figures.language, PAGE), flow_narrow(choice, figures.language, PHONE))


def _is_key(analysis: Analysis, key: str) -> bool:
    return any(point.touchpoint == key for point in key_touchpoints(analysis)[:KEY_TOUCHPOINTS])
