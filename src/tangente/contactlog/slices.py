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
from pyiceberg.manifest import DataFile

from tangente.contactlog.coded import coded, coded_schema, reordered, whole, with_schema
from tangente.contactlog.data_files import DataFileForm, write_data_file
from tangente.contactlog.files import reading
from tangente.contactlog.schema import RECORD

MOST_ROWS = 65_536
"""About how many rows a slice and a data file have."""

MOST_SLICES = 400  # of a bucket: each may have a file open while rows are spread over them

GROUP_ROWS = 32_768
"""Rows of a row group of a data file: some to each slice, so that little is read beyond it."""

_DIGITS = 4  # of a pseudonym by which slices are told apart
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

    def rows_of(self, people: pa.Array) -> NDArray[np.int64]:
        """Which of its rows are of some customers, counted from 0; only who they are of is read."""
        with reading(self.file):
            customers = whole(self.source.read_row_group(self.number, ["customer_id"])["customer_id"])
        rows: NDArray[np.int64] = np.flatnonzero(pc.is_in(customers.dictionary, people).take(customers.indices))
        return rows


def slices(rows: int) -> list[Slice]:
    """The slices of a bucket of so many rows, in order.

    >>> slices(150_000)
    [Slice(low='', high='5555'), Slice(low='5555', high='aaaa'), Slice(low='aaaa', high='g')]
    """
    count = max(1, min(-(-rows // MOST_ROWS), MOST_SLICES))
    inner = [f"{number * 16**_DIGITS // count:0{_DIGITS}x}" for number in range(1, count)]
    return [Slice(low, high) for low, high in zip(["", *inner], [*inner, _BEYOND], strict=True)]


def slice_starts(among: Sequence[Slice]) -> NDArray[np.uint16]:
    """The first digits of the pseudonyms with which the slices of a bucket begin, but for the first slice."""
    return np.array([int(part.low, 16) for part in among[1:]], np.uint16)


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
        return pq.ParquetFile(file, read_dictionary=["customer_id"])


def read_slice(files: Iterable[str], part: Slice, schema: pa.Schema) -> pa.Table:
    """The rows of the slice in some data files, in the columns of `schema`."""
    found = [part.of(group.read(schema)) for file in files for group in row_groups(file, part)]
    return pa.concat_tables([schema.empty_table(), *found])


class DataFileWriter:
    """Makes data files of the rows of a bucket that come in slices: few slices to a file, or one that is large."""

    def __init__(self, form: DataFileForm) -> None:
        self._form, self._schema = form, coded_schema(RECORD[form.table.name()[-1]])
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
        if len(self._files) > 1:  # else what one large bucket took stays taken while the next takes more
            pa.default_memory_pool().release_unused()
        return self._files

    def _write(self) -> None:
        waiting, self._waiting = [rows for rows in self._waiting if rows.num_rows], []
        if waiting:
            rows = coded(pa.concat_tables([with_schema(coded(rows), self._schema) for rows in waiting]))
            self._files.append(write_data_file(self._form, in_order(rows), len(self._files)))


def in_order(rows: pa.Table) -> pa.Table:
    """Coded rows sorted by customer, time and sequence; those that agree in all stay as they stood."""
    customers = whole(rows["customer_id"])
    keys = [pc.rank(customers.dictionary).to_numpy()[customers.indices.to_numpy()].astype(np.int64)]
    keys += [
        whole(rows[name]).cast(pa.int64()).to_numpy()
        for name in ("occurred_at", "sequence")
        if name in rows.column_names
    ]
    if _is_sorted(keys):
        return rows
    order = by_number(keys[0])  # enough where the rows came in the order of time
    if not _is_sorted([key[order] for key in keys]):
        order = np.lexsort(keys[::-1])
    return reordered(rows, order)


def _is_sorted(keys: Sequence[NDArray[np.int64]]) -> bool:
    so_far = np.ones(max(len(keys[0]) - 1, 0), bool)  # the rows that agree with the next in the keys so far
    for key in keys:
        if (so_far & (key[1:] < key[:-1])).any():
            return False
        so_far &= key[1:] == key[:-1]
    return True


def by_number(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of numbers below 2^32 that keeps equal ones as they stand; NumPy sorts 16 bits ten times as fast as 32."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    higher = (numbers >> 16).astype(np.uint16)
    return order[np.argsort(higher[order], kind="stable")] if higher.any() else order
