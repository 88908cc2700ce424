"""Lived paths: which touchpoint follows which, how many take that way, how long they wait."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tangente.charts.drawing import Drawing, number
from tangente.charts.flow_choice import Choice, Edge, Node, letter
from tangente.charts.flow_grid import NODE_HEIGHT, NODE_WIDTH, Route
from tangente.charts.flow_layout import WIDEST, Layout, lay_out
from tangente.charts.labels import Box, text_box, wrapped
from tangente.method.reporting import SMALLEST_CELL
from tangente.translation import DAY, Language

WAIT_LIMITS_DAYS = (1, 4, 10, 20)  # fixed, so that two prints can be compared
STUB_SHARE = 0.05  # of all who begin or end: fewer have no arrow of their own
TIP = 10.0
MOST_CROSSED = 1  # lines a label may lie on
SERIF_15 = 1.08  # wider than the 12 px sans the table of widths knows


def wait_class(seconds: float) -> int:
    """1 to 5: the longer the wait, the more ink."""
    return 1 + sum(seconds >= limit * DAY for limit in WAIT_LIMITS_DAYS)


def flow(choice: Choice, language: Language, width: float) -> Drawing:
    """The picture for a wide page; a narrow page gets `flow_narrow`."""
    layout = lay_out(choice, width)
    _ = language.gettext
    drawing = Drawing(
        width,
        layout.height,
        identity="flow-wide",
        title=_("Lived paths over %s touchpoints") % language.number(len(choice.nodes)),
        description=_(
            "Boxes are touchpoints, lines are transitions: the wider the more contacts, the stronger the colour the longer the wait."
        ),
    )
    picture = _Picture(drawing, layout, choice, language)
    picture.draw_lanes()
    picture.draw_routes()
    for index, node in enumerate(choice.nodes):
        picture.draw_node(index, node)
    picture.draw_loops()
    picture.draw_labels()
    return drawing


class _Picture:
    """One drawing in the making, with what its labels must not cover."""

    def __init__(self, drawing: Drawing, layout: Layout, choice: Choice, language: Language) -> None:
        self.drawing, self.layout, self.choice, self.language = drawing, layout, choice, language
        self.names = {node.key: node.name for node in choice.nodes}
        self.starts, self.ends = sum(n.starts for n in choice.nodes), sum(n.ends for n in choice.nodes)
        self.lines = {id(route): line_boxes(route) for route in layout.routes}
        self.solid: list[Box] = []
        for key in self.names:
            x, y = layout.corner(key)
            self.solid.append(Box(x - 3, y - 3, x + NODE_WIDTH + 3, y + NODE_HEIGHT + 3))
        for edge in choice.loops:
            x, y = layout.corner(edge.source)
            self.solid.append(Box(x + NODE_WIDTH - 46, y - 24, x + NODE_WIDTH - 6, y))

    def draw_lanes(self) -> None:
        """A hairline above each lane and its name at the left."""
        if not self.layout.grid.head:
            return
        for name, first_row, _ in self.layout.lanes:
            y = self.layout.grid.channel(first_row) - 2
            if first_row:
                self.drawing.line(0, y, self.drawing.width, y, "line")
            title = name or self.language.gettext("other")
            for line, text in enumerate(wrapped(title, (self.layout.grid.head - 14) / SERIF_15, 3)):
                self.drawing.text(0, y + 24 + 17 * line, text, fill="ink", font_family="var(--serif)", font_size=15)
                self.solid.append(text_box(0, y + 24 + 17 * line, text))

    def draw_routes(self) -> None:
        """Thin lines lie on thick ones."""
        for route in sorted(self.layout.routes, key=lambda route: -route.width):
            colour = f"wait-{wait_class(route.edge.median_wait_s)}"
            self.drawing.path(
                line_path(route.points, tip=TIP),
                fill="none",
                stroke=colour,
                stroke_width=route.width,
                tooltip=self._sentence(route.edge),
                data_row=self.choice.row(route.edge),
            )
            self.drawing.path(tip_path(route.points, route.width), fill=colour)

    def draw_loops(self) -> None:
        """Another contact at the same touchpoint: an arc above the box's right end."""
        heaviest = max([edge.contacts for edge in self.choice.edges], default=1)
        for edge in self.choice.loops:
            x, y = self.layout.corner(edge.source)
            right, width = x + NODE_WIDTH, min(4.0, max(0.8, WIDEST * edge.contacts / heaviest))
            colour = f"wait-{wait_class(edge.median_wait_s)}"
            arc = f"M{number(right - 12)} {number(y)}C{number(right - 4)} {number(y - 28)} {number(right - 44)} {number(y - 28)} {number(right - 38)} {number(y - 7)}"
            more: dict[str, str] = {"tooltip": self._sentence(edge), "data_row": self.choice.row(edge)}
            self.drawing.path(arc, fill="none", stroke=colour, stroke_width=width, **more)
            self.drawing.path(f"M{number(right - 43)} {number(y - 8)}h10l-4 8z", fill=colour)
            text = self.language.gettext("%s again") % self.language.number(edge.contacts)
            self._say(text, (right - 4, y - 13, "start"))

    def draw_node(self, index: int, node: Node) -> None:
        x, y = self.layout.corner(node.key)
        row = self.choice.named(node.key)
        self.drawing.rect(x, y, NODE_WIDTH, NODE_HEIGHT, "sheet", stroke="ink", stroke_width=1.25, rx=2, data_row=row)
        self.drawing.text(x + 8, y + 14, letter(index), fill="ink-3")
        self.drawing.text(x + NODE_WIDTH - 7, y + 14, self.language.number(node.contacts), anchor="end")
        for line, text in enumerate(wrapped(node.name, NODE_WIDTH - 14, 2, bold=True)):
            self.drawing.text(x + 8, y + 28 + 13 * line, text, fill="ink", bold=True)
        self._draw_start(node, x, y)
        self._draw_end(node, x, y)

    def _draw_start(self, node: Node, x: float, y: float) -> None:
        if node.starts < max(SMALLEST_CELL, STUB_SHARE * self.starts):
            return
        self.drawing.path(f"M{number(x + 12)} {number(y - 22)}v14", fill="none", stroke="ink-3", stroke_width=1.5)
        self.drawing.path(f"M{number(x + 7)} {number(y - 9)}h10l-5 8z", fill="ink-3")
        self.solid.append(Box(x + 6, y - 22, x + 18, y))
        text = self.language.gettext("%s begin") % self.language.number(node.starts)
        self._say(text, (x + 22, y - 12, "start"), (x + 2, y - 12, "end"))

    def _draw_end(self, node: Node, x: float, y: float) -> None:
        if node.ends < max(SMALLEST_CELL, STUB_SHARE * self.ends):
            return
        right, bottom = x + NODE_WIDTH - 14, y + NODE_HEIGHT
        self.drawing.path(f"M{number(right)} {number(bottom)}v13", fill="none", stroke="ink-3", stroke_width=1.5)
        self.drawing.path(f"M{number(right - 5)} {number(bottom + 12)}h10l-5 8z", fill="ink-3")
        self.solid.append(Box(right - 6, bottom, right + 6, bottom + 20))
        text = self.language.gettext("%s end") % self.language.number(node.ends)
        self._say(text, (right + 9, bottom + 16, "start"))

    def _say(self, text: str, *places: tuple[float, float, str]) -> None:
        """A figure beside an arrow, at the first place where nothing stands yet; without one the table has it."""
        taken = [*self.solid, *(line for lines in self.lines.values() for line in lines)]
        for x, y, anchor in places:
            box = text_box(x, y, text, anchor)
            if self._holds(box) and not any(box.meets(other) for other in taken):
                self.drawing.text(x, y, text, fill="ink-2", anchor=anchor, halo=True)
                self.solid.append(box)
                return

    def _holds(self, box: Box) -> bool:
        return box.left >= 0 and box.right <= self.drawing.width

    def draw_labels(self) -> None:
        """Contacts and median wait beside each line, the widest first; a label without room stays in the table."""
        for route in self.layout.routes:
            others = [line for key, lines in self.lines.items() if key != id(route) for line in lines]
            texts = (self.language.number(route.edge.contacts), self.language.duration(route.edge.median_wait_s))
            fitting = [slot for slot in _slots(route, *texts) if all(map(self._holds, slot.boxes))]
            slots = [(slot.crossed(others), slot) for slot in fitting if not slot.crossed(self.solid)]
            crossed, best = min(slots, key=lambda slot: slot[0], default=(0, None))
            if best and crossed <= MOST_CROSSED:
                best.draw(self.drawing)
                self.solid.extend(best.boxes)

    def _sentence(self, edge: Edge) -> str:
        return self.language.gettext("%(source)s to %(target)s: %(contacts)s contacts, median wait %(wait)s") % {
            "source": self.names[edge.source],
            "target": self.names[edge.target],
            "contacts": self.language.number(edge.contacts),
            "wait": self.language.duration(edge.median_wait_s),
        }


