"""Share of the cost against share of the importance: where much is spent on what counts little, and the reverse."""

from collections.abc import Sequence

from tangente.charts.drawing import Drawing
from tangente.charts.labels import Box
from tangente.charts.scatter import Frame, Point, draw_axes, draw_corner, draw_points, frame
from tangente.translation import Language


def cost_relevance(points: Sequence[Point], language: Language, width: float) -> Drawing:
    """x = share of importance, y = share of cost, both 0 to 1; on the diagonal a touchpoint costs what it counts."""
    _ = language.gettext
    is_narrow = width < 480
    drawing = Drawing(
        width,
        380 if is_narrow else 420,
        identity=f"relevance-{width:.0f}",
        title=_("Share of cost against share of importance of %s touchpoints") % language.number(len(points)),
        description=_("Above the diagonal a touchpoint costs more than it counts, below it counts more than it costs."),
    )
    x_high = 1.15 * max(0.01, *(point.x for point in points))
    y_high = 1.15 * max(0.01, *(point.y for point in points))
    plane = frame(width, drawing.height, (0.0, x_high), (0.0, y_high), is_root=True)
    x_title = _("Importance: share of the overall judgement in %")
    draw_axes(drawing, plane, language, x_title, _("Share of the cost in %"), x_factor=100)
    _draw_diagonal(drawing, plane)
    box, top, bottom = plane.box, _("Costs more than it counts"), _("Counts more than it costs")
    left, right = box.left + 8, box.right - 6
    draw_corner(drawing, plane, points, top, "start", [(left, box.top + 18)])
    draw_corner(drawing, plane, points, bottom, "end", [(right, box.bottom - 10), (right, box.bottom - 28)])
    draw_points(drawing, plane, points, 10 if is_narrow else 24)
    return drawing


def _draw_diagonal(drawing: Drawing, plane: Frame) -> None:
    """Straight under the root too, for both axes bend alike."""
    end = min(plane.x.high, plane.y.high)
    x, y, box = plane.x(end), plane.y(end), plane.box
    drawing.line(box.left, box.bottom, x, y, "line-2", stroke_dasharray="3 3")
    for step in range(25):
        across, up = box.left + step / 24 * (x - box.left), box.bottom + step / 24 * (y - box.bottom)
        plane.soft.append(Box(across - 6, up - 6, across + 6, up + 6))
