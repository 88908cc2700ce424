"""Rows that wait on disk until the slice of their bucket has its turn."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.coded import coded, compact, reordered, whole
from tangente.contactlog.identity import in_digits
from tangente.contactlog.slices import Slice, by_number, slice_starts

RUN_BYTES = 32 << 20
"""Of rows that are sorted and written together: many more would take memory, many fewer make small pieces."""

HELD_BYTES = 48 << 20
"""Of a bucket at most so much is in memory; of one that is larger, some slices at a time."""

PREFIX = np.dtype(">u2")  # the digits of a pseudonym by which slices are told apart, as bytes


class WaitingRows:
    """Coded rows in a file, in runs: each is sorted by bucket and slice, and has a piece for each of its buckets.

    `rows` counts them by bucket.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.rows: Counter[int] = Counter()
        self._path, self._open = folder / "runs.arrows", ExitStack()
        self._file: Any = None
        self._schema = pa.schema([])
        self._gathered: list[pa.Table] = []
        self._bytes = 0
        self._writer = self._open.enter_context(ThreadPoolExecutor(1))
        self._written: Future[None] | None = None
        self._pieces: dict[int, list[tuple[int, int]]] = defaultdict(list)  # of each bucket: from where to where

    def add(self, rows: pa.Table, buckets: NDArray[np.int32]) -> None:
        """Take coded rows, each of its bucket; their customers are bare pseudonyms."""
        self._schema = rows.schema
        self._gathered.append(rows.append_column("bucket", pa.array(buckets)))
        self._bytes += rows.nbytes
        if self._bytes >= RUN_BYTES:
            self._write_meanwhile()

    def _write_meanwhile(self) -> None:
        """While more rows come; but never two runs at a time."""
        gathered, self._gathered, self._bytes = self._gathered, [], 0  # first: what fails is not tried again
        self._wait()
        if self._file is None:
            self._file = self._open.enter_context(pa.output_stream(self._path, compression=None))
        self._written = self._writer.submit(self._write, gathered)

    def _wait(self) -> None:
        written, self._written = self._written, None
        if written is not None:
            written.result()

    def _write(self, gathered: list[pa.Table]) -> None:
        rows = coded(pa.concat_tables(gathered))
        buckets = rows["bucket"].to_numpy().astype(np.int64)
        order = by_number((buckets << 16) | _prefixes(whole(rows["customer_id"])))
        filled = [name for name in self._schema.names if rows[name].null_count < len(rows)]
        buckets, rows = buckets[order], reordered(rows.select(filled), order)
        for first, last in pairwise(np.flatnonzero(np.diff(buckets, prepend=-1, append=-1)).tolist()):
            self._write_piece(int(buckets[first]), rows.slice(first, last - first))

    def _write_piece(self, bucket: int, rows: pa.Table) -> None:
        self.rows[bucket] += len(rows)
        begin = self._file.tell()
        rows = compact(rows, most=len(rows) // 4)
        with pa.ipc.new_stream(self._file, rows.schema) as stream:
            stream.write_table(rows)
        self._pieces[bucket].append((begin, self._file.tell()))

    def close(self) -> None:
        """Let go of the file, when all rows have come."""
        with self._open:
            if self._gathered:
                self._write_meanwhile()
            self._wait()

    def sliced(self, bucket: int, among: Sequence[Slice]) -> Iterator[tuple[Slice, pa.Table]]:
        """The coded rows of a bucket slice by slice, those of a customer as they came; a slice without rows is left out."""
        passes = -(-sum(end - begin for begin, end in self._pieces[bucket]) // HELD_BYTES)
        for numbers in np.array_split(np.arange(len(among)), passes):
            found: dict[int, list[pa.RecordBatch]] = defaultdict(list)
            for rows in self._read(bucket):
                ends = _ends(rows, among)
                for number in numbers.tolist():
                    part = rows.slice(ends[number], ends[number + 1] - ends[number])
                    found[number].append(part if passes == 1 else _copied(part))
            for number, batches in found.items():
                if any(map(len, batches)):
                    yield among[number], _named(pa.Table.from_batches(batches))
                batches.clear()

    def _read(self, bucket: int) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self._path)) as file:
            for begin, end in self._pieces[bucket]:
                with pa.ipc.open_stream(file.read_at(end - begin, begin)) as stream:
                    yield self._complete(stream.read_next_batch())

    def _complete(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """With the columns that are not written, since nothing stands in them."""
        held = set(rows.schema.names)
        return pa.record_batch(
            [rows[field.name] if field.name in held else pa.nulls(len(rows), field.type) for field in self._schema],
            self._schema.names,
        )


def _prefixes(customers: pa.FixedSizeBinaryArray) -> NDArray[np.uint16]:
    width = customers.type.byte_width
    prefixes: NDArray[np.uint16] = np.ndarray(
        len(customers), PREFIX, customers.buffers()[1], customers.offset * width, (width,)
    )
    return prefixes.astype(np.uint16)


def _ends(rows: pa.RecordBatch, among: Sequence[Slice]) -> list[int]:
    """Where in a piece each slice of the bucket begins, and where the last one ends."""
    inner = np.searchsorted(_prefixes(rows.column("customer_id")), slice_starts(among))
    return [0, *inner.tolist(), len(rows)]


def _copied(rows: pa.RecordBatch) -> pa.RecordBatch:
    """So that the rest of the piece goes."""
    return rows.take(pa.array(np.arange(len(rows))))


def _named(rows: pa.Table) -> pa.Table:
    place = rows.column_names.index("customer_id")
    people = in_digits(whole(rows.column(place)).dictionary_encode())
    return coded(rows.set_column(place, "customer_id", people))
