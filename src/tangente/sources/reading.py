"""A foreign file as typed batches of the contact log, every refused row named.

It looks into the file in this process; what files of strangers go through is apart.py.
"""

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tangente.contactlog.schema import TABLES
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cells import Cells, Reader
from tangente.sources.draft import Draft, contact_rows
from tangente.sources.mapping import Mapping
from tangente.sources.misfits import misfit, several, told
from tangente.sources.parts import LogRow, Part, Table
from tangente.sources.ratings import Sheets, is_anonymous, rating_rows
from tangente.sources.records import Places, Records, TableFile
from tangente.sources.rejects import Refusal
from tangente.sources.source import Batch, Source
from tangente.sources.table_file import open_table

LONGEST_VALUE = 200
"""Characters of a refused value that are shown."""


class FileSource(Source):
    """A file that this process looks into."""

    def __init__(self, path: Path, mapping: Mapping, part: Part, file: TableFile) -> None:
        super().__init__(path, mapping, part)
        self._part, self._file = part, file
        self.warnings = file.warnings

    def read(self) -> Generator[Batch, None, None]:
        self.rows = dict.fromkeys(self.tables, 0)
        self.rejected = dict.fromkeys(self.tables, 0)
        reader = Reader(self._part)
        sheets = Sheets(self._part) if any(is_anonymous(row) for row in self._part.rows) else None
        for records in self._file.records(self._part.columns):
            yield self._batch(records, reader, sheets)
        if not any(self.rows.values()):
            raise SourceError(
                Message("E-NOROWS", "{file} has column names, but no rows below them", file=self.path.name)
            )

    def _batch(self, records: Records, reader: Reader, sheets: Sheets | None) -> Batch:
        refusals = [
            Refusal(self.path.name, table, line, "", text[:LONGEST_VALUE], reason)
            for line, text, reason in records.unreadable
            for table in self.tables
        ]
        accepted: dict[Table, pa.RecordBatch] = {}
        lines: dict[Table, Places] = {}
        if len(records):
            cells = Cells(records, reader)
            names = sheets.names(cells) if sheets else None
            for table in self.tables:
                drafts = [self._draft(row, cells, names) for row in self._part.rows if row.table == table]
                accepted[table], kept = _accepted(drafts, table)
                lines[table] = records.lines[kept]
                self.rows[table] += sum(len(draft.cells) for draft in drafts)
                refusals += self._refusals(drafts, table, records)
        self._count(records, refusals)
        refusals.sort(key=lambda refusal: refusal.line)
        return Batch(accepted.get("contacts"), accepted.get("ratings"), lines, refusals)

    @staticmethod
    def _draft(row: LogRow, cells: Cells, names: pa.Array | None) -> Draft:
        return contact_rows(row, cells) if row.table == "contacts" else rating_rows(row, cells, names)

    def _refusals(self, drafts: Sequence[Draft], table: Table, records: Records) -> list[Refusal]:
        return [
            Refusal(self.path.name, table, int(records.lines[i]), column, value[:LONGEST_VALUE], reason)
            for draft in drafts
            for i, column, value, reason in draft.faults
        ]

    def _count(self, records: Records, refusals: Sequence[Refusal]) -> None:
        for table in self.tables:
            self.rows[table] += len(records.unreadable)
            self.rejected[table] += sum(refusal.table == table for refusal in refusals)


def _accepted(drafts: Sequence[Draft], table: Table) -> tuple[pa.RecordBatch, Places]:
    """The rows of all drafts that are kept, in the order of the file, and the number of each one's record."""
    kept = np.concatenate([draft.kept for draft in drafts])
    places = np.concatenate([draft.places for draft in drafts])
    columns = [[draft.columns[name] for draft in drafts] for name in TABLES[table].names]
    if len(drafts) == 1 and kept.all():
        return pa.RecordBatch.from_arrays([column for (column,) in columns], schema=TABLES[table]), places
    order = np.flatnonzero(kept)
    order = order[np.argsort(places[order], kind="stable")]
    taken = [pa.concat_arrays(parts).take(order) for parts in columns]
    return pa.RecordBatch.from_arrays(taken, schema=TABLES[table]), places[order]


def open_source(path: str | Path, mapping: Mapping, *, meant: Table | None = None) -> FileSource:
    """Find the part of the mapping that fits the file; raises SourceError if none or both do.

    If none fits, only parts that feed the table `meant` are spoken of, where the mapping has such.
    """
    path = Path(path)
    fits: list[tuple[Part, TableFile]] = []
    misfits: list[tuple[Part, list[Message]]] = []
    for part in mapping.parts:
        try:
            file = open_table(path, part.settings)
        except SourceError as error:
            misfits.append((part, [error.args[0]]))
            continue
        if said := misfit(file.headers, part, path.name, mapping.name):
            misfits.append((part, said))
        else:
            fits.append((part, file))
    if len(fits) == 1:
        return FileSource(path, mapping, *fits[0])
    if fits:
        raise SourceError(several(path.name, mapping.name, [part for part, _ in fits]))
    raise SourceError(told(misfits, meant))
