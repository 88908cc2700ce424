"""Dot and whisker in a table cell: a mean with its interval on the real scale; classes, because a page has many."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from tangente.charts.drawing import number
from tangente.charts.scale import Scale

MARGIN, HEIGHT = 6.0, 20


@dataclass(frozen=True)
class Axis:
    """The stretch of the scale a column of whiskers shares; `level` is the tick that judges them, where there is one."""

    low: float
    high: float
    level: float | None


def dot_whisker(axis: Axis, mean: float, low: float, high: float, width: int, label: str) -> str:
    """Rust: surely below the level; hollow: undecided; ink: surely above, or no level to judge by."""
    x = _scale(axis, width)
    left, right = x(axis.low), x(axis.high)
    parts = [_line("dw-base", left, right), *(_line("dw-tick", end, end, 7, 13) for end in (left, right))]
    if axis.level is not None:
        parts.append(_line("dw-level", x.clipped(axis.level), x.clipped(axis.level), 3, 17))
    parts.append(_line("dw-line", x.clipped(low), x.clipped(high)))
    parts.append(f'<circle class="{dot_class(axis, low, high)}" cx="{number(x.clipped(mean))}" cy="10" r="3.25"/>')
    return _svg("dw", width, HEIGHT, f'role="img" aria-label={quoteattr(label)}', parts)


def dot_class(axis: Axis, low: float, high: float) -> str:
    if axis.level is None or low > axis.level:
        return "dw-dot"
    return "dw-dot below" if high < axis.level else "dw-dot open"


def whisker_head(axis: Axis, labels: tuple[str, str, str], width: int) -> str:
    """The ends of the scale and its middle, for the head of the column."""
    x = _scale(axis, width)
    values = (axis.low, (axis.low + axis.high) / 2, axis.high)
    parts = [
        f'<text x="{number(x(value))}" y="12">{escape(label)}</text>'
        for value, label in zip(values, labels, strict=True)
    ]
    return _svg("dw dw--head", width, 16, 'aria-hidden="true"', parts)


def _scale(axis: Axis, width: int) -> Scale:
    return Scale(axis.low, axis.high, MARGIN, width - MARGIN)


def _line(kind: str, x1: float, x2: float, y1: float = 10, y2: float = 10) -> str:
    return f'<line class="{kind}" x1="{number(x1)}" x2="{number(x2)}" y1="{number(y1)}" y2="{number(y2)}"/>'


def _svg(kind: str, width: int, height: int, more: str, parts: list[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="{kind}" {size} {more}>{"".join(parts)}</svg>'
