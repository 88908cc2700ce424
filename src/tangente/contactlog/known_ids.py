"""Ids of a source that came before, found again many at a time and without an object for any."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.digests import Digests, text_digests

Numbers = NDArray[np.int32]

FEWEST_SLOTS = 1 << 12
MOST_PROBES = 64
"""Beyond them an id counts as unknown: ids that are made to collide must not make an import slow."""

GROWTH = 8
"""A chunk is joined to the one before when it has an eighth of its ids: few chunks to look into, little to copy at once."""


class KnownIds:
    """Texts that are numbered as they come.

    A hash table with open addressing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L) finds the number of a
    text by its digest; that the text is the same is then looked up, for equal digests are no proof.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._chunks: list[pa.Array] = []
        self._count = 0
        self._reserve(FEWEST_SLOTS)

    def __len__(self) -> int:
        return self._count

    def find(self, ids: pa.Array) -> tuple[Numbers, NDArray[np.bool_]]:
        """The number of each id, and which ids are known; where an id is not, its number is -1 if it can be added."""
        digests = text_digests(pa.chunked_array([ids]))
        places = self._places(digests)
        numbers = self._numbers[places]
        astray = np.flatnonzero(self._is_another(places, digests))
        for _ in range(MOST_PROBES):
            if not len(astray):
                break
            places[astray] = self._next(places[astray])
            numbers[astray] = self._numbers[places[astray]]
            astray = astray[self._is_another(places[astray], digests[astray])]
        numbers[astray] = -1
        known = numbers >= 0
        if known.any():
            held = pa.chunked_array(self._chunks).take(pa.array(numbers[known]))
            known[known] = pc.equal(held, ids.filter(pa.array(known))).to_numpy()
        return numbers, known

    def add(self, ids: pa.Array) -> Numbers:
        """Number different ids that are not known."""
        numbers = np.arange(self._count, self._count + len(ids), dtype=np.int32)
        digests = text_digests(pa.chunked_array([ids]))
        if 2 * (self._count + len(ids)) > len(self._numbers):
            taken = self._numbers >= 0
            before = self._digests[taken], self._numbers[taken]
            self._reserve(1 << int(4 * (self._count + len(ids))).bit_length())
            self._put(*before)
        self._put(digests, numbers)
        self._count += len(ids)
        self.bytes += ids.nbytes
        self._chunks.append(ids)
        while len(self._chunks) > 1 and GROWTH * len(self._chunks[-1]) >= len(self._chunks[-2]):
            self._chunks[-2:] = [pa.concat_arrays(self._chunks[-2:])]
        return numbers

    def _reserve(self, slots: int) -> None:
        self._numbers, self._digests = np.full(slots, -1, np.int32), np.zeros(slots, np.uint64)

    def _put(self, digests: Digests, numbers: Numbers) -> None:
        places, left = self._places(digests), np.arange(len(digests))
        for _ in range(MOST_PROBES):
            if not len(left):
                break
            free = left[self._numbers[places[left]] < 0]
            self._numbers[places[free]] = numbers[free]  # of several for one slot the last
            placed = self._numbers[places[left]] == numbers[left]
            put, left = left[placed], left[~placed]
            self._digests[places[put]] = digests[put]
            places[left] = self._next(places[left])

    def _places(self, digests: Digests) -> NDArray[np.int64]:
        return (digests & np.uint64(len(self._numbers) - 1)).astype(np.int64)

    def _next(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        return (places + 1) & (len(self._numbers) - 1)

    def _is_another(self, places: NDArray[np.int64], digests: Digests) -> NDArray[np.bool_]:
        other: NDArray[np.bool_] = (self._numbers[places] >= 0) & (self._digests[places] != digests)
        return other
