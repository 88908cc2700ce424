"""Lines of a flow picture, corner by corner: each its own place on a box's side and its own track in a channel."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tangente.charts.flow_grid import CHANNEL_DEPTH, COLUMN, NODE_HEIGHT, NODE_WIDTH, Cell, Grid, Point, Route

STUB = 30.0  # kept free at a box's upper left (those who begin) and lower right (those who end)
EDGE = 12.0
GAP_DEPTH = 28.0  # what tracks may take of a gap between columns
TRACK = 9.0
PORT_GAP = 10.0


@dataclass
class Span:
    """A stretch of one line in a channel; the track is where it lies across the channel."""

    low: float
    high: float
    width: float
    track: float = 0.0


Place = float | Span
Channel = tuple[str, int]
Side = tuple[Cell, str]
Member = tuple[tuple[float, float], int, bool]  # order on the side, number of the route, whether it leaves here
Ports = dict[tuple[int, bool], Point]


def trace(routes: Sequence[Route], taken: frozenset[Cell], grid: Grid) -> dict[int, float]:
    """Fill in the corners of every route; how much of each channel between rows the lines would like to have."""
    ports = _ports(routes, grid)
    channels: dict[Channel, list[Span]] = defaultdict(list)
    plans = [_plan(route, ports[index], taken, grid, channels) for index, route in enumerate(routes)]
    depths = {}
    for (direction, number), spans in channels.items():
        tracks = _tracks(spans)
        if direction == "row":
            depths[number] = _depth(tracks)
            _spread(tracks, grid.channel(number), max(CHANNEL_DEPTH, grid.depths.get(number, 0.0)))
        else:
            _spread(tracks, grid.gap(number), GAP_DEPTH)
    for route, plan in zip(routes, plans, strict=True):
        route.points = [(_at(x), _at(y)) for x, y in plan]
    return depths


def _at(place: Place) -> float:
    return place.track if isinstance(place, Span) else place


def _ports(routes: Sequence[Route], grid: Grid) -> list[tuple[Point, Point]]:
    """Where each route leaves and enters: spread over the side, in the order that crosses least."""
    sides: dict[Side, list[Member]] = defaultdict(list)
    for index, route in enumerate(routes):
        sides[route.source, route.leave].append((_side_order(route.source, route.target, route.leave), index, True))
        sides[route.target, route.enter].append((_side_order(route.target, route.source, route.enter), index, False))
    found: Ports = {}
    for (cell, side), members in sides.items():
        total, passed = sum(routes[index].width + PORT_GAP for _, index, _leaves in members), 0.0
        for _, index, leaves in sorted(members):
            room = routes[index].width + PORT_GAP
            found[index, leaves] = _port(cell, side, (passed + room / 2) / total, grid)
            passed += room
    for index, route in enumerate(routes):
        _align(found, index, route, sides)
    return [(found[index, True], found[index, False]) for index in range(len(routes))]


def _side_order(own: Cell, other: Cell, side: str) -> tuple[float, float]:
    """Left to right on top and bottom (far rows outside), top to bottom on the left and right sides."""
    if side in ("left", "right"):
        return (-other.column, -other.row)
    distance = abs(other.row - own.row)
    return (0, -distance) if other.column < own.column else (1, own.row != other.row and -distance)


def _port(cell: Cell, side: str, share: float, grid: Grid) -> Point:
    left, top = grid.left(cell.column), grid.top(cell.row)
    if side in ("left", "right"):
        y = top + NODE_HEIGHT * (0.2 + 0.6 * share)
        return (left, y) if side == "left" else (left + NODE_WIDTH, y)
    usable = NODE_WIDTH - STUB - EDGE
    if side == "top":
        return left + STUB + usable * share, top
    return left + EDGE + usable * share, top + NODE_HEIGHT


def _align(found: Ports, index: int, route: Route, sides: Mapping[Side, Sequence[Member]]) -> None:
    """Neighbours are joined by a straight line: one end moves to face the other, where its side has room there."""
    start, end = found[index, True], found[index, False]
    if route.leave == "right":
        found[index, True] = (start[0], end[1])
        return
    if route.source.column != route.target.column or route.leave == route.enter:
        return
    for own, fixed, cell, side in (
        (True, end, route.source, route.leave),
        (False, start, route.target, route.enter),
    ):
        others = [found[other, leaves][0] for _, other, leaves in sides[cell, side] if other != index]
        if all(abs(other - fixed[0]) > route.width / 2 + PORT_GAP for other in others):
            found[index, own] = (fixed[0], found[index, own][1])
            return


def _plan(
    route: Route, ports: tuple[Point, Point], taken: frozenset[Cell], grid: Grid, channels: dict[Channel, list[Span]]
) -> list[tuple[Place, Place]]:
    (x1, y1), (x2, y2) = ports
    if route.leave == "right":
        return [(x1, y1), (x2, y2)]
    if route.enter == "left":
        return [(x1, y1), (x1, y2), (x2, y2)]
    first = route.source.row + (route.leave == "bottom")
    last = route.target.row + (route.enter == "bottom")
    rows = range(min(first, last), max(first, last))  # to be passed between the two channels
    if abs(x1 - x2) < 1 and _is_free(route.source.column, rows, taken):
        return [(x1, y1), (x2, y2)]
    for channel, column in ((last, route.source.column), (first, route.target.column)):
        if _is_free(column, rows, taken):
            track = _span(channels["row", channel], x1, x2, route.width)
            return [(x1, y1), (x1, track), (x2, track), (x2, y2)]
    gap = route.target.column + (x2 < x1)
    down = _span(channels["gap", gap], grid.channel(first), grid.channel(last), route.width)
    near = _span(channels["row", first], x1, grid.gap(gap), route.width)
    far = _span(channels["row", last], grid.gap(gap), x2, route.width)
    return [(x1, y1), (x1, near), (down, near), (down, far), (x2, far), (x2, y2)]


def _is_free(column: int, rows: range, taken: frozenset[Cell]) -> bool:
    return not any(Cell(row, column) in taken for row in rows)


def _span(channel: list[Span], start: float, end: float, width: float) -> Span:
    span = Span(min(start, end), max(start, end), width)
    channel.append(span)
    return span


def _tracks(spans: list[Span]) -> list[list[Span]]:
    """First fit, long spans first."""
    tracks: list[list[Span]] = []
    for span in sorted(spans, key=lambda span: (span.low - span.high, span.low)):
        free = next((track for track in tracks if not any(_meet(span, other) for other in track)), None)
        if free is None:
            free = []
            tracks.append(free)
        free.append(span)
    return tracks


def _depth(tracks: list[list[Span]]) -> float:
    return sum(max(span.width for span in track) for track in tracks) + TRACK * (len(tracks) - 1)


def _spread(tracks: list[list[Span]], middle: float, depth: float) -> None:
    """The tracks share the channel's depth around its middle, closer together where it does not suffice."""
    shrink = min(1.0, depth / _depth(tracks))
    edge = middle - shrink * _depth(tracks) / 2
    for track in tracks:
        width = max(span.width for span in track)
        for span in track:
            span.track = edge + shrink * width / 2
        edge += shrink * (width + TRACK)


def _meet(one: Span, other: Span) -> bool:
    margin = COLUMN / 14
    return one.low - margin < other.high and other.low - margin < one.high
