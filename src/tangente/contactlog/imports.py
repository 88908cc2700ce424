"""An import: rows come batch by batch, become part of the log in one commit, and never twice."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyiceberg.io.pyarrow import _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.disk import own_folder
from tangente.contactlog.identity import Digests, numbered, pseudonyms, row_digests
from tangente.contactlog.links import joined
from tangente.contactlog.schema import IDS, IMPORT_ID, TABLES, check
from tangente.contactlog.store import IMPORT, Change, LogStore
from tangente.errors import ContactLogError

FILLED_IN = {"contacts": frozenset({"contact_id"}), "ratings": frozenset({"rating_id", "response_id"})}
"""Columns that may be empty on arrival: an import gives the rows that lack them ids of its own."""

PSEUDONYMISED = {"contacts": ("customer_id", "employee"), "ratings": ("customer_id",)}


@dataclass(frozen=True)
class Added:
    """What became of the accepted rows of a table: accepted = new + known."""

    new: int
    known: int


@dataclass
class Import:
    """One delivery of rows, usually a file. Use it in a `with` statement; without `commit` nothing is stored.

    Rows are spread over buckets on disk first, so that memory is bounded by one batch and one bucket; each bucket is
    then sorted, freed of rows the log knows, and written as one data file.

    Args:
        store: the log.
        import_id: of the delivery; a log takes each id once.
        name: of the file, for people.
        mapped_sequence: whether `sequence` comes from the source. If it is only the row's position in the file it does
            not count as content, so that another file with the same row is recognised.
    """

    store: LogStore
    import_id: str
    name: str
    mapped_sequence: bool = False
    _spill: Path = field(init=False)
    _scratch: ExitStack = field(init=False, default_factory=ExitStack)
    _open: ExitStack = field(init=False, default_factory=ExitStack)
    _writers: dict[tuple[str, int], Any] = field(init=False, default_factory=dict)
    _rows: Counter[str] = field(init=False, default_factory=Counter)

    def __enter__(self) -> Self:
        self._spill = self._scratch.enter_context(own_folder(self.store.folder, ".import-"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        finally:
            self._scratch.close()

    def add(self, name: str, rows: pa.RecordBatch) -> None:
        """Take rows of the table `name`: all columns of its schema, people still under the source's ids.

        Raises: ContactLogError if they break the contract of the table; its id and `response_id` may be empty.
        """
        check(rows, name, unset=FILLED_IN[name])
        rows = rows.select(TABLES[name].names)
        for column in PSEUDONYMISED[name]:
            place = rows.schema.get_field_index(column)
            rows = rows.set_column(place, column, pseudonyms(rows.column(place), self.store.key))
        buckets = self._buckets(rows.column("customer_id"))
        order = np.argsort(buckets, kind="stable")
        rows, ends = rows.take(pa.array(order)), np.searchsorted(buckets[order], np.arange(self.store.buckets + 1))
        for bucket in np.unique(buckets).tolist():
            own = rows.slice(ends[bucket], ends[bucket + 1] - ends[bucket])
            self._writer(name, bucket, rows.schema).write_batch(own)
        self._rows[name] += rows.num_rows

    def close(self) -> None:
        """Say that all rows have been added, and let go of the files they wait in: of many imports all were open else."""
        self._open.close()

    def commit(self) -> dict[str, Added]:
        """Store what was added, with the import's id, in one commit.

        Returns: what became of the rows of each table that has any. If the log holds the id already it stays as it is.
        """
        return commit_all([self])[0]

    def apply(self) -> dict[str, Added]:
        """Write what the log does not hold; within `LogStore.writing`."""
        self.close()
        return {name: self._apply(name) for name in TABLES if self._rows[name]}

    def _apply(self, name: str) -> Added:
        if self.import_id in self.store.imports(name):
            return Added(new=0, known=self._rows[name])
        table, stored, uuid = self.store.table(name), self.store.data_files(name), uuid4()
        files: list[DataFile] = []
        new = 0
        for bucket in sorted(bucket for table_name, bucket in self._writers if table_name == name):
            rows = self._identified(name, bucket)
            keys = joined(rows["customer_id"], rows[IDS[name]]).combine_chunks()
            first = self._first_of_their_id(name, rows, keys)
            fresh = rows.filter(pa.array(first & ~_known(name, keys, stored[bucket])))
            if fresh.num_rows:
                new += fresh.num_rows
                fresh = fresh.append_column(IMPORT_ID, pa.repeat(self.import_id, fresh.num_rows))
                files += _dataframe_to_data_files(table.metadata, _in_order(fresh), table.io, uuid)
        added = Added(new, self._rows[name] - new)
        facts = {"name": self.name, "new": added.new, "known": added.known}
        self.store.apply(Change(name, add=files, properties={IMPORT + self.import_id: json.dumps(facts)}))
        return added

    def _identified(self, name: str, bucket: int) -> pa.Table:
        """The rows of a bucket in the order they came, with an id each."""
        with pa.memory_map(str(self._path(name, bucket))) as source:
            rows = pa.ipc.open_stream(source).read_all().combine_chunks()
        if name == "ratings":  # what a customer answers at one moment is one sheet
            moments = pc.cast(pc.cast(rows["occurred_at"], pa.int64()), pa.string())
            rows = _replaced(rows, "response_id", pc.coalesce(rows["response_id"], moments))
        own = rows[IDS[name]]
        if own.null_count:
            _, customers = np.unique(
                rows["customer_id"].combine_chunks().dictionary_encode().indices, return_inverse=True
            )
            rows = _replaced(rows, IDS[name], pc.coalesce(own, numbered(self._digests(rows), customers)))
        return rows.cast(TABLES[name])

    def _first_of_their_id(self, name: str, rows: pa.Table, keys: pa.Array) -> NDArray[np.bool_]:
        """Which rows are the first of their key in the delivery. Raises: ContactLogError if a later one says other things."""
        codes = keys.dictionary_encode().indices.to_numpy()
        _, places = np.unique(codes, return_index=True)  # by code: codes count up as keys first appear
        first = np.zeros(len(codes), bool)
        first[places] = True
        if not first.all():
            digests = self._digests(rows)
            differing = np.flatnonzero(digests != digests[places[codes]])
            if len(differing):
                identity = rows[IDS[name]][int(differing[0])].as_py()
                raise ContactLogError(
                    f"{name}: {IDS[name]} {identity!r} stands twice in {self.name} with different content; map another "
                    f"column as {IDS[name]}, or none: then rows are told apart by their content"
                )
        return first

    def _digests(self, rows: pa.Table) -> Digests:
        content = [column for column in rows.column_names if column != "sequence" or self.mapped_sequence]
        return row_digests(rows, content)

    def _buckets(self, customers: pa.Array) -> NDArray[np.int32]:
        coded = customers.dictionary_encode()
        transform = BucketTransform(self.store.buckets).pyarrow_transform(StringType())
        buckets: NDArray[np.int32] = transform(coded.dictionary).take(coded.indices).to_numpy()
        return buckets

    def _writer(self, name: str, bucket: int, schema: pa.Schema) -> Any:
        if (name, bucket) not in self._writers:
            file = self._open.enter_context(pa.OSFile(str(self._path(name, bucket)), "wb"))
            self._writers[name, bucket] = self._open.enter_context(pa.ipc.new_stream(file, schema))
        return self._writers[name, bucket]

    def _path(self, name: str, bucket: int) -> Path:
        return self._spill / f"{name}-{bucket}.arrows"


def commit_all(imports: Sequence[Import]) -> list[dict[str, Added]]:
    """Store several imports of one log together, in one commit: whatever stops it, none is stored.

    Returns: for each import, what became of the rows of each table that has any.
    """
    with imports[0].store.writing():  # what one import sees as unknown, no other may be adding meanwhile
        return [one.apply() for one in imports]


def _replaced(rows: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), column, values)


def _known(name: str, keys: pa.Array, files: list[DataFile]) -> NDArray[np.bool_]:
    """Which keys of rows the files hold."""
    known = np.zeros(len(keys), bool)
    for file in files:
        stored = pq.ParquetFile(file.file_path).read(["customer_id", IDS[name]])
        held = joined(stored["customer_id"], stored[IDS[name]]).combine_chunks()
        known |= pc.is_in(keys, held).to_numpy(zero_copy_only=False)
    return known


def _in_order(rows: pa.Table) -> pa.Table:
    """Sorted by customer and time, by integer codes: strings would take ten times as long."""
    coded = rows["customer_id"].combine_chunks().dictionary_encode()
    names = pc.rank(coded.dictionary).to_numpy()
    keys = [names[coded.indices.to_numpy()], pc.cast(rows["occurred_at"], pa.int64()).to_numpy()]
    if "sequence" in rows.column_names:
        keys.append(rows["sequence"].to_numpy())
    return rows.take(pa.array(np.lexsort(keys[::-1])))
