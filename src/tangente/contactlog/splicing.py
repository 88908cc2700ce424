"""A table of a bucket of which some histories changed: columns put together from those it had and those that changed."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


class Spliced(Columns):
    """Columns in which the histories of some customers are others; one is put together when it is first asked for.

    Args:
        base: the columns as they were.
        changed: the histories that are others or new, whole, under the numbers that customers have now.
        numbers: which each customer of `base` has now; they keep their order.
    """

    def __init__(self, base: Columns, changed: Columns, numbers: Numbers) -> None:
        self._base, self._changed, self._numbers = base, changed, numbers
        self._columns: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._columns:
            self._columns[name] = frozen(self._put_together(name))
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)

    def _put_together(self, name: str) -> NDArray[Any]:
        base, changed = self._base[name], self._changed[name]
        if name == "sheet":  # a place among the rows, which move
            distances = self._joined(distances_of(base), distances_of(changed))
            return distances_of(distances)
        return self._joined(self._numbers[base] if name == "customer" else base, changed)

    def _joined(self, base: NDArray[Any], changed: NDArray[Any]) -> NDArray[Any]:
        pieces = ((base[a:b], changed[c:d]) for a, b, c, d in self._pieces)
        return np.concatenate([*chain.from_iterable(pieces)])

    @cached_property
    def _pieces(self) -> list[list[int]]:
        """From where to where in `base`, and then from where to where in `changed`; again and again."""
        people, starts = np.unique(self._changed["customer"], return_index=True)
        first, end = (np.searchsorted(self._numbers, people, side=side).astype(np.int32) for side in ("left", "right"))
        low, high = (np.searchsorted(self._base["customer"], place) for place in (first, end))
        begins = np.append(True, low[1:] != high[:-1])[: len(people)]  # of customers that are no neighbours
        ends = np.append(begins[1:], True)[: len(people)]
        old = np.append(0, high[ends]), np.append(low[begins], len(self._base["customer"]))
        new = np.append(starts[begins], len(self._changed["customer"]))
        pieces: list[list[int]] = np.column_stack([*old, new, np.append(new[1:], new[-1:])]).tolist()
        return pieces


def distances_of(places: NDArray[np.int32]) -> NDArray[np.int32]:
    """How far before its row each place lies; and of such distances the places."""
    return np.arange(len(places), dtype=np.int32) - places
