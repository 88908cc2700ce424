"""Rows that wait on disk, spread over numbered files, until it is their turn: first over buckets, then over slices."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.slices import Slice, slice_numbers

BUFFER = 65_536  # bytes: rows come in many small pieces
GATHERED = 16_384  # rows of a bucket that are spread over slices together


class WaitingRows:
    """Rows in files of a folder, one for each number, in the order they came. `rows` counts them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.rows: Counter[int] = Counter()
        self._folder, self._open = folder, ExitStack()
        self._writers: dict[int, Any] = {}

    def add(self, rows: pa.RecordBatch, numbers: NDArray[np.integer[Any]]) -> None:
        """Take rows, each for the file of its number."""
        order = np.argsort(numbers, kind="stable")
        rows, numbers = rows.take(pa.array(order)), numbers[order]
        for start, end in pairwise(np.flatnonzero(np.diff(numbers, prepend=-1, append=-1)).tolist()):
            number = int(numbers[start])
            self._writer(number, rows.schema).write_batch(rows.slice(start, end - start))
            self.rows[number] += end - start

    def _writer(self, number: int, schema: pa.Schema) -> Any:
        if number not in self._writers:
            file = self._open.enter_context(pa.output_stream(self._path(number), compression=None, buffer_size=BUFFER))
            self._writers[number] = self._open.enter_context(pa.ipc.new_stream(file, schema))
        return self._writers[number]

    def close(self) -> None:
        """Let go of the files, when all rows have come."""
        self._open.close()

    def sliced(self, number: int, among: Sequence[Slice]) -> Iterator[tuple[Slice, pa.Table]]:
        """The rows of a number, slice by slice of those of its bucket; a slice without rows is left out."""
        if len(among) == 1:
            yield among[0], _whole(self._batches(number))
            return
        parts = WaitingRows(self._folder / f"{number}-slices")
        for rows in _gathered(self._batches(number)):
            parts.add(rows, slice_numbers(rows.column("customer_id"), among))
        parts.close()
        for part in sorted(parts.rows):
            yield among[part], _whole(parts._batches(part))
        shutil.rmtree(parts._folder)

    def _batches(self, number: int) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self._path(number))) as file, pa.ipc.open_stream(file) as stream:
            yield from stream

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.arrows"


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Small batches as fewer: those of a slice would be tiny else."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= GATHERED:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def _whole(batches: Iterator[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches).combine_chunks()