@dataclass(frozen=True)
class Slot:
    """A place for the two lines of an edge."""

    contacts: str
    wait: str
    anchor: str
    at: tuple[tuple[float, float], tuple[float, float]]

    @property
    def boxes(self) -> list[Box]:
        (x1, y1), (x2, y2) = self.at
        return [
            text_box(x1, y1, self.contacts, self.anchor, bold=True),
            text_box(x2, y2, self.wait, self.anchor),
        ]

    def crossed(self, boxes: Sequence[Box]) -> int:
        return sum(mine.meets(other) for mine in self.boxes for other in boxes)

    def draw(self, drawing: Drawing) -> None:
        (x1, y1), (x2, y2) = self.at
        drawing.text(x1, y1, self.contacts, fill="ink", anchor=self.anchor, bold=True, halo=True)
        drawing.text(x2, y2, self.wait, fill="ink-2", anchor=self.anchor, halo=True)


def _slots(route: Route, contacts: str, wait: str) -> list[Slot]:
    """Along each straight piece: above and below where it lies, right and left where it stands."""
    slots = []
    half = route.width / 2
    for (x1, y1), (x2, y2) in zip(route.points, route.points[1:], strict=False):
        for share in (0.5, 0.3, 0.7):
            x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            if abs(y1 - y2) < 1 and abs(x1 - x2) > 30:
                slots.append(Slot(contacts, wait, "middle", ((x, y - half - 5), (x, y + half + 14))))
            elif abs(x1 - x2) < 1 and abs(y1 - y2) > 26:
                slots.append(Slot(contacts, wait, "start", ((x + half + 6, y - 1), (x + half + 6, y + 13))))
                slots.append(Slot(contacts, wait, "end", ((x - half - 6, y - 1), (x - half - 6, y + 13))))
    return slots


