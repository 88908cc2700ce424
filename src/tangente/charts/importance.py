"""Importance against performance: what counts, and how well it is done (M4)."""

from collections.abc import Sequence

from tangente.charts.drawing import Drawing
from tangente.charts.labels import Box, text_width
from tangente.charts.scatter import Frame, Point, draw_axes, draw_corner, draw_points, frame
from tangente.translation import Language

MOST_LABELS = {True: 12, False: 30}  # by narrow


def importance_performance(
    points: Sequence[Point],
    crosshair: tuple[float, float] | None,
    language: Language,
    width: float,
    *,
    scale: str,
    counts_down: bool = False,
) -> Drawing:
    """x = performance, better to the right; y = importance (0 to 1); the crosshair, (performance, importance), quarters."""
    _ = language.gettext
    is_narrow = width < 480
    drawing = Drawing(
        width,
        400 if is_narrow else 470,
        identity=f"importance-{width:.0f}",
        title=_("Importance against performance of %s touchpoints") % language.number(len(points)),
        description=_("Each point is a touchpoint: to the right judged better, further up more important."),
    )
    x_domain = _performance_domain(points, crosshair)
    plane = frame(
        width, drawing.height, x_domain[::-1] if counts_down else x_domain, _importance_domain(points, crosshair)
    )
    if crosshair:
        _draw_window(drawing, plane, crosshair)
    y_title = _("Importance: share of the overall judgement in %")
    draw_axes(drawing, plane, language, _("Performance: judgement of the customers, %s") % scale, y_title)
    if crosshair:
        _draw_crosshair(drawing, plane, points, crosshair, language)
    draw_points(drawing, plane, points, MOST_LABELS[is_narrow])
    return drawing


def _performance_domain(points: Sequence[Point], crosshair: tuple[float, float] | None) -> tuple[float, float]:
    """From the lowest to the highest mean with a margin; long whiskers are clipped, they must not squeeze the points."""
    values = [point.x for point in points] + ([crosshair[0]] if crosshair else [])
    margin = max(0.12 * (max(values) - min(values)), 0.02 * abs(max(values)), 0.05)
    return min(values) - margin, max(values) + margin


def _importance_domain(points: Sequence[Point], crosshair: tuple[float, float] | None) -> tuple[float, float]:
    highest = max([point.y for point in points] + ([crosshair[1]] if crosshair else []))
    return 0.0, 1.12 * max(highest, 0.01)


def _draw_window(drawing: Drawing, plane: Frame, crosshair: tuple[float, float]) -> None:
    """Wash behind the quadrant to work on first."""
    box, x, y = plane.box, plane.x(crosshair[0]), plane.y(crosshair[1])
    drawing.rect(box.left, box.top, x - box.left, y - box.top, "wash")


def _draw_crosshair(
    drawing: Drawing, plane: Frame, points: Sequence[Point], crosshair: tuple[float, float], language: Language
) -> None:
    box, x, y = plane.box, plane.x(crosshair[0]), plane.y(crosshair[1])
    drawing.line(x, box.top, x, box.bottom, "line-2", stroke_dasharray="3 3")
    drawing.line(box.left, y, box.right, y, "line-2", stroke_dasharray="3 3")
    plane.soft.extend([Box(x - 1, box.top, x + 1, box.bottom), Box(box.left, y - 1, box.right, y + 1)])
    _ = language.gettext
    names = ((_("Work on first"), _("Keep up")), (_("Not urgent"), _("Too much of a good thing?")))
    ends = (box.right - 6, x + 8 + text_width(names[1][1]))
    heights = ((box.top + 18, y - 8), (y + 18, box.bottom - 10))
    for (left, right), (first, second) in zip(names, heights, strict=True):
        draw_corner(drawing, plane, points, left, "start", [(box.left + 8, height) for height in (first, second)])
        draw_corner(drawing, plane, points, right, "end", [(end, height) for end in ends for height in (first, second)])
