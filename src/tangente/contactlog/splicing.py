"""A table of a bucket of which some histories changed: columns put together from those it had and those that changed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.once import once

Columns = Mapping[str, NDArray[Any]]

Numbers = NDArray[np.int32]
"""Of customers."""


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """The values contiguous and read-only: a loop is then compiled once, for mapped arrays and others."""
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values


def histories(columns: Columns, customers: Numbers) -> Columns:
    """All rows of some customers; rows lie in the order of customers."""
    low, high = (np.searchsorted(columns["customer"], customers, side=side) for side in ("left", "right"))
    lengths = high - low
    rows = np.repeat(low - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    return {name: values[rows] for name, values in columns.items()}


Bytes = NDArray[np.uint8]

Pieces = NDArray[np.int64]
"""From which row to which of one table, and then from which to which of another; again and again."""

Join = Callable[[Bytes, Bytes, Pieces, int, Bytes], None]
"""Fills the last array with pieces of two others, of rows of so many bytes."""


def join(base: Bytes, changed: Bytes, pieces: Pieces, width: int, out: Bytes) -> None:
    """Copy piece after piece; `passes.py` has a compiled loop that does the same in a tenth of the time."""
    bounds = (pieces * width).tolist()
    np.concatenate([some for a, b, c, d in bounds for some in (base[a:b], changed[c:d])], out=out)


class Spliced(Columns):
    """Columns in which the histories of some customers are others; one is put together when it is asked for.

    It stays only as long as somebody holds it: all together they would take the memory of the whole log, and to copy a
    part that fits into the processor's cache takes little longer than to read it.

    Args:
        base: the columns as they were.
        changed: the histories that are others or new, whole, under the numbers that customers have now.
        numbers: which each customer of `base` has now; they keep their order.
        first, end: only of the customers from one of these numbers to just before the other, numbered from 0 on.
    """

    join: ClassVar[Join] = staticmethod(join)

    def __init__(self, base: Columns, changed: Columns, numbers: Numbers, first: int, end: int) -> None:
        self._base, self._changed, self._numbers, self._first, self._end = base, changed, numbers, first, end
        self._columns: WeakValueDictionary[str, NDArray[Any]] = WeakValueDictionary()

    def __getitem__(self, name: str) -> NDArray[Any]:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = frozen(self._put_together(name))
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)

    @property
    def most_rows(self) -> int:
        """How many rows there are at most: histories of `base` that are others now count twice."""
        return sum(some.stop - some.start for some in self._apart)

    def _put_together(self, name: str) -> NDArray[Any]:
        rows, pieces = self._pieces
        base, changed = self._base[name][rows], self._changed[name]
        if name == "customer":
            base = self._numbers.take(base)
        lengths = (pieces[:, 1::2] - pieces[:, ::2]).ravel()
        values = np.empty(lengths.sum(), base.dtype)
        Spliced.join(base.view(np.uint8), changed.view(np.uint8), pieces, base.itemsize, values.view(np.uint8))
        if name == "customer":
            values -= self._first
        elif name == "sheet":  # a place among all rows, and they move piece by piece
            begins = (pieces[:, ::2] + (rows.start, 0)).ravel()
            values += np.repeat((np.cumsum(lengths) - lengths - begins).astype(np.int32), lengths)
        return values

    @once
    def _apart(self) -> tuple[slice, slice]:
        """The rows of `base`, and those of `changed`, among which the customers are."""
        old = _between(self._base["customer"], *np.searchsorted(self._numbers, (self._first, self._end)))
        return old, _between(self._changed["customer"], self._first, self._end)

    @once
    def _pieces(self) -> tuple[slice, Pieces]:
        """The rows of `base` among which the customers are, and the pieces of these rows and of `changed`."""
        rows, apart = self._apart
        people, starts = np.unique(self._changed["customer"][apart], return_index=True)
        first, end = (np.searchsorted(self._numbers, people, side=side).astype(np.int32) for side in ("left", "right"))
        low, high = (np.searchsorted(self._base["customer"], place) - rows.start for place in (first, end))
        begins = np.append(True, low[1:] != high[:-1])[: len(people)]  # of customers that are no neighbours
        ends = np.append(begins[1:], True)[: len(people)]
        new = np.append(starts[begins] + apart.start, apart.stop)
        old = np.append(0, high[ends]), np.append(low[begins], rows.stop - rows.start)
        return rows, np.column_stack([*old, new, np.append(new[1:], new[-1:])])


def most_rows(columns: Columns) -> int:
    """How many rows a table has at most, without putting a column together."""
    return columns.most_rows if isinstance(columns, Spliced) else len(columns["customer"])


def _between(customers: Numbers, first: int, end: int) -> slice:
    """The rows of the customers from one number to just before another."""
    return slice(*np.searchsorted(customers, np.array([first, end], np.int32)).tolist())
