"""Parquet: typed columns, read batch by batch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cell_texts import column_of_array, is_readable
from tangente.sources.parts import Settings
from tangente.sources.records import Records, Unreadable

ROWS = 1 << 16


class ParquetFile:
    """A Parquet file; a row's line is its number."""

    def __init__(self, path: Path, settings: Settings, *, rows: int = ROWS) -> None:
        self.path, self.decimal, self.rows = path, settings.decimal_sign, rows
        self.warnings: list[Message] = []
        try:
            self.schema = pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(
                Message(
                    "E-DAMAGED",
                    "{file} is damaged: it cannot be read as Parquet ({reason})",
                    file=path.name,
                    reason=str(error),
                )
            ) from error

    @property
    def headers(self) -> list[str]:
        return list(self.schema.names)

    def readable(self, columns: Sequence[str]) -> list[str]:
        """Those of the columns whose type can be read."""
        return [name for name in columns if is_readable(self.schema.field(name).type)]

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        number = 1
        try:
            with pq.ParquetFile(self.path, page_checksum_verification=True) as file:
                for batch in file.iter_batches(self.rows, columns=list(columns)):
                    yield self._records(batch, number, columns)
                    number += len(batch)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(
                Message(
                    "E-DAMAGED",
                    "{file} is damaged after row {row:,}: {reason}",
                    file=self.path.name,
                    row=number - 1,
                    reason=str(error),
                )
            ) from error

    def _records(self, batch: pa.RecordBatch, number: int, columns: Sequence[str]) -> Records:
        garbled = {i: cell for name in columns for i, cell in _garbled(batch.column(name))}
        unreadable = [
            Unreadable(number + i, garbled[i], Message("E-ENC", "a text is not UTF-8")) for i in sorted(garbled)
        ]
        good = np.delete(np.arange(len(batch)), list(garbled))
        batch = batch.take(pa.array(good)) if garbled else batch
        cells = {name: column_of_array(batch.column(name), self.decimal, name) for name in columns}
        return Records(columns=cells, lines=good + number, numbers=good + number, unreadable=unreadable)


def _garbled(array: pa.Array) -> Iterator[tuple[int, str]]:
    """Texts that are not UTF-8, which Parquet does not rule out, with their places."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        for i, cell in enumerate(pc.cast(array, pa.large_binary()).to_pylist()):
            text = (cell or b"").decode(errors="replace")
            if cell is not None and text.encode() != cell:
                yield i, text
