"""A foreign file as typed batches of the contact log, every refused row named.

It looks into the file in this process; what files of strangers go through is apart.py.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, reduce
from pathlib import Path

import numpy as np
import pyarrow as pa

from tangente.contactlog.schema import TABLES
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cells import Cells, Reader
from tangente.sources.draft import Draft, contact_rows
from tangente.sources.mapping import Mapping
from tangente.sources.parts import LogRow, Part, Table
from tangente.sources.ratings import Sheets, is_anonymous, rating_rows
from tangente.sources.records import Places, Records, TableFile
from tangente.sources.rejects import Refusal
from tangente.sources.table_file import open_table

LONGEST_VALUE = 200
"""Characters of a refused value that are shown."""

MISSING, HEADERS = 3, 10
"""Missing columns, and columns of the file, that a message names at most."""


@dataclass(frozen=True)
class Batch:
    """Some rows of the file: what is accepted of each table it feeds, with the lines of these, and what is refused."""

    contacts: pa.RecordBatch | None
    ratings: pa.RecordBatch | None
    lines: dict[Table, Places]
    refusals: list[Refusal]

    @property
    def tables(self) -> dict[Table, pa.RecordBatch]:
        """The accepted rows of the tables that the file feeds."""
        rows: dict[Table, pa.RecordBatch | None] = {"contacts": self.contacts, "ratings": self.ratings}
        return {table: accepted for table, accepted in rows.items() if accepted is not None}


class Source(ABC):
    """One file, to be read with the part of the mapping that fits it.

    `rows` and `rejected` count the rows of each table so far: rows = accepted + rejected. `warnings` is what the user
    should know besides, complete when the file has been read.
    """

    def __init__(self, path: Path, mapping: Mapping, part: Part) -> None:
        self.path, self.mapping = path, mapping
        self.part = part.name
        self.tables = part.tables
        self.has_sequence = any("sequence" in row.fields for row in part.rows)
        self.rows: dict[str, int] = dict.fromkeys(part.tables, 0)
        self.rejected: dict[str, int] = dict.fromkeys(part.tables, 0)
        self.warnings: list[Message] = []

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the file and the mapping say."""
        with self.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        return hashlib.sha256(f"{content} {self.mapping.digest}".encode()).hexdigest()

    @abstractmethod
    def batches(self) -> Generator[Batch, None, None]:
        """Read the file from its start, in its order."""


class FileSource(Source):
    """A file that this process looks into."""

    def __init__(self, path: Path, mapping: Mapping, part: Part, file: TableFile) -> None:
        super().__init__(path, mapping, part)
        self._part, self._file = part, file
        self.warnings = file.warnings

    def batches(self) -> Generator[Batch, None, None]:
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
                self.rows[table] += sum(int((~draft.absent).sum()) for draft in drafts)
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
    if len(drafts) == 1 and kept.all():
        columns = [drafts[0].columns[name] for name in TABLES[table].names]
        return pa.RecordBatch.from_arrays(columns, schema=TABLES[table]), np.arange(len(kept))
    by_record = np.arange(len(kept)).reshape(len(drafts), -1).T.ravel()
    order = by_record[kept[by_record]]
    columns = [pa.concat_arrays([draft.columns[name] for draft in drafts]).take(order) for name in TABLES[table].names]
    return pa.RecordBatch.from_arrays(columns, schema=TABLES[table]), order % len(drafts[0].kept)


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
        if said := _misfit(file.headers, part, path.name, mapping.name):
            misfits.append((part, said))
        else:
            fits.append((part, file))
    if len(fits) == 1:
        return FileSource(path, mapping, *fits[0])
    if fits:
        raise SourceError(_several(path.name, mapping.name, [part for part, _ in fits]))
    raise SourceError(_told(misfits, meant))


def _several(file: str, mapping: str, parts: Sequence[Part]) -> Message:
    named = [Message("", "[{part}] ({columns})", part=part.name, columns=list(part.columns)) for part in parts]
    return Message(
        "E-MAPPING",
        "{file} fits both {one} and {other} of {mapping}; leave out the part that is not meant",
        file=file,
        one=named[0],
        other=named[1],
        mapping=mapping,
    )


def _told(misfits: Sequence[tuple[Part, list[Message]]], meant: Table | None) -> Message:
    told = [said for part, said in misfits if meant in part.tables] or [said for _, said in misfits]
    return joined([said[0] for said in told] + [hint for said in told for hint in said[1:]])


def joined(sentences: Sequence[Message]) -> Message:
    """One sentence of several, each said once, under the code of the first."""
    return reduce(
        lambda one, other: Message(one.code, "{one}; {other}", one=one, other=other), dict.fromkeys(sentences)
    )


def _misfit(headers: Sequence[str], part: Part, file: str, mapping: str) -> list[Message]:
    """Why the part cannot read a file with these headers, then a hint; nothing if it can."""
    missing = [column for column in part.columns if column not in headers]
    if missing:
        return [_missing(missing, part, file, mapping), _hint(missing, headers, part)]
    for column in part.columns:
        if headers.count(column) > 1:
            return [_twice(column, headers, file)]
    return []


def _missing(missing: Sequence[str], part: Part, file: str, mapping: str) -> Message:
    if len(missing) == 1:
        return Message(
            "E-MISSING",
            "{file} has no column '{column}', which [{part}] of {mapping} reads",
            file=file,
            column=missing[0],
            part=part.name,
            mapping=mapping,
        )
    return Message(
        "E-MISSING",
        "{file} has no columns {columns}, which [{part}] of {mapping} reads",
        file=file,
        columns=_some([f"'{column}'" for column in missing], MISSING),
        part=part.name,
        mapping=mapping,
    )


def _twice(column: str, headers: Sequence[str], file: str) -> Message:
    return Message(
        "E-DUPLICATE",
        "{file} has the column '{column}' more than once ({places}); give each its own name",
        file=file,
        column=column,
        places=[i for i, name in enumerate(headers, 1) if name == column],
    )


def _hint(missing: Sequence[str], headers: Sequence[str], part: Part) -> Message:
    near = {column: match for column in missing for match in get_close_matches(column, headers, 1)}
    if near:
        column, match = next(iter(near.items()))
        if len(missing) > 1:
            return Message("", "did you mean '{match}' for '{column}'?", match=match, column=column)
        return Message("", "did you mean '{match}'?", match=match)
    if len(headers) == 1:
        return Message(
            "",
            "its only column is '{column}', so the delimiter may not be '{delimiter}'",
            column=headers[0][:LONGEST_VALUE],
            delimiter=part.settings.delimiter,
        )
    return Message("", "it has {columns}", columns=_some(headers, HEADERS))


def _some(names: Sequence[str], most: int) -> Message | list[str]:
    if len(names) <= most:
        return list(names)
    return Message("", "{names} and {more:,} more", names=list(names[:most]), more=len(names) - most)
