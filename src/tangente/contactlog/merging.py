"""Rows of an import become part of a table: which it holds already, and which are new versions of rows it holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyiceberg.manifest import DataFile

from tangente.contactlog.absence import ready_rows
from tangente.contactlog.coded import whole, with_name
from tangente.contactlog.data_files import DataFileForm
from tangente.contactlog.identity import first_of_their_id, identified, row_digests
from tangente.contactlog.links import joined, places
from tangente.contactlog.schema import IDS, IMPORT_ID, RECORD, REPLACED, REPLACED_BY
from tangente.contactlog.slices import DataFileWriter, RowGroup, Slice, in_order, row_groups
from tangente.contactlog.store import READY, LogStore

NEW, KNOWN, CHANGED = range(3)
"""What becomes of a row. A changed one takes the place of the row of its id, whose content is another."""

Places = NDArray[np.int64]


class Merged(NamedTuple):
    """What became of the rows of a bucket.

    Attributes:
        counts: how many rows are new, known and changed.
        rests_on: the imports whose rows were found known or changed.
        add: new data files.
        remove: those that held rows of which there is a new version; what stays of them is in the new ones.
        old: new data files of the replaced rows.
    """

    counts: NDArray[np.int64]
    rests_on: set[str]
    add: list[DataFile]
    remove: list[DataFile]
    old: list[DataFile]


class Merge:
    """What an import does to one table, bucket by bucket and slice by slice; several threads may do so at once."""

    def __init__(self, store: LogStore, name: str, import_id: str, *, file: str, content: Sequence[str]) -> None:
        self._name, self._import_id, self._file, self._content = name, import_id, file, content
        self._form, self._replaced = (DataFileForm(store.table(table)) for table in (name, REPLACED[name]))
        self._store = store

    def merge(self, files: Sequence[DataFile], parts: Iterable[tuple[Slice, pa.Table]]) -> Merged:
        """Take the rows of a bucket, whose stored rows lie in `files`. Raises: RecordError if one is damaged."""
        stored = StoredRows(self._store, self._name, files, self._content)
        writer, old = DataFileWriter(self._form), DataFileWriter(self._replaced)
        counts = np.zeros(3, np.int64)
        for part, rows in parts:
            rows, became = self._found(part, rows, stored)
            counts += np.bincount(became, minlength=3)
            if (became == KNOWN).any():
                rows = rows.filter(pa.array(became != KNOWN))
            writer.add(with_name(rows, IMPORT_ID, self._import_id))
        for kept, replaced in stored.parted():
            writer.add(kept)
            old.add(with_name(replaced, REPLACED_BY, self._import_id))
        return Merged(counts, stored.imports, writer.close(), stored.affected(), old.close())

    def _found(self, part: Slice, rows: pa.Table, stored: "StoredRows") -> tuple[pa.Table, NDArray[np.int64]]:
        """The rows in their order, each with an id, and what becomes of each."""
        rows = in_order(rows)
        own = rows[IDS[self._name]].is_valid().to_numpy()
        rows = identified(rows, self._name, self._content)
        again = ~first_of_their_id(rows, self._name, self._content, file=self._file) if own.any() else None
        became = stored.compare(part, rows, own)
        if again is not None:
            became[again] = KNOWN
        return rows, became


class StoredRows:
    """The rows of a bucket as a log holds them. `imports` brought those that were found."""

    def __init__(self, store: LogStore, name: str, files: Sequence[DataFile], content: Sequence[str]) -> None:
        self.imports: set[str] = set()
        self._ready = ready_rows(store.folder / READY, files[0].partition[0], name) if files else None
        self._check, self._checked = store.catalog.files.check, set[str]()
        self._id, self._schema = IDS[name], RECORD[name]
        keys = ["customer_id", self._id]
        self._keys = pa.schema([self._schema.field(column) for column in (*keys, IMPORT_ID.name)])
        self._compared = [column for column in content if column not in keys]
        self._files = {file.file_path: file for file in files}
        self._changed: dict[str, list[int]] = defaultdict(list)

    def compare(self, part: Slice, rows: pa.Table, own: NDArray[np.bool_]) -> NDArray[np.int64]:
        """What becomes of each row of a slice; `own` are those whose id comes from their source, so that it may change."""
        became = np.full(rows.num_rows, NEW)
        ready = self._files.keys() & self._ready.files if self._ready else set()
        self._find(self._files.keys() - ready, part, rows, own, became)
        if self._ready and self._ready.may_hold(rows).any():
            self._find(ready, part, rows, own, became)
        return became

    def _find(
        self, files: Set[str], part: Slice, rows: pa.Table, own: NDArray[np.bool_], became: NDArray[np.int64]
    ) -> None:
        """Note what becomes of the rows that stand in some files. Raises: RecordError if one of these is damaged."""
        if not files:
            return
        self._check(files - self._checked)
        self._checked |= files
        people, keys = whole(rows["customer_id"]).dictionary, self._joined(rows)
        for group in chain.from_iterable(row_groups(file, part) for file in sorted(files)):
            near = group.rows_of(people)
            if not len(near):
                continue
            held = group.read(self._keys).take(near)
            row_of = places(self._joined(held), keys)
            found = np.flatnonzero(row_of >= 0)
            became[row_of[found]] = KNOWN
            self.imports.update(pc.unique(held[IMPORT_ID.name].take(found)).to_pylist())
            named = found[own[row_of[found]]]
            if len(named):
                changed = named[self._differ(group, near[named], rows.take(row_of[named]))]
                became[row_of[changed]] = CHANGED
                self._changed[group.file] += (group.first + near[changed]).tolist()

    def _joined(self, rows: pa.Table) -> pa.ChunkedArray:
        return joined(rows["customer_id"].cast(pa.string()), rows[self._id])

    def _differ(self, group: RowGroup, numbers: Places, rows: pa.Table) -> NDArray[np.bool_]:
        held = group.read(self._schema).take(numbers)
        differ: NDArray[np.bool_] = row_digests(held, self._compared) != row_digests(rows, self._compared)
        return differ

    def affected(self) -> list[DataFile]:
        """The files that hold rows of which there is a new version."""
        return [self._files[file] for file, changed in self._changed.items() if changed]

    def parted(self) -> Iterator[tuple[pa.Table, pa.Table]]:
        """The rows of the affected files: those that stay, and those of which there is a new version."""
        for file in self.affected():
            old = self._changed[file.file_path]
            for group in row_groups(file.file_path):
                rows = group.read(self._schema)
                is_old = np.isin(np.arange(group.first, group.first + rows.num_rows), old)
                yield rows.filter(pa.array(~is_old)), rows.filter(pa.array(is_old))
