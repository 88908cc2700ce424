"""Counting what comes again, in little memory: twelve bytes for each different value, and no object for any."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GROWTH = 8
"""A run is merged into the one before when it has an eighth of its values: few runs to look into, little to copy at once."""

Hashes = NDArray[np.uint64]
Counts = NDArray[np.int64]


class Occurrences:
    """How often each value came so far."""

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def numbers(self, values: Hashes) -> Counts:
        """The number of each value among those equal to it so far, from 1 on."""
        order = np.argsort(values, kind="stable")
        distinct, starts, counts = np.unique(values[order], return_index=True, return_counts=True)
        before = sum((run.counted(distinct) for run in self._runs), np.zeros(len(distinct), np.int64))
        numbers = np.empty(len(values), np.int64)
        numbers[order] = np.arange(len(values)) - np.repeat(starts - before, counts) + 1
        self._add(_Run(distinct, counts.astype(np.uint32)))
        return numbers

    def _add(self, run: "_Run") -> None:
        while self._runs and GROWTH * len(run.values) >= len(self._runs[-1].values):
            run = self._runs.pop().merged(run)
        self._runs.append(run)


class _Run(NamedTuple):
    """Different values, sorted, and how often each came."""

    values: Hashes
    counts: NDArray[np.uint32]

    def counted(self, values: Hashes) -> Counts:
        places, known = self._found(values)
        counts = np.zeros(len(values), np.int64)
        counts[known] = self.counts[places[known]]
        return counts

    def merged(self, later: "_Run") -> "_Run":
        places, known = self._found(later.values)
        self.counts[places[known]] += later.counts[known]
        new = places[~known]
        return _Run(
            np.insert(self.values, new, later.values[~known]), np.insert(self.counts, new, later.counts[~known])
        )

    def _found(self, values: Hashes) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each value stands or would stand, and whether it does."""
        places = np.searchsorted(self.values, values)
        known = np.zeros(len(values), bool)
        inside = places < len(self.values)
        known[inside] = self.values[places[inside]] == values[inside]
        return places, known
