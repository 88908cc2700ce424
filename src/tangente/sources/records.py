"""A file as a stream of records: the columns asked for, the place of each row, and the lines that could not be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message

Places = npt.NDArray[np.int64]


class Unreadable(NamedTuple):
    """A line that cannot be split into the columns of the file."""

    line: int
    text: str
    reason: Message


@dataclass(frozen=True)
class Column:
    """The cells of one column: texts in the file's notation or, all of them, points in time.

    `at` has the points in time, null where a cell is something else; None if the file knows only texts. `numbers` says
    which cells the file holds as numbers with decimals; None if it holds none.
    """

    cells: pa.Array
    at: pa.Array | None = None
    numbers: pa.Array | None = None

    @property
    def is_time(self) -> bool:
        return bool(pa.types.is_temporal(self.cells.type))

    @property
    def texts(self) -> pa.Array:
        return pc.cast(self.cells, pa.string()) if self.is_time else self.cells

    def take(self, places: Places) -> "Column":
        """Some of the cells."""
        cells, at, numbers = (
            each if each is None else each.take(places) for each in (self.cells, self.at, self.numbers)
        )
        return Column(cells, at, numbers)


@dataclass(frozen=True)
class Records:
    """Some records in the order of the file.

    `lines` is where a record begins in the file, `numbers` its number among all records, both from 1.
    """

    columns: dict[str, Column]
    lines: Places
    numbers: Places
    unreadable: Sequence[Unreadable] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, places: Places) -> "Records":
        """Some of the records."""
        columns = {name: column.take(places) for name, column in self.columns.items()}
        return Records(columns, self.lines[places], self.numbers[places])


class TableFile(Protocol):
    """A file with named columns; `warnings` is what its user should know besides, filled while it is read."""

    warnings: list[Message]

    @property
    def headers(self) -> Sequence[str]: ...

    def records(self, columns: Sequence[str]) -> Iterator[Records]: ...


def trimmed(texts: pa.Array) -> pa.Array:
    """Without spaces around; nothing left is null."""
    texts = pc.ascii_trim_whitespace(texts)
    stated = pc.not_equal(texts, "")
    if stated.true_count == len(texts):
        return texts
    _, offsets, content = texts.buffers()  # nulls are marked in place: `if_else` would copy all texts
    stated = pc.fill_null(stated, False)
    return pa.StringArray.from_buffers(len(texts), offsets, content, stated.buffers()[1])
