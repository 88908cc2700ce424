"""CSV, strictly: declared encoding and delimiter, RFC 4180 quotes, and every line that breaks them named.

A block of lines whose quotes stand where they must is split by Arrow; any other block goes line by line through
Python's strict reader, which finds the line at fault.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.csv_encoding import mojibake, open_csv, utf8
from tangente.sources.csv_lines import BLOCK, LINE_FEED, Lines, blocks, count, record_begins
from tangente.sources.parts import Settings
from tangente.sources.records import Column, Records, Unreadable

MOST_COLUMNS = 16_384
"""As many as a worksheet has."""

SEPARATOR = re.compile(r"sep=([^\w\s\"]|\t)")
"""Excel's own first line; it wins over the mapping."""


class CsvFile:
    """A CSV file, plain or compressed."""

    def __init__(self, path: Path, settings: Settings, *, block: int = BLOCK) -> None:
        self.path, self.encoding, self.delimiter, self.block = path, settings.encoding, settings.delimiter, block
        self.warnings: list[Message] = []
        with open_csv(path, self.encoding) as stream:
            self.headers = self._read_headers(Lines(stream, self.encoding))

    def _read_headers(self, lines: Lines) -> list[str]:
        row = self._header_row(lines)
        if separator := SEPARATOR.fullmatch(self.delimiter.join(row)):
            self.delimiter = separator[1]
            row = self._header_row(lines)
        headers = [name.strip() for name in row]
        if not any(headers):
            raise SourceError(
                Message(
                    "E-EMPTY", "{file}, line {line}: there are no column names", file=self.path.name, line=lines.taken
                )
            )
        if len(headers) > MOST_COLUMNS:
            raise SourceError(
                Message(
                    "E-WIDE",
                    "{file} has {count:,} columns; at most {most:,} are read",
                    file=self.path.name,
                    count=len(headers),
                    most=MOST_COLUMNS,
                )
            )
        return headers

    def _header_row(self, lines: Lines) -> list[str]:
        line = lines.taken + 1
        lines.begin_record()
        try:
            return next(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except StopIteration:
            raise SourceError(
                Message(
                    "E-EMPTY",
                    "{file} is empty; it needs a row of column names and rows below it",
                    file=self.path.name,
                )
            ) from None
        except (csv.Error, SourceError) as error:
            fault = lines.fault(error)
            raise SourceError(
                Message(
                    fault.code,
                    "{file}, line {line}: the column names cannot be read: {fault}",
                    file=self.path.name,
                    line=line,
                    fault=fault,
                )
            ) from error

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        with open_csv(self.path, self.encoding) as stream:
            header = Lines(stream, self.encoding)
            self._read_headers(header)
            line, number = header.taken + 1, 1
            for block in blocks(stream, self.block):
                self._warn(block, line)
                records, lines = self._split(block, line, number, columns), count(LINE_FEED, block)
                if records is None:
                    strict = Lines(stream, self.encoding, block)
                    records = self._split_strictly(strict, line, number, columns)
                    lines = strict.taken
                line, number = line + lines, number + len(records) + len(records.unreadable)
                yield records

    def _warn(self, block: bytes, line: int) -> None:
        found = None if self.warnings else mojibake(block, self.encoding)
        if found is None:
            return
        where = {"file": self.path.name, "line": line + found[0], "letters": found[1]}
        if self.encoding == "cp1252":
            warning = Message(
                "W-MOJIBAKE",
                '{file}, line {line}: “{letters}” shows that the file is UTF-8; write encoding = "utf-8" in the mapping',
                **where,
            )
        else:
            warning = Message(
                "W-MOJIBAKE",
                "{file}, line {line}: “{letters}” shows that a program before took UTF-8 for cp1252; "
                "let the program that the file comes from export it again as UTF-8",
                **where,
            )
        self.warnings.append(warning)

    def _split(self, block: bytes, line: int, number: int, columns: Sequence[str]) -> Records | None:
        """The records of a block whose bytes and quotes are in order, else None."""
        begins, text = record_begins(block, self.delimiter), utf8(block, self.encoding)
        if begins is None or text is None:
            return None
        ragged: list[arrow_csv.InvalidRow] = []
        table = self._parse(text, columns, ragged)
        if len(table) + len(ragged) != len(begins) or any("\n" in row.text for row in ragged):
            return None
        good = np.delete(np.arange(len(begins)), [row.number - 1 for row in ragged])
        lines = begins + line
        return Records(
            columns={name: Column(table.column(name).combine_chunks()) for name in columns},
            lines=lines[good],
            numbers=good + number,
            unreadable=[self._ragged(int(lines[row.number - 1]), row.text, row.actual_columns) for row in ragged],
        )

    def _parse(self, text: bytes, columns: Sequence[str], ragged: list[arrow_csv.InvalidRow]) -> pa.Table:
        def refuse(row: arrow_csv.InvalidRow) -> str:
            ragged.append(row)
            return "skip"

        places = [str(i) for i in range(len(self.headers))]  # names of unread columns may be equal or empty
        wanted = [places[self.headers.index(column)] for column in columns]
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=places),
            arrow_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=b'"' in text, invalid_row_handler=refuse
            ),
            arrow_csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
            ),
        )
        return table.rename_columns(list(columns))

    def _split_strictly(self, lines: Lines, line: int, number: int, columns: Sequence[str]) -> Records:
        rows: list[tuple[int, int, list[str]]] = []
        unreadable: list[Unreadable] = []
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while lines.begin_record():
            begin, place = line + lines.taken, number + len(rows) + len(unreadable)
            try:
                row = next(reader)
            except (csv.Error, SourceError) as error:
                fault = lines.fault(error)
                lines.keep_first_line()
                unreadable.append(Unreadable(begin, lines.record_text(), fault))
                continue
            if len(row) == len(self.headers):
                rows.append((begin, place, row))
            elif row:
                lines.keep_first_line()
                unreadable.append(self._ragged(begin, lines.record_text(), len(row)))
        wanted = [self.headers.index(column) for column in columns]
        return Records(
            columns={
                c: Column(pa.array([r[i] for *_, r in rows], pa.string())) for c, i in zip(columns, wanted, strict=True)
            },
            lines=np.array([begin for begin, *_ in rows], np.int64),
            numbers=np.array([place for _, place, _ in rows], np.int64),
            unreadable=unreadable,
        )

    def _ragged(self, line: int, text: str, found: int) -> Unreadable:
        return Unreadable(line, text, _other_columns(found, len(self.headers)))


@lru_cache(1024)  # one message for the millions of lines of a file that has the same fault in all
def _other_columns(found: int, columns: int) -> Message:
    return Message("E-COLS", "the line has {found:,} columns, the file has {columns:,}", found=found, columns=columns)
