"""Dot and whisker in a table cell: a mean with its interval, or a wait; classes, because a page has many of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from xml.sax.saxutils import escape, quoteattr

from tangente.charts.drawing import number
from tangente.charts.scale import Scale
from tangente.translation import DAY, HOUR, MINUTE

MARGIN, HEIGHT = 6.0, 20
WAIT_TICKS = (HOUR, DAY, 10 * DAY)
NAMED_WAITS = (HOUR, 10 * DAY)


@dataclass(frozen=True)
class Axis:
    """The stretch of the scale a column of whiskers shares, from its worse to its better end.

    `level` is the tick that judges them, where there is one. `low` > `high` where less is better (school grades).
    """

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
    if axis.level is None:
        return "dw-dot"
    worse, better = (low, high) if axis.low < axis.high else (-high, -low)
    level = axis.level if axis.low < axis.high else -axis.level
    if worse > level:
        return "dw-dot"
    return "dw-dot below" if better < level else "dw-dot open"


def whisker_head(axis: Axis, labels: tuple[str, str, str], width: int) -> str:
    """The ends of the scale and its middle, for the head of the column."""
    x = _scale(axis, width)
    values = (axis.low, (axis.low + axis.high) / 2, axis.high)
    parts = [
        f'<text x="{number(x(value))}" y="12">{escape(label)}</text>'
        for value, label in zip(values, labels, strict=True)
    ]
    return _svg("dw dw--head", width, 16, 'aria-hidden="true"', parts)


def wait_whisker(median_s: float, p90_s: float, width: int, label: str) -> str:
    """Dot at the median, line to where nine of ten have it behind them; logarithmic from a minute to 60 days."""
    x = _wait_scale(width)
    left, right = x.start, x.end
    parts = [_line("dw-base", left, right), *(_line("dw-tick", x(log10(t)), x(log10(t)), 7, 13) for t in WAIT_TICKS)]
    middle, far = x.clipped(log10(max(median_s, 1.0))), x.clipped(log10(max(p90_s, 1.0)))
    parts += [_line("dw-line", middle, far), _line("dw-line", far, far, 7, 13)]
    parts.append(f'<circle class="dw-dot" cx="{number(middle)}" cy="10" r="3.25"/>')
    return _svg("dw", width, HEIGHT, f'role="img" aria-label={quoteattr(label)}', parts)


def wait_head(labels: Sequence[str], width: int) -> str:
    """Names two ticks of a column of waits: an hour and ten days."""
    x = _wait_scale(width)
    parts = [
        f'<text x="{number(x(log10(tick)))}" y="12">{escape(label)}</text>'
        for tick, label in zip(NAMED_WAITS, labels, strict=True)
    ]
    return _svg("dw dw--head", width, 16, 'aria-hidden="true"', parts)


def _wait_scale(width: int) -> Scale:
    return Scale(log10(MINUTE), log10(60 * DAY), MARGIN, width - MARGIN)


def _scale(axis: Axis, width: int) -> Scale:
    return Scale(axis.low, axis.high, MARGIN, width - MARGIN)


def _line(kind: str, x1: float, x2: float, y1: float = 10, y2: float = 10) -> str:
    return f'<line class="{kind}" x1="{number(x1)}" x2="{number(x2)}" y1="{number(y1)}" y2="{number(y2)}"/>'


def _svg(kind: str, width: int, height: int, more: str, parts: list[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg class="{kind}" {size} {more}>{"".join(parts)}</svg>'
