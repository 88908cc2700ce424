"""The ground a flow picture stands on: rows and columns of boxes, and the channels between them in which lines run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tangente.charts.flow_choice import Edge

NODE_WIDTH, NODE_HEIGHT = 122.0, 46.0
HEAD = 126.0  # the column of lane names
COLUMN = 164.0
TOP = 44.0  # above the first row
CHANNEL = 78.0  # between two rows: room for those who begin and end, and between them for lines
CHANNEL_DEPTH = 34.0
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
    """Pixels of rows, columns and the channels between them; channel n lies above row n, gap n left of column n.

    `depths` says how much of a channel its lines take; a channel grows when that is more than usual.
    """

    head: float
    depths: Mapping[int, float] = field(default_factory=dict)

    def left(self, column: int) -> float:
        return self.head + column * COLUMN

    def gap(self, column: int) -> float:
        return self.left(column) - (COLUMN - NODE_WIDTH) / 2

    def top(self, row: int) -> float:
        return TOP + row * NODE_HEIGHT + sum(self._height(number) for number in range(1, row + 1))

    def channel(self, number: int) -> float:
        """The middle of the channel."""
        return self.top(number) - self._height(number) / 2

    def _height(self, number: int) -> float:
        return CHANNEL + max(0.0, self.depths.get(number, 0.0) - CHANNEL_DEPTH)
