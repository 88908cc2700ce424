"""Sparkline: the latest weeks of a series with the band that chance explains; classes, because a page has many."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from tangente.charts.drawing import number
from tangente.charts.scale import Scale

WIDTH, HEIGHT, EDGE = 120, 44, 4.0


def sparkline(values: Sequence[float], lower: float, centre: float, upper: float, judged: int, label: str) -> str:
    """A line over its band; of the last `judged` values those outside it, and the latest one, are dots."""
    low, high = min(lower, *values), max(upper, *values)
    x = Scale(0, max(1, len(values) - 1), EDGE, WIDTH - EDGE)
    y = Scale(low, high if high > low else low + 1, HEIGHT - EDGE, EDGE)
    top, bottom = y(upper), y(lower)
    parts = [
        f'<rect class="sp-band" x="0" y="{number(top)}" width="{WIDTH}" height="{number(bottom - top)}"/>',
        f'<line class="sp-mean" x1="0" x2="{WIDTH}" y1="{number(y(centre))}" y2="{number(y(centre))}"/>',
        f'<polyline class="sp-line" points="{_points(values, x, y)}"/>',
        *(
            f'<circle class="sp-dot" cx="{number(x(place))}" cy="{number(y(value))}" r="2.5"/>'
            for place, value in enumerate(values)
            if place == len(values) - 1 or (place >= len(values) - judged and not lower <= value <= upper)
        ),
    ]
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg class="sparkl" {size} role="img" aria-label={quoteattr(label)}>{"".join(parts)}</svg>'


def _points(values: Sequence[float], x: Scale, y: Scale) -> str:
    return " ".join(f"{number(x(place))},{number(y(value))}" for place, value in enumerate(values))
