"""A bucket worked on slice by slice, so that memory does not grow with the log.

A slice is a range of pseudonyms. They are digits of an HMAC, so equal ranges hold about equally many customers, and a
customer lives in exactly one. Data files are sorted by customer and their footers say from whom to whom each row group
reaches, so a slice is read without reading the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyiceberg.io.pyarrow import _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from tangente.contactlog.files import reading

MOST_ROWS = 65_536
"""About how many rows a slice and a data file have."""

MOST_SLICES = 400  # of a bucket: each may have a file open while rows are spread over them

GROUP_ROWS = 16_384
"""Rows of a row group of a data file: some to each slice, so that little is read beyond it."""

_DIGITS = 8  # of a pseudonym by which slices are told apart
_BEYOND = "g"  # after every hexadecimal digit


class Slice(NamedTuple):
    """The pseudonyms from `low` to just before `high`."""

    low: str
    high: str

    def of(self, rows: pa.Table) -> pa.Table:
        """The rows of its customers."""
        customers = rows["customer_id"]
        return rows.filter(pc.and_(pc.greater_equal(customers, self.low), pc.less(customers, self.high)))


EVERYBODY = Slice("", _BEYOND)


class RowGroup(NamedTuple):
    """Some rows of a data file that stand together, from the row `first` of the file on."""

    file: str
    source: pq.ParquetFile
    number: int
    first: int

    def read(self, schema: pa.Schema) -> pa.Table:
        """Its rows, in the columns of `schema`."""
        with reading(self.file):
            return self.source.read_row_group(self.number, schema.names).select(schema.names).cast(schema)


def slices(rows: int) -> list[Slice]:
    """The slices of a bucket of so many rows, in order.

    >>> slices(150_000)
    [Slice(low='', high='55555555'), Slice(low='55555555', high='aaaaaaaa'), Slice(low='aaaaaaaa', high='g')]
    """
    count = max(1, min(-(-rows // MOST_ROWS), MOST_SLICES))
    inner = [f"{number * 16**_DIGITS // count:0{_DIGITS}x}" for number in range(1, count)]
    return [Slice(low, high) for low, high in zip(["", *inner], [*inner, _BEYOND], strict=True)]


def slice_numbers(customers: pa.Array, among: Sequence[Slice]) -> NDArray[np.int64]:
    """In which of the slices of a bucket each pseudonym lies."""
    starts = np.array([part.low for part in among[1:]], f"S{_DIGITS}")
    prefixes = pc.cast(pc.binary_slice(pc.cast(customers, pa.binary()), 0, _DIGITS), pa.binary(_DIGITS))
    digits = np.frombuffer(prefixes.buffers()[1], f"S{_DIGITS}", len(prefixes), prefixes.offset * _DIGITS)
    numbers: NDArray[np.int64] = np.searchsorted(starts, digits, side="right")
    return numbers


def row_groups(file: str, part: Slice = EVERYBODY) -> Iterator[RowGroup]:
    """The row groups of a data file that may hold customers of the slice; to be read while they are gone through."""
    with _opened(file) as source:
        column = source.schema_arrow.get_field_index("customer_id")
        first = 0
        for number in range(source.num_row_groups):
            group = source.metadata.row_group(number)
            people = group.column(column).statistics
            if people is None or not people.has_min_max or (people.min < part.high and people.max >= part.low):
                yield RowGroup(file, source, number, first)
            first += group.num_rows


def _opened(file: str) -> pq.ParquetFile:
    with reading(file):
        return pq.ParquetFile(file)


def read_slice(files: Iterable[str], part: Slice, schema: pa.Schema) -> pa.Table:
    """The rows of the slice in some data files, in the columns of `schema`."""
    found = [part.of(group.read(schema)) for file in files for group in row_groups(file, part)]
    return pa.concat_tables([schema.empty_table(), *found])


class DataFileWriter:
    """Makes data files of the rows of a bucket that come in slices: few slices to a file, or one that is large."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._waiting: list[pa.Table] = []
        self._files: list[DataFile] = []

    def add(self, rows: pa.Table) -> None:
        """Take rows: all columns of the table, in any order."""
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= MOST_ROWS // 2:  # soon, so that only one slice waits
            self._write()

    def close(self) -> list[DataFile]:
        """All the files, once no more rows come."""
        self._write()
        return self._files

    def _write(self) -> None:
        pa.default_memory_pool().release_unused()  # else what reading took stays taken while writing takes more
        rows, self._waiting = pa.concat_tables(self._waiting) if self._waiting else None, []
        if rows:
            self._files += _dataframe_to_data_files(self._table.metadata, in_order(rows), self._table.io)


def in_order(rows: pa.Table) -> pa.Table:
    """Sorted by customer and time, by integer codes: strings would take ten times as long."""
    coded = rows["customer_id"].combine_chunks().dictionary_encode()
    names = pc.rank(coded.dictionary).to_numpy()
    keys = [names[coded.indices.to_numpy()], pc.cast(rows["occurred_at"], pa.int64()).to_numpy()]
    if "sequence" in rows.column_names:
        keys.append(rows["sequence"].to_numpy())
    return rows.take(pa.array(np.lexsort(keys[::-1])))
