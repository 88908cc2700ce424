"""The small marks of the design language: where a touchpoint stands in the loop, a key touchpoint, progress, experience."""

from collections.abc import Sequence
from math import cos, pi, sin
from xml.sax.saxutils import quoteattr

from tangente.charts.drawing import number

STEPS = 4
"""Of the loop: as is, to be, to do, check."""
EXPERIENCE = ("x-bad", "x-ok", "x-good")


def loop_marker(step: int) -> str:
    """A ring drawn as far as the loop has come, with the tangent where it leaves; step 1 to 4."""
    end = _on_ring(10, 6, step)
    arc = f'<path class="lm-arc" d="M4 10A6 6 0 {int(step > 2)} 1 {number(end[0])} {number(end[1])}"/>'
    if step == STEPS:
        arc = '<circle class="lm-arc" cx="10" cy="10" r="6"/>'
    quarter = f'<g transform="rotate({90 * (step - 1)} 10 10)"><path class="lm-tan" d="M.9 7.7 7.7 .9"/></g>'
    return (
        '<svg class="lm" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">'
        f'<circle class="lm-ring" cx="10" cy="10" r="6"/>{arc}{quarter}</svg>'
    )


def key_mark(label: str) -> str:
    """A small ring with its tangent, after the name of a key touchpoint."""
    return (
        f'<svg class="keym" viewBox="0 0 13 13" width="13" height="13" role="img" aria-label={quoteattr(label)}>'
        '<circle cx="5.5" cy="7.5" r="4.2"/><path class="l" d="M5.2 1 12 7.8"/></svg>'
    )


def progress_line(percent: int, label: str) -> str:
    """The ring rolls along the line; as wide as its place."""
    return (
        f'<svg class="progress-bar" role="progressbar" aria-valuenow="{percent}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-label={quoteattr(label)}><line class="pb-track" x1="0" x2="100%" y1="15.5" y2="15.5"/>'
        f'<line class="pb-done" x1="0" x2="{percent}%" y1="15.5" y2="15.5"/>'
        f'<circle class="pb-ring" cx="{percent}%" cy="8" r="6.5"/></svg>'
    )


def experience_bar(shares: Sequence[float], label: str) -> str:
    """Disappointed, okay, delighted: shares that add up to 1, side by side; as wide as its place."""
    starts = [sum(shares[:place]) for place in range(len(shares))]
    parts = [
        f'<rect class="{kind}" x="{number(100 * start)}" width="{number(100 * share)}" height="8"/>'
        for kind, start, share in zip(EXPERIENCE, starts, shares, strict=True)
    ]
    shape = 'viewBox="0 0 100 8" preserveAspectRatio="none"'
    return f'<svg class="expbar" {shape} role="img" aria-label={quoteattr(label)}>{"".join(parts)}</svg>'


def _on_ring(centre: float, radius: float, step: int) -> tuple[float, float]:
    angle = pi - step * pi / 2
    return centre + radius * cos(angle), centre - radius * sin(angle)
