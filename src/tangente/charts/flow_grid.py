"""The ground a flow picture stands on: rows and columns of boxes, and the channels between them in which lines run."""

from dataclasses import dataclass, field

from tangente.charts.flow_choice import Edge

NODE_WIDTH, NODE_HEIGHT = 122.0, 46.0
HEAD = 122.0  # the column of lane names
COLUMN, ROW = 164.0, 124.0
TOP = 44.0  # channel above the first row
Point = tuple[float, float]


@dataclass(frozen=True, order=True)
class Cell:
    row: int
    column: int


@dataclass
class Route:
    """One edge on its way: the sides it leaves and enters by, and its corners from box to box."""

    edge: Edge
    source: Cell
    target: Cell
    width: float
    leave: str
    enter: str
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True)
class Grid:
    """Pixels of rows, columns and the channels between them; channel n lies above row n, gap n left of column n."""

    head: float

    def left(self, column: int) -> float:
        return self.head + column * COLUMN

    def top(self, row: int) -> float:
        return TOP + row * ROW

    def channel(self, row: int) -> float:
        return self.top(row) - (ROW - NODE_HEIGHT) / 2

    def gap(self, column: int) -> float:
        return self.left(column) - (COLUMN - NODE_WIDTH) / 2
