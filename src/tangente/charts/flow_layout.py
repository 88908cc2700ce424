"""Where the boxes of a flow picture stand and how its lines run: right-angled, in channels between the boxes.

Lanes are rows; a lane's boxes go to the right, the next lane starts further right, so that the way most take runs
down a staircase. A line leaves below (or above), runs in the channel between two rows and enters from the top or the
left; lines that share a stretch of a channel get tracks of their own.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tangente.charts.flow_choice import Choice, Edge, Node
from tangente.charts.flow_grid import COLUMN, HEAD, NODE_WIDTH, Cell, Grid, Point, Route
from tangente.charts.flow_routes import trace

MOST_IN_ROW = 4
WIDEST, THINNEST = 17.0, 0.8
STUBS = 58.0  # room right of the last column for the figures of those who end there


@dataclass(frozen=True)
class Layout:
    width: float
    height: float
    cells: dict[str, Cell]
    lanes: list[tuple[str | None, int, int]]  # name, first row, number of rows
    routes: list[Route]
    grid: Grid

    def corner(self, key: str) -> Point:
        """Upper left corner of a box."""
        cell = self.cells[key]
        return self.grid.left(cell.column), self.grid.top(cell.row)


def lay_out(choice: Choice, width: float) -> Layout:
    grid = Grid(HEAD if any(node.lane for node in choice.nodes) else 0.0)
    columns = max(MOST_IN_ROW, int((width - grid.head - STUBS + COLUMN - NODE_WIDTH) // COLUMN))
    cells, lanes = _cells(choice.nodes, columns)
    heaviest = max((edge.contacts for edge in choice.edges), default=1)
    routes = [_route(edge, cells, heaviest) for edge in choice.edges]
    taken = frozenset(cells.values())
    grid = Grid(grid.head, trace(routes, taken, grid))  # the first pass tells how deep the channels must be
    trace(routes, taken, grid)
    rows = 1 + max(cell.row for cell in cells.values())
    return Layout(width, grid.top(rows) - 30, cells, lanes, routes, grid)


def _cells(nodes: Sequence[Node], columns: int) -> tuple[dict[str, Cell], list[tuple[str | None, int, int]]]:
    by_lane: dict[str | None, list[Node]] = defaultdict(list)
    for node in nodes:
        by_lane[node.lane].append(node)
    ordered = sorted(by_lane.items(), key=lambda lane: (_middle(lane[1]), lane[0] or ""))
    rows: list[list[Node]] = []
    lanes = []
    for name, members in ordered:
        pieces = _pieces(members)
        lanes.append((name, len(rows), len(pieces)))
        rows += pieces
    cells = {}
    for row, members in enumerate(rows):
        start = round(row * (columns - len(members)) / max(1, len(rows) - 1))
        cells.update({node.key: Cell(row, start + index) for index, node in enumerate(members)})
    return cells, lanes


def _middle(members: list[Node]) -> int:
    """When the lane has its turn: the order of the touchpoint in the middle of its contacts."""
    half, passed = sum(node.contacts for node in members) / 2, 0
    for node in members:
        passed += node.contacts
        if passed >= half:
            return node.order
    return members[-1].order


def _pieces(members: list[Node]) -> list[list[Node]]:
    """A lane in as few rows as hold at most four boxes each, evenly filled."""
    count = -(-len(members) // MOST_IN_ROW)
    size = -(-len(members) // count)
    return [members[start : start + size] for start in range(0, len(members), size)]


def _route(edge: Edge, cells: dict[str, Cell], heaviest: int) -> Route:
    source, target = cells[edge.source], cells[edge.target]
    width = max(THINNEST, WIDEST * edge.contacts / heaviest)
    if source.row == target.row and target.column == source.column + 1:
        return Route(edge, source, target, width, "right", "left")
    if target.row < source.row:
        return Route(edge, source, target, width, "top", "bottom")
    if target.row == source.row:
        return Route(edge, source, target, width, "bottom", "bottom")
    is_elbow = target.column > source.column and _is_elbow_free(source, target, frozenset(cells.values()))
    return Route(edge, source, target, width, "bottom", "left" if is_elbow else "top")


def _is_elbow_free(source: Cell, target: Cell, taken: frozenset[Cell]) -> bool:
    down = {Cell(row, source.column) for row in range(source.row + 1, target.row + 1)}
    across = {Cell(target.row, column) for column in range(source.column, target.column)}
    return not taken & (down | across)
