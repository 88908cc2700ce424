"""Rows that come by customer, kept on disk until they can be given back by time: memory holds one slice of time."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np
import pyarrow as pa

from tangente.contactlog.simulate.rhythm import DAY, DAYS, Moments, utc

_ROWS_A_SLICE = 250_000
_MOST_SLICES = 365  # as many open files
_ARRIVED = "_arrived"


def slices_for(rows: int) -> int:
    return min(rows // _ROWS_A_SLICE + 1, _MOST_SLICES)


class Spool:
    """A table in as many slices of equal time; a context, because its files go with it."""

    def __init__(self, folder: Path, slices: int) -> None:
        begin, end = utc(np.array([0, DAYS * DAY]))
        self._limits = np.linspace(begin, end, slices + 1)[1:-1]
        self._folder = folder
        self._writers: dict[int, pa.RecordBatchFileWriter] = {}
        self.rows = 0

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._path = Path(self._stack.enter_context(TemporaryDirectory(dir=self._folder)))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def add(self, rows: pa.RecordBatch, arrived: Moments) -> None:
        """Rows in order of arrival."""
        cuts = [0, *np.searchsorted(arrived, self._limits).tolist(), len(rows)]
        rows = rows.append_column(_ARRIVED, pa.array(arrived))
        for number, (first, last) in enumerate(pairwise(cuts)):
            if last > first:
                self._writer(number, rows.schema).write_batch(rows.slice(first, last - first))
        self.rows += len(rows)

    def tables(self) -> Iterator[pa.Table]:
        """All rows in order of arrival, those that came first in `add` first at equal time."""
        for number in sorted(self._writers):
            self._writers[number].close()
            table = pa.ipc.open_file(self._file(number)).read_all()
            order = np.argsort(table[_ARRIVED].to_numpy(), kind="stable")
            yield table.drop_columns([_ARRIVED]).take(pa.array(order))

    def _writer(self, number: int, schema: pa.Schema) -> pa.RecordBatchFileWriter:
        if number not in self._writers:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            writer = pa.ipc.new_file(self._file(number), schema, options=options)
            self._writers[number] = self._stack.enter_context(writer)
        return self._writers[number]

    def _file(self, number: int) -> str:
        return str(self._path / f"{number}.arrow")
