"""Parquet: typed columns, read batch by batch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tangente.errors import SourceError
from tangente.sources.cell_texts import column_of_array, is_readable
from tangente.sources.parts import Settings
from tangente.sources.records import Records

ROWS = 1 << 16


class ParquetFile:
    """A Parquet file; a row's line is its number."""

    def __init__(self, path: Path, settings: Settings, *, rows: int = ROWS) -> None:
        self.path, self.decimal, self.rows = path, settings.decimal, rows
        try:
            self.schema = pq.read_schema(path)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"{path.name} is damaged: it cannot be read as Parquet ({error})") from error

    @property
    def headers(self) -> list[str]:
        return list(self.schema.names)

    def readable(self, columns: Sequence[str]) -> list[str]:
        """Those of the columns whose type can be read."""
        return [name for name in columns if is_readable(self.schema.field(name).type)]

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        number = 1
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(self.rows, columns=list(columns)):
                    places = np.arange(number, number + len(batch))
                    number += len(batch)
                    cells = {name: column_of_array(batch.column(name), self.decimal, name) for name in columns}
                    yield Records(columns=cells, lines=places, numbers=places)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"{self.path.name} is damaged after row {number - 1}: {error}") from error
