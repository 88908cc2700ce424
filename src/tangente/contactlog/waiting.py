"""Rows that wait on disk until the slice of their bucket has its turn."""

import mmap
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.coded import NAMES, coded, compact, whole
from tangente.contactlog.identity import as_bytes, as_texts
from tangente.contactlog.slices import Slice, by_number, slice_starts

RUN_BYTES = 32 << 20
"""Of rows that are sorted and written together; many more would take memory, many fewer make small pieces."""

PREFIX = np.dtype(">u2")  # the digits of a pseudonym by which slices are told apart, as bytes


class WaitingRows:
    """Rows in a file, in runs: each is sorted by bucket and slice, so that a slice of a bucket is a piece of each run.

    `rows` counts them by bucket.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.rows: Counter[int] = Counter()
        self._path, self._open = folder / "runs.arrows", ExitStack()
        self._gathered: list[pa.Table] = []
        self._bytes = 0
        self._writer: Any = None
        self._starts: list[NDArray[np.int64]] = []  # of each run: where the rows of each bucket begin

    def add(self, rows: pa.Table, buckets: NDArray[np.int32]) -> None:
        """Take coded rows, each of its bucket."""
        place = rows.column_names.index("customer_id")
        customers = whole(rows.column(place))
        bare = as_bytes(customers.dictionary).take(customers.indices)
        rows = rows.set_column(place, "customer_id", bare).append_column("bucket", pa.array(buckets))
        self._gathered.append(rows)
        self._bytes += rows.nbytes
        if self._bytes >= RUN_BYTES:
            self._write()

    def _write(self) -> None:
        rows, self._gathered, self._bytes = coded(pa.concat_tables(self._gathered)), [], 0
        buckets, rows = rows["bucket"].to_numpy(), rows.drop_columns("bucket")
        rows = rows.take(pa.array(by_number((buckets.astype(np.int64) << 16) | _prefixes(whole(rows["customer_id"])))))
        if self._writer is None:
            file = self._open.enter_context(pa.output_stream(self._path, compression=None))
            self._writer = self._open.enter_context(pa.ipc.new_stream(file, rows.schema))
        self._writer.write_table(rows)
        counts = np.bincount(buckets)
        self._starts.append(np.concatenate([[0], np.cumsum(counts)]))
        self.rows.update({bucket: count for bucket, count in enumerate(counts.tolist()) if count})

    def close(self) -> None:
        """Let go of the file, when all rows have come."""
        if self._gathered:
            self._write()
        self._open.close()

    def sliced(self, bucket: int, among: Sequence[Slice]) -> Iterator[tuple[Slice, pa.Table]]:
        """The coded rows of a bucket in the order they came, slice by slice; a slice without rows is left out."""
        with self._path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        runs = list(pa.ipc.open_stream(pa.py_buffer(mapped)))
        places = [_places(run, starts, bucket, among) for run, starts in zip(runs, self._starts, strict=True)]
        for number, part in enumerate(among):
            ends = [(at[number], at[number + 1]) for at in places]
            pieces = [_piece(run.slice(a, b - a)) for run, (a, b) in zip(runs, ends, strict=True) if b > a]
            if pieces:
                yield part, _named(pa.Table.from_batches(pieces))
            mapped.madvise(mmap.MADV_DONTNEED)  # else what was read counts as memory that we use


def _prefixes(customers: pa.FixedSizeBinaryArray) -> NDArray[np.uint16]:
    width = customers.type.byte_width
    return np.ndarray(len(customers), PREFIX, customers.buffers()[1], customers.offset * width, (width,))


def _places(run: pa.RecordBatch, starts: NDArray[np.int64], bucket: int, among: Sequence[Slice]) -> list[int]:
    """Where in the run each slice of the bucket begins, and where the last one ends."""
    first, last = starts[[min(bucket, len(starts) - 1), min(bucket + 1, len(starts) - 1)]].tolist()
    prefixes = _prefixes(run.column("customer_id"))[first:last]
    inner = first + np.searchsorted(prefixes.astype(np.uint16), slice_starts(among))
    return [first, *inner.tolist(), last]


def _piece(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Names of a run that are far more than the rows of a piece of it are not gone through for each piece."""
    if any(column.type == NAMES and len(column.dictionary) > len(column) for column in rows.columns):
        return compact(rows)
    return rows


def _named(rows: pa.Table) -> pa.Table:
    place = rows.column_names.index("customer_id")
    people = whole(rows.column(place)).dictionary_encode()
    names = pa.DictionaryArray.from_arrays(people.indices, as_texts(people.dictionary))
    return coded(rows.set_column(place, "customer_id", names))
