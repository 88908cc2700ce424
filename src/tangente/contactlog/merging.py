"""Rows of an import become part of a table: which it holds already, and which are new versions of rows it holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyiceberg.manifest import DataFile

from tangente.contactlog.identity import first_of_their_id, identified, row_digests
from tangente.contactlog.links import joined, places
from tangente.contactlog.schema import IDS, IMPORT_ID, RECORD, REPLACED, REPLACED_BY, TABLES
from tangente.contactlog.slices import DataFileWriter, RowGroup, Slice, row_groups
from tangente.contactlog.store import Change, LogStore

NEW, KNOWN, CHANGED = range(3)
"""What becomes of a row. A changed one takes the place of the row of its id, whose content is another."""

Places = NDArray[np.int64]


class Merge:
    """What an import does to one table, bucket by bucket and slice by slice.

    Attributes:
        counts: how many rows are new, known and changed.
        rests_on: the imports whose rows were found known or changed.
    """

    def __init__(self, store: LogStore, name: str, import_id: str, *, file: str, content: Sequence[str]) -> None:
        self.counts = np.zeros(3, np.int64)
        self.rests_on: set[str] = set()
        self._name, self._import_id, self._file, self._content = name, import_id, file, content
        self._table, self._replaced = store.table(name), store.table(REPLACED[name])
        self._files = store.catalog.files
        self._add: list[DataFile] = []
        self._remove: list[DataFile] = []
        self._old: list[DataFile] = []

    def merge(self, files: Sequence[DataFile], parts: Iterable[tuple[Slice, pa.Table]]) -> None:
        """Take the rows of a bucket, whose stored rows lie in `files`. Raises: RecordError if one of these is damaged."""
        self._files.check(file.file_path for file in files)
        stored = StoredRows(self._name, files, self._content)
        writer, old = DataFileWriter(self._table), DataFileWriter(self._replaced)
        for part, rows in parts:
            writer.add(self._to_store(part, rows, stored))
        for kept, replaced in stored.parted():
            writer.add(kept)
            old.add(replaced.append_column(REPLACED_BY, pa.repeat(self._import_id, replaced.num_rows)))
        self.rests_on |= stored.imports
        self._add += writer.close()
        self._remove += stored.affected()
        self._old += old.close()

    def _to_store(self, part: Slice, rows: pa.Table, stored: "StoredRows") -> pa.Table:
        own = rows[IDS[self._name]].is_valid().to_numpy()
        rows = identified(rows, self._name, self._content).cast(TABLES[self._name])
        keys = joined(rows["customer_id"], rows[IDS[self._name]]).combine_chunks()
        first = first_of_their_id(rows, self._name, self._content, file=self._file)
        became = np.where(first, stored.compare(part, rows, keys, own), KNOWN)
        self.counts += np.bincount(became, minlength=3)
        rows = rows.filter(pa.array(became != KNOWN))
        return rows.append_column(IMPORT_ID, pa.repeat(self._import_id, rows.num_rows))

    def changes(self, properties: dict[str, str]) -> Iterator[Change]:
        """What is to be applied."""
        yield Change(self._name, add=self._add, remove=self._remove, properties=properties)
        if self._old:
            yield Change(REPLACED[self._name], add=self._old)


class StoredRows:
    """The rows of a bucket as a log holds them. `imports` brought those that were found."""

    def __init__(self, name: str, files: Sequence[DataFile], content: Sequence[str]) -> None:
        self.imports: set[str] = set()
        self._schema = RECORD[name]
        keys = ["customer_id", IDS[name]]
        self._keys = pa.schema([self._schema.field(column) for column in (*keys, IMPORT_ID.name)])
        self._compared = [column for column in content if column not in keys]
        self._files = {file.file_path: file for file in files}
        self._changed: dict[str, list[Places]] = defaultdict(list)

    def compare(self, part: Slice, rows: pa.Table, keys: pa.Array, own: NDArray[np.bool_]) -> NDArray[np.int64]:
        """What becomes of each row of a slice; `own` are those whose id comes from their source, so that it may change."""
        became = np.full(rows.num_rows, NEW)
        for file in self._files:
            for group in row_groups(file, part):
                held = group.read(self._keys)
                row_of = places(joined(*held.columns[:2]), keys)
                found = np.flatnonzero(row_of >= 0)
                became[row_of[found]] = KNOWN
                self.imports.update(pc.unique(held[IMPORT_ID.name].take(found)).to_pylist())
                named = found[own[row_of[found]]]
                changed = named[self._differ(group, named, rows.take(row_of[named]))] if len(named) else named
                became[row_of[changed]] = CHANGED
                if len(changed):
                    self._changed[file].append(group.first + changed)
        return became

    def _differ(self, group: RowGroup, numbers: Places, rows: pa.Table) -> NDArray[np.bool_]:
        held = group.read(self._schema).take(numbers)
        differ: NDArray[np.bool_] = row_digests(held, self._compared) != row_digests(rows, self._compared)
        return differ

    def affected(self) -> list[DataFile]:
        """The files that hold rows of which there is a new version."""
        return [self._files[file] for file in self._changed]

    def parted(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """The rows of the affected files: those that stay, and those of which there is a new version."""
        for file in self.affected():
            old = np.concatenate(self._changed[file.file_path])
            for group in row_groups(file.file_path):
                rows = group.read(self._schema)
                is_old = np.isin(np.arange(group.first, group.first + rows.num_rows), old)
                yield rows.filter(pa.array(~is_old)), rows.filter(pa.array(is_old))
