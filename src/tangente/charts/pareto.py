"""Cost by touchpoint, the most expensive first, with the share so far (M22)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tangente.charts.drawing import Drawing, Value
from tangente.charts.labels import cut, text_width
from tangente.translation import Language

PARETO = 0.8  # the few that make four fifths of the cost are set in ink
MOST_BARS = 10
BAR = 7
NARROW = 400
FIGURE = 56  # the cost beside the bar, with air
WHOLE = 100  # currency units: from here on without tenths


@dataclass(frozen=True, kw_only=True)
class CostBar:
    name: str
    detail: str  # contacts × unit cost
    cost: float
    cumulative_share: float


def vital_few(shares: Sequence[float]) -> int:
    """How many of the first it takes to reach four fifths."""
    return next((index + 1 for index, share in enumerate(shares) if share >= PARETO - 1e-9), len(shares))


def cost_pareto(bars: Sequence[CostBar], unit: str, divisor: float, language: Language, width: float) -> Drawing:
    """One row a touchpoint: name, bar with contacts × unit cost, cost in `unit`, share so far; the rest in one row."""
    shown, rest = bars[:MOST_BARS], bars[MOST_BARS:]
    pitch = 39.6 if width < NARROW else 43.6
    drawing = Drawing(
        width,
        20 + pitch * (len(shown) + bool(rest)) + 10,
        identity=f"cost-{width:.0f}",
        title=language.gettext("Cost by touchpoint, the most expensive first"),
        description=language.gettext("Bars from zero; beside them the cost and the share of all cost so far."),
    )
    sheet = _Rows(drawing, pitch, language, divisor, bars)
    sheet.head(unit)
    for index, bar in enumerate(shown):
        sheet.row(index, bar)
    if rest:
        sheet.rest(len(shown), len(rest), _sum(rest))
    return drawing


class _Rows:
    """The rows of one drawing: where its three columns lie and how long a bar may be."""

    def __init__(
        self, drawing: Drawing, pitch: float, language: Language, divisor: float, bars: Sequence[CostBar]
    ) -> None:
        self.drawing, self.pitch, self.language, self.divisor = drawing, pitch, language, divisor
        self.few = vital_few([bar.cumulative_share for bar in bars])
        self.share_x = drawing.width
        self.cost_x = drawing.width - (52 if drawing.width < NARROW else 78)
        longest = max([bar.cost for bar in bars[:1]] + [_sum(bars[MOST_BARS:])])
        self.digits = 0 if divisor == 1 and longest >= WHOLE else 1
        beside = max((text_width(bar.detail) for bar in bars[:MOST_BARS]), default=0) + FIGURE
        self.bar_scale = (self.cost_x - beside) / longest if longest else 0

    def head(self, unit: str) -> None:
        _ = self.language.gettext
        is_narrow = self.drawing.width < NARROW
        self.drawing.text(0, 12, _("Touchpoint, contacts × unit cost"), fill="ink-3")
        self.drawing.text(self.cost_x, 12, unit, fill="ink-3", anchor="end")
        self.drawing.text(self.share_x, 12, "Σ %" if is_narrow else _("so far"), fill="ink-3", anchor="end")
        self.drawing.line(0, 20, self.drawing.width, 20, "ink")

    def row(self, index: int, bar: CostBar) -> None:
        is_vital = index < self.few
        y = 20 + self.pitch * index
        if index == self.few:
            self.drawing.line(0, y + 4, self.drawing.width, y + 4, "line-2", stroke_dasharray="3 3")
        name = cut(bar.name, self.cost_x - 60, bold=is_vital)
        self.drawing.text(0, y + 18, name, fill="ink" if is_vital else "ink-2", bold=is_vital, data_row=bar.name)
        length = self._bar(y, bar.cost, "mark" if is_vital else "exp-0", data_row=bar.name)
        self.drawing.text(length + 6, y + 31.5, bar.detail, fill="ink-3")
        self._figures(y, bar.cost, bar.cumulative_share, is_vital)

    def rest(self, index: int, count: int, cost: float) -> None:
        y = 20 + self.pitch * index
        text = self.language.gettext("%s more") % self.language.number(count)
        self.drawing.text(0, y + 18, text, fill="ink-3")
        self._bar(y, cost, "exp-0")
        self._figures(y, cost, 1.0, False)

    def _bar(self, y: float, cost: float, fill: str, **more: Value) -> float:
        length = max(1.0, cost * self.bar_scale)
        self.drawing.rect(0, y + 24, length, BAR, fill, **more)
        return length

    def _figures(self, y: float, cost: float, share: float, is_vital: bool) -> None:
        figure = self.language.number(cost / self.divisor, self.digits)
        self.drawing.text(self.cost_x, y + 24, figure, fill="ink" if is_vital else "ink-2", anchor="end", bold=is_vital)
        self.drawing.text(self.share_x, y + 24, self.language.percent(share), fill="ink-3", anchor="end")


def _sum(bars: Sequence[CostBar]) -> float:
    return sum(bar.cost for bar in bars)
