"""Take one import out of the log again, exactly: its rows go, rows it had replaced come back."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.compute as pc
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from tangente.contactlog.data_files import DataFileForm
from tangente.contactlog.imported import Imported, find_import, resting_on
from tangente.contactlog.rewriting import rewritten, span_of
from tangente.contactlog.schema import IMPORT_ID, RECORD, REPLACED, REPLACED_BY
from tangente.contactlog.slices import DataFileWriter, row_groups
from tangente.contactlog.snapshot import IMPORT
from tangente.contactlog.store import Change, LogStore
from tangente.errors import ContactLogError
from tangente.messages import Message


@dataclass(frozen=True)
class Undone:
    """What became of an import: how many rows of both tables went, and how many came back in their old version."""

    one: Imported
    gone: int
    back: int


def undo(store: LogStore, meant: str) -> Undone:
    """Take an import out again, in one commit; its file can then be imported as if it never had been.

    A data file of which all rows come from the import is dropped without being read.

    Args:
        store: the log.
        meant: the import, by its id, the beginning of its id, or the name of its file.
    Returns: the import and the rows that went and came back.
    Raises: ContactLogError if no import or several are meant, or later imports rest on it, which it names.
    Cost: one read and write of the data files that hold its rows and others.  Source: docs/how-to/look-after-a-log.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:  # doctest: +ELLIPSIS
    ...     undo(store, "may.csv")
    Traceback (most recent call last):
    tangente.errors.ContactLogError: ... holds no import “may.csv”; `tangente log info` lists them
    """
    with store.writing():
        one = find_import(store, meant)
        if resting := resting_on(store, one):
            raise ContactLogError(
                Message(
                    "E-RESTS",
                    "{file} cannot be undone while later imports rest on its rows; undo first, in this order: {imports}",
                    file=one.named(),
                    imports=[other.named() for other in resting],
                )
            )
        counts = [_undo(store, table, one.id) for table in one.counts]
    return Undone(one, sum(gone for gone, _ in counts), sum(back for _, back in counts))


def _undo(store: LogStore, name: str, import_id: str) -> tuple[int, int]:
    table, replaced = store.table(name), store.table(REPLACED[name])
    rows = _Withdrawal(table, IMPORT_ID.name, import_id)
    versions = _Withdrawal(replaced, REPLACED_BY.name, import_id)
    back: list[DataFile] = []
    for files, old in zip(store.by_bucket(table), store.by_bucket(replaced), strict=True):
        rows.take(files)
        back += _restored(table, versions.take(old), import_id)
    returned = sum(file.record_count for file in back)
    store.apply(Change(name, add=rows.add + back, remove=rows.remove, forget=[IMPORT + import_id]))
    store.apply(Change(REPLACED[name], add=versions.add, remove=versions.remove))
    return rows.gone(), returned


class _Withdrawal:
    """Rows leave a table whose column says that an import brought them: the files that come and go."""

    def __init__(self, table: Table, column: str, import_id: str) -> None:
        self.add: list[DataFile] = []
        self.remove: list[DataFile] = []
        self._table, self._column, self._import_id = table, column, import_id

    def take(self, files: Sequence[DataFile]) -> list[DataFile]:
        """Let the rows leave the files of a bucket; returns the files that held some."""
        spans = [(file, *span_of(self._table, file, self._column)) for file in files]
        holding = [(file, low, high) for file, low, high in spans if low <= self._import_id <= high]
        mixed = [file for file, low, high in holding if low < high]
        self.add += rewritten(
            self._table, mixed, lambda rows: rows.filter(pc.not_equal(rows[self._column], self._import_id))
        )
        self.remove += (file for file, *_ in holding)
        return [file for file, *_ in holding]

    def gone(self) -> int:
        """How many rows left."""
        return sum(file.record_count for file in self.remove) - sum(file.record_count for file in self.add)


def _restored(table: Table, files: Sequence[DataFile], import_id: str) -> list[DataFile]:
    """Data files of the rows that an import had replaced, as they were before."""
    writer, schema = DataFileWriter(DataFileForm(table)), RECORD[table.name()[-1]]
    for file in files:
        for group in row_groups(file.file_path):
            rows = group.read(schema.append(REPLACED_BY))
            writer.add(rows.filter(pc.equal(rows[REPLACED_BY.name], import_id)).select(schema.names))
    return writer.close()
