"""An import: rows come batch by batch, become part of the log in one commit, and never twice."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyiceberg.io.pyarrow import _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.identity import numbered, pseudonyms, row_digests
from tangente.contactlog.schema import IDS, TABLES, check
from tangente.contactlog.store import LogStore


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
    _writers: dict[tuple[str, int], Any] = field(init=False, default_factory=dict)

    def __enter__(self) -> Self:
        self._spill = Path(tempfile.mkdtemp(dir=self.store.folder, prefix=".import-"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def add(self, name: str, rows: pa.RecordBatch) -> None:
        """Take rows of the table `name` in the columns of its schema, customers still under the source's ids."""
        if not rows.num_rows:
            return
        customers = pseudonyms(rows.column("customer_id"), self.store.key)
        rows = rows.set_column(rows.schema.get_field_index("customer_id"), "customer_id", customers)
        if name == "contacts":
            people = pseudonyms(rows.column("employee"), self.store.key)
            rows = rows.set_column(rows.schema.get_field_index("employee"), "employee", people)
        buckets = self._buckets(customers)
        order = np.argsort(buckets, kind="stable")
        rows, ends = rows.take(pa.array(order)), np.searchsorted(buckets[order], np.arange(self.store.buckets + 1))
        for bucket in np.unique(buckets).tolist():
            self._writer(name, bucket, rows.schema).write_batch(rows.slice(ends[bucket], ends[bucket + 1] - ends[bucket]))

    def commit(self) -> dict[str, Added]:
        """Store what was added, per table in one transaction with the import's id; a table that has the id keeps still."""
        self._close()
        added = {}
        for name in TABLES:
            if any(table == name for table, _ in self._writers):
                added[name] = self._commit(name)
        return added

    def _commit(self, name: str) -> Added:
        table, files, new, known = self.store.table(name), list[DataFile](), 0, 0
        stored = self.store.data_files(name)
        for bucket in sorted(bucket for table_name, bucket in self._writers if table_name == name):
            rows = self._identified(name, bucket)
            fresh = rows.filter(pa.array(_unknown(name, rows, [task.file.file_path for task in stored[bucket]])))
            new, known = new + fresh.num_rows, known + rows.num_rows - fresh.num_rows
            if fresh.num_rows:
                check(fresh, name)
                files.extend(_dataframe_to_data_files(table.metadata, _in_order(fresh), table.io))
        self.store.commit(name, files, self.import_id, {"name": self.name, "new": new, "known": known})
        return Added(new, known)

    def _identified(self, name: str, bucket: int) -> pa.Table:
        """The rows of a bucket in the order they came, with an id each."""
        with pa.memory_map(str(self._path(name, bucket))) as source:
            rows = pa.ipc.open_stream(source).read_all().combine_chunks()
        if name == "ratings":
            moments = pc.cast(pc.cast(rows["occurred_at"], pa.int64()), pa.string())
            rows = _replaced(rows, "response_id", pc.coalesce(rows["response_id"], moments))
        own = rows[IDS[name]]
        if own.null_count:
            positional = set() if self.mapped_sequence else {"sequence"}
            content = [column for column in rows.column_names if column not in positional | {IDS[name]}]
            _, customers = np.unique(rows["customer_id"].combine_chunks().dictionary_encode().indices, return_inverse=True)
            rows = _replaced(rows, IDS[name], pc.coalesce(own, numbered(row_digests(rows, content), customers)))
        return rows.cast(TABLES[name])

    def _buckets(self, customers: pa.Array) -> NDArray[np.int32]:
        coded = customers.dictionary_encode()
        transform = BucketTransform(self.store.buckets).pyarrow_transform(StringType())
        return transform(coded.dictionary).take(coded.indices).to_numpy(zero_copy_only=False)

    def _writer(self, name: str, bucket: int, schema: pa.Schema) -> Any:
        if (name, bucket) not in self._writers:
            self._writers[name, bucket] = pa.ipc.new_stream(str(self._path(name, bucket)), schema)
        return self._writers[name, bucket]

    def _path(self, name: str, bucket: int) -> Path:
        return self._spill / f"{name}-{bucket}.arrows"

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()


def _replaced(rows: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), column, values)


def _unknown(name: str, rows: pa.Table, files: list[str]) -> NDArray[np.bool_]:
    """Which rows are new: the first of their id in the delivery, and not in the log's files yet."""
    keys = pc.binary_join_element_wise(rows["customer_id"], rows[IDS[name]], "/").combine_chunks()
    unknown = np.zeros(len(keys), bool)
    unknown[np.unique(keys.dictionary_encode().indices.to_numpy(), return_index=True)[1]] = True
    for file in files:
        stored = pq.read_table(file.removeprefix("file://"), columns=["customer_id", IDS[name]])
        known = pc.binary_join_element_wise(stored["customer_id"], stored[IDS[name]], "/")
        unknown &= ~pc.is_in(keys, known.combine_chunks()).to_numpy(zero_copy_only=False)
    return unknown


def _in_order(rows: pa.Table) -> pa.Table:
    """Sorted by customer and time, by integer codes: strings would take ten times as long."""
    coded = rows["customer_id"].combine_chunks().dictionary_encode()
    names = pc.rank(coded.dictionary).to_numpy()
    keys = [names[coded.indices.to_numpy()], pc.cast(rows["occurred_at"], pa.int64()).to_numpy()]
    if "sequence" in rows.column_names:
        keys.append(rows["sequence"].to_numpy())
    return rows.take(pa.array(np.lexsort(keys[::-1])))
