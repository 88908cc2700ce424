"""The funnel: how many customers reach each phase, and which share goes on from one to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from tangente.charts.drawing import Drawing
from tangente.charts.labels import cut, text_width
from tangente.translation import Language

PITCH, BAR, GAP = 66, 12, 8
BESIDE = 14  # between a bar and its step to the next one


@dataclass(frozen=True, kw_only=True)
class FunnelBar:
    """One phase; `count` is its number of customers as text, `passage` how customers came from the phase before."""

    name: str
    customers: float  # 0 where too few to be shown
    count: str
    passage: str


def funnel(bars: Sequence[FunnelBar], language: Language, width: float) -> Drawing:
    """A row for each phase: name, number of customers, bar from zero; between two rows the share that goes on."""
    drawing = Drawing(
        width,
        PITCH * len(bars) - 22,
        identity=f"funnel-{width:.0f}",
        title=language.gettext("Customers who reach each phase"),
        description=language.gettext("Bars from zero, one for each phase; between them the share that goes on."),
    )
    most = max(bar.customers for bar in bars) or 1.0
    for index, bar in enumerate(bars):
        y = PITCH * index
        if bar.passage:
            _draw_passage(drawing, y, bar.passage)
        _draw_bar(drawing, y, bar, max(1.0, bar.customers / most * width))
    return drawing


def _draw_bar(drawing: Drawing, y: float, bar: FunnelBar, length: float) -> None:
    beside = drawing.width - text_width(bar.count) - GAP
    drawing.text(0, y + 14, cut(bar.name, beside, bold=True), fill="ink", bold=True)
    drawing.text(drawing.width, y + 14, bar.count, fill="ink-2", anchor="end")
    drawing.rect(0, y + 22, drawing.width, BAR, "wash")
    drawing.rect(0, y + 22, length, BAR, "mark", data_row=bar.name)


def _draw_passage(drawing: Drawing, y: float, text: str) -> None:
    """A short arrow from the bar above, and beside it who went on."""
    top, tip = y - PITCH + 22 + BAR + 3, y - 3
    drawing.line(4, top, 4, tip, "line-2")
    drawing.path(f"M1 {tip - 4:.0f}L4 {tip:.0f}L7 {tip - 4:.0f}", fill="none", stroke="line-2")
    drawing.text(BESIDE, (top + tip) / 2 + 5, cut(text, drawing.width - BESIDE), fill="ink-3")
