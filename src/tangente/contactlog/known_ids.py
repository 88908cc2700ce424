"""Ids of a source that came before, found again many at a time and without an object for any."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.digests import Digests, text_digests

Numbers = NDArray[np.int32]

FEWEST_SLOTS = 1 << 12
MOST_PROBES = 64
"""Beyond them an id counts as unknown: ids that are made to collide must not make an import slow."""

_NUMBER, _DIGEST = np.uint64(2**32 - 1), np.uint64(2**64 - 2**32)
"""The bits of a slot in which a number stands, counted from 1, and those in which half of its id's digest does."""


class KnownIds:
    """Texts that are numbered as they come.

    A hash table with open addressing (Knuth, The Art of Computer Programming 3, 6.4, algorithm L) finds the number of a
    text by its digest; that the text is the same is then looked up, for equal digests are no proof.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._letters, self._ends = np.empty(0, np.uint8), np.zeros(1, np.int32)
        self._count = 0
        self._slots = np.zeros(FEWEST_SLOTS, np.uint64)

    def __len__(self) -> int:
        return self._count

    def find(self, ids: pa.Array) -> tuple[Numbers, NDArray[np.bool_]]:
        """The number of each id, and which ids are known; where an id is not, its number is -1 if it can be added."""
        digests = text_digests(pa.chunked_array([ids]))
        places = self._places(digests)
        slots = self._slots[places]
        astray = np.flatnonzero(_is_another(slots, digests))
        for _ in range(MOST_PROBES):
            if not len(astray):
                break
            places[astray] = self._next(places[astray])
            slots[astray] = self._slots[places[astray]]
            astray = astray[_is_another(slots[astray], digests[astray])]
        slots[astray] = 0
        numbers = (slots & _NUMBER).astype(np.int32) - np.int32(1)
        known = numbers >= 0
        if known.any():
            held = pc.take(self._texts(), pa.array(numbers[known]), boundscheck=False)
            known[known] = pc.equal(held, ids.filter(pa.array(known))).to_numpy(zero_copy_only=False)
        return numbers, known

    def add(self, ids: pa.Array) -> Numbers:
        """Number different ids that are not known."""
        numbers = np.arange(self._count, self._count + len(ids), dtype=np.int32)
        self.bytes += ids.nbytes
        self._append(ids)
        if 2 * self._count > len(self._slots):
            self._slots = np.zeros(1 << (4 * self._count).bit_length(), np.uint64)
            self._put(text_digests(pa.chunked_array([self._texts()])), np.arange(self._count, dtype=np.int32))
        else:
            self._put(text_digests(pa.chunked_array([ids])), numbers)
        return numbers

    def _append(self, ids: pa.StringArray) -> None:
        begin = int(self._ends[self._count])
        _, ends, letters = ids.buffers()
        ends = np.frombuffer(ends, np.int32, len(ids) + 1, ids.offset * 4)
        first, last = ends[[0, -1]].tolist()
        count, end = self._count + len(ids), begin + last - first
        self._letters, self._ends = _with_room(self._letters, end), _with_room(self._ends, count + 1)
        self._letters[begin:end] = np.frombuffer(letters or b"", np.uint8)[first:last]
        self._ends[self._count + 1 : count + 1] = ends[1:] + np.int32(begin - first)
        self._count = count

    def _texts(self) -> pa.StringArray:
        """All ids in the order of their numbers; nothing is copied."""
        return pa.StringArray.from_buffers(self._count, pa.py_buffer(self._ends), pa.py_buffer(self._letters))

    def _put(self, digests: Digests, numbers: Numbers) -> None:
        places, left = self._places(digests), np.arange(len(digests))
        slots = (digests & _DIGEST) | (numbers.astype(np.uint64) + np.uint64(1))
        for _ in range(MOST_PROBES):
            if not len(left):
                break
            free = left[self._slots[places[left]] == 0]
            self._slots[places[free]] = slots[free]  # of several for one slot the last
            left = left[self._slots[places[left]] != slots[left]]
            places[left] = self._next(places[left])

    def _places(self, digests: Digests) -> NDArray[np.int64]:
        return (digests & np.uint64(len(self._slots) - 1)).astype(np.int64)

    def _next(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        return (places + 1) & (len(self._slots) - 1)


def _with_room(values: NDArray[Any], size: int) -> NDArray[Any]:
    """The values with place for more behind them, so that most additions copy nothing that is there."""
    return values if size <= len(values) else np.append(values, np.empty(size, values.dtype))


def _is_another(slots: Digests, digests: Digests) -> NDArray[np.bool_]:
    """Which slots are taken by an id of another digest."""
    other: NDArray[np.bool_] = (slots != 0) & ((slots ^ digests) > _NUMBER)
    return other
