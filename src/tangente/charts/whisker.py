"""Dot and whisker in a table cell: a mean or a share with its interval, a ratio, a wait; classes, because a page has many."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from xml.sax.saxutils import escape, quoteattr

from tangente.charts.drawing import number
from tangente.charts.scale import Scale
from tangente.translation import DAY, HOUR, MINUTE

WIDTH, HEIGHT = 100, 20  # percent, so that one drawing fits every column; pixels
WAIT_TICKS = (HOUR, DAY, 10 * DAY)
NAMED_WAITS = (HOUR, 10 * DAY)
SMALL_DOT = 2.5  # lets the narrow intervals of shares be seen
RATIOS = (2.0, 4.0, 8.0)
"""How far an axis of ratios may reach, to either side of 1."""


@dataclass(frozen=True)
class Axis:
    """The stretch of the scale a column of whiskers shares, from its worse to its better end.

    `level` is the tick that judges them, `target` the triangle they shall reach, where there are such.
    `low` > `high` where less is better (school grades).
    """

    low: float
    high: float
    level: float | None
    target: float | None = None


def dot_whisker(axis: Axis, mean: float, low: float, high: float, label: str) -> str:
    """Rust: surely below the level; hollow: undecided; ink: surely above, or no level to judge by; teal: target reached."""
    x = _scale(axis)
    left, right = x(axis.low), x(axis.high)
    parts = [_line("dw-base", left, right), *(_line("dw-tick", end, end, 7, 13) for end in (left, right))]
    if axis.level is not None:
        parts.append(_line("dw-level", x.clipped(axis.level), x.clipped(axis.level), 3, 17))
    if axis.target is not None:
        place = f'x="{number(x.clipped(axis.target))}%" overflow="visible"'
        parts.append(f'<svg {place}><path class="dw-target" d="M-4 0h8l-4 6z"/></svg>')
    parts.append(_line("dw-line", x.clipped(low), x.clipped(high)))
    parts.append(_dot(dot_class(axis, low, high), x.clipped(mean)))
    return _svg("dw", HEIGHT, f'role="img" aria-label={quoteattr(label)}', parts)


def dot_class(axis: Axis, low: float, high: float) -> str:
    sign = 1 if axis.low < axis.high else -1
    worse, better = sorted((sign * low, sign * high))
    if axis.target is not None and worse >= sign * axis.target:
        return "dw-dot reached"
    if axis.level is None:
        return "dw-dot"
    level = sign * axis.level
    if worse > level:
        return "dw-dot"
    return "dw-dot below" if better < level else "dw-dot open"


def whisker_head(axis: Axis, labels: tuple[str, str, str]) -> str:
    """The ends of the scale and its middle, for the head of the column."""
    x = _scale(axis)
    values = (axis.low, (axis.low + axis.high) / 2, axis.high)
    parts = [
        f'<text x="{number(x(value))}%" y="12">{escape(label)}</text>'
        for value, label in zip(values, labels, strict=True)
    ]
    return _svg("dw dw--head", 16, 'aria-hidden="true"', parts)


def share_whisker(
    most: float, share: float, low: float, high: float, other: float | None, label: str, *, is_open: bool
) -> str:
    """Dot and line from nothing to `most`; the tick stands where another rule puts the share."""
    axis = Axis(0.0, most, None)
    x = _scale(axis)
    parts = [_line("dw-base", x(0), x(most)), *(_line("dw-tick", x(end), x(end), 7, 13) for end in (0.0, most))]
    if other is not None:
        parts.append(_line("dw-other", x.clipped(other), x.clipped(other), 5, 15))
    parts.append(_line("dw-line", x.clipped(low), x.clipped(high)))
    kind = "dw-dot open" if is_open else "dw-dot"
    parts.append(_dot(kind, x.clipped(share), SMALL_DOT))
    return _svg("dw", HEIGHT, f'role="img" aria-label={quoteattr(label)}', parts)


def ratio_reach(ends: Sequence[float]) -> float:
    """How far from 1, as a factor, an axis must reach for these ends of intervals; the furthest ones are clipped."""
    furthest = max((max(end, 1 / end) for end in ends if end > 0), default=1.0)
    return next((reach for reach in RATIOS if furthest <= reach), RATIOS[-1])


def ratio_whisker(reach: float, ratio: float, low: float, high: float, label: str, *, is_settled: bool) -> str:
    """Dot and line on a logarithmic axis, 1 marked. Rust: surely more; hollow: undecided; ink: surely less."""
    x = _ratio_scale(reach)
    parts = [_line("dw-base", x.start, x.end), *(_line("dw-tick", end, end, 7, 13) for end in (x.start, x.end))]
    parts.append(_line("dw-level", x(0), x(0), 3, 17))
    parts.append(_line("dw-line", x.clipped(log10(low)), x.clipped(log10(high))))
    kind = "dw-dot open" if not is_settled else "dw-dot below" if ratio > 1 else "dw-dot"
    parts.append(_dot(kind, x.clipped(log10(ratio))))
    return _svg("dw", HEIGHT, f'role="img" aria-label={quoteattr(label)}', parts)


def ratio_head(reach: float, labels: tuple[str, str, str]) -> str:
    """The ends of an axis of ratios, and 1 in its middle."""
    return whisker_head(Axis(-log10(reach), log10(reach), None), labels)


def _ratio_scale(reach: float) -> Scale:
    return Scale(-log10(reach), log10(reach), 0, WIDTH)


def wait_whisker(median_s: float, p90_s: float, label: str) -> str:
    """Dot at the median, line to where nine of ten have it behind them; logarithmic from a minute to 60 days."""
    x = _wait_scale()
    left, right = x.start, x.end
    parts = [_line("dw-base", left, right), *(_line("dw-tick", x(log10(t)), x(log10(t)), 7, 13) for t in WAIT_TICKS)]
    middle, far = x.clipped(log10(max(median_s, 1.0))), x.clipped(log10(max(p90_s, 1.0)))
    parts += [_line("dw-line", middle, far), _line("dw-line", far, far, 7, 13)]
    parts.append(_dot("dw-dot", middle))
    return _svg("dw", HEIGHT, f'role="img" aria-label={quoteattr(label)}', parts)


def wait_head(labels: Sequence[str]) -> str:
    """Names two ticks of a column of waits: an hour and ten days."""
    x = _wait_scale()
    parts = [
        f'<text x="{number(x(log10(tick)))}%" y="12">{escape(label)}</text>'
        for tick, label in zip(NAMED_WAITS, labels, strict=True)
    ]
    return _svg("dw dw--head", 16, 'aria-hidden="true"', parts)


def _wait_scale() -> Scale:
    return Scale(log10(MINUTE), log10(60 * DAY), 0, WIDTH)


def _scale(axis: Axis) -> Scale:
    return Scale(axis.low, axis.high, 0, WIDTH)


def _line(kind: str, x1: float, x2: float, y1: float = 10, y2: float = 10) -> str:
    return f'<line class="{kind}" x1="{number(x1)}%" x2="{number(x2)}%" y1="{number(y1)}" y2="{number(y2)}"/>'


def _dot(kind: str, x: float, radius: float = 3.25) -> str:
    return f'<circle class="{kind}" cx="{number(x)}%" cy="10" r="{radius}"/>'


def _svg(kind: str, height: int, more: str, parts: list[str]) -> str:
    return f'<svg class="{kind}" height="{height}" {more}>{"".join(parts)}</svg>'
