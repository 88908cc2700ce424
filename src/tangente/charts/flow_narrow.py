"""Lived paths on a phone: the touchpoints one below the other, skips as arcs at the right, returns at the left."""

from dataclasses import dataclass

from tangente.charts.drawing import Drawing
from tangente.charts.flow import line_path, tip_path, wait_class
from tangente.charts.flow_choice import Choice, Edge, letter
from tangente.charts.labels import cut
from tangente.translation import Language

LEFT, RIGHT = 48.0, 260.0  # of the boxes
BOX, PITCH, LANE = 26.0, 58.0, 26.0
WIDEST, TIP = 11.0, 8.0
MOST_ARCS = 8
TRACK = 15.0
SHAFT, TEXT = 14.0, 28.0  # straight lines, and what stands beside them


@dataclass(frozen=True)
class Arc:
    edge: Edge
    first: int  # place of the source
    last: int
    track: int

    @property
    def goes_back(self) -> bool:
        return self.last < self.first


def flow_narrow(choice: Choice, language: Language, width: float) -> Drawing:
    """In the order and with the letters of the wide picture; only the heaviest arcs, the table has them all."""
    _ = language.gettext
    tops = _tops(choice)
    drawing = Drawing(
        width,
        tops[-1] + BOX + 16,
        identity="flow-narrow",
        title=_("Lived paths over %s touchpoints") % language.number(len(choice.nodes)),
        description=_(
            "Boxes are touchpoints, lines are transitions: the wider the more contacts, the stronger the colour the longer the wait."
        ),
    )
    heaviest = max((edge.contacts for edge in choice.edges), default=1)
    straight, arcs = _split(choice)
    for arc in arcs:
        _draw_arc(drawing, arc, tops, heaviest, language, choice.row(arc.edge))
    for edge, place in straight:
        _draw_straight(drawing, edge, tops[place : place + 2], heaviest, language, choice.row(edge))
    _draw_boxes(drawing, choice, tops, language)
    return drawing


def _tops(choice: Choice) -> list[float]:
    tops, y, lane = [], 4.0, None
    for index, node in enumerate(choice.nodes):
        if node.lane and node.lane != lane:
            y += LANE if index else 18
            lane = node.lane
        tops.append(y)
        y += PITCH
    return tops


def _split(choice: Choice) -> tuple[list[tuple[Edge, int]], list[Arc]]:
    place = {node.key: index for index, node in enumerate(choice.nodes)}
    straight = [(e, place[e.source]) for e in choice.edges if place[e.target] == place[e.source] + 1]
    others = [e for e in choice.edges if place[e.target] != place[e.source] + 1][:MOST_ARCS]
    arcs: list[Arc] = []
    for edge in sorted(others, key=lambda edge: abs(place[edge.target] - place[edge.source])):
        first, last = place[edge.source], place[edge.target]
        side = [arc for arc in arcs if arc.goes_back == (last < first)]
        taken = {
            arc.track
            for arc in side
            if min(arc.first, arc.last) < max(first, last) and min(first, last) < max(arc.first, arc.last)
        }
        arcs.append(Arc(edge, first, last, next(track for track in range(len(side) + 1) if track not in taken)))
    return straight, arcs


def _draw_arc(drawing: Drawing, arc: Arc, tops: list[float], heaviest: int, language: Language, row: str) -> None:
    width, colour = _pen(arc.edge, heaviest)
    # the end of an arc lies above its box's middle when it comes from above, below when from below
    start, end = (
        tops[arc.first] + BOX * (0.3 if arc.goes_back else 0.72),
        tops[arc.last] + BOX * (0.72 if arc.goes_back else 0.3),
    )
    if arc.goes_back:
        x, side = LEFT - 14 - 13 * min(arc.track, 2), LEFT
    else:
        x, side = RIGHT + 46 + TRACK * min(arc.track, 3), RIGHT
    points = [(side, start), (x, start), (x, end), (side, end)]
    drawing.path(line_path(points, tip=TIP, radius=9), fill="none", stroke=colour, stroke_width=width, data_row=row)
    drawing.path(tip_path(points, width * 0.8), fill=colour)
    if not arc.goes_back:
        drawing.text(RIGHT + 6, start + width / 2 + 13, language.number(arc.edge.contacts), fill="ink-2", halo=True)


def _draw_straight(
    drawing: Drawing, edge: Edge, tops: list[float], heaviest: int, language: Language, row: str
) -> None:
    top, below = tops
    width, colour = _pen(edge, heaviest)
    x = LEFT + SHAFT
    points = [(x, top + BOX), (x, below)]
    drawing.path(line_path(points, tip=TIP), fill="none", stroke=colour, stroke_width=width, data_row=row)
    drawing.path(tip_path(points, width), fill=colour)
    text = f"{language.number(edge.contacts)} · {language.duration(edge.median_wait_s)}"
    drawing.text(LEFT + TEXT, top + BOX + 19, text, fill="ink-2", halo=True)


def _pen(edge: Edge, heaviest: int) -> tuple[float, str]:
    return max(0.8, WIDEST * edge.contacts / heaviest), f"wait-{wait_class(edge.median_wait_s)}"


def _draw_boxes(drawing: Drawing, choice: Choice, tops: list[float], language: Language) -> None:
    lane = None
    for index, (node, top) in enumerate(zip(choice.nodes, tops, strict=True)):
        if node.lane and node.lane != lane:
            lane = node.lane
            name = cut(lane, RIGHT - LEFT)
            drawing.text(LEFT + TEXT, top - 6, name, fill="ink", halo=True, font_family="var(--serif)", font_size=14)
        row = choice.named(node.key)
        drawing.rect(LEFT, top, RIGHT - LEFT, BOX, "sheet", stroke="ink", stroke_width=1.25, rx=2, data_row=row)
        figure = language.number(node.contacts)
        drawing.text(LEFT + 7, top + 17, letter(index), fill="ink-3")
        drawing.text(LEFT + 24, top + 17, cut(node.name, RIGHT - LEFT - 80, bold=True), fill="ink", bold=True)
        drawing.text(RIGHT - 7, top + 17, figure, anchor="end")