def line_boxes(route: Route) -> list[Box]:
    half = route.width / 2 + 1
    return [
        Box(min(x1, x2) - half, min(y1, y2) - half, max(x1, x2) + half, max(y1, y2) + half)
        for (x1, y1), (x2, y2) in zip(route.points, route.points[1:], strict=False)
    ]


def line_path(points: Sequence[tuple[float, float]], *, tip: float, radius: float = 14) -> str:
    """Straight pieces with rounded corners, ending `tip` short of the last point."""
    *before, last = points
    x, y = _towards(last, before[-1], tip)
    pieces = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for corner, following, previous in zip(points[1:-1], points[2:], points, strict=False):
        r = min(radius, _distance(previous, corner) / 2, _distance(corner, following) / 2)
        entry, leave = _towards(corner, previous, r), _towards(corner, following, r)
        pieces.append(
            f"L{number(entry[0])} {number(entry[1])}Q{number(corner[0])} {number(corner[1])} {number(leave[0])} {number(leave[1])}"
        )
    return "".join(pieces) + f"L{number(x)} {number(y)}"


def tip_path(points: Sequence[tuple[float, float]], width: float) -> str:
    """The arrow head at the last point."""
    (x, y), base = points[-1], _towards(points[-1], points[-2], TIP + 1)
    half = width / 2 + 3.5
    dx, dy = (x - base[0]) / (TIP + 1), (y - base[1]) / (TIP + 1)
    left, right = (base[0] - dy * half, base[1] + dx * half), (base[0] + dy * half, base[1] - dx * half)
    return f"M{number(left[0])} {number(left[1])}L{number(x)} {number(y)}L{number(right[0])} {number(right[1])}z"


def _towards(start: tuple[float, float], end: tuple[float, float], distance: float) -> tuple[float, float]:
    length = _distance(start, end) or 1.0
    return start[0] + (end[0] - start[0]) * distance / length, start[1] + (end[1] - start[1]) * distance / length


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])
