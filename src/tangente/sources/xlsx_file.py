"""XLSX: one worksheet as a table; a row of names, then rows of cells."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from openpyxl.utils import range_boundaries

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cell_texts import cell_text, typed_time
from tangente.sources.parts import Settings
from tangente.sources.records import Column, Records, Unreadable
from tangente.sources.workbook import Sheet, Workbook
from tangente.sources.worksheet import SheetRow, Worksheet, Wrong
from tangente.sources.xlsx_archive import open_archive

ROWS = 1 << 14


class XlsxFile:
    """A worksheet; a row's line is its row in the sheet."""

    def __init__(self, path: Path, settings: Settings, *, rows: int = ROWS) -> None:
        self.path, self.settings, self.decimal, self.rows = path, settings, settings.decimal_sign, rows
        self.warnings: list[Message] = []
        with self._opened() as sheet:
            self.headers, _ = self._read_headers(sheet.rows())

    @staticmethod
    def sheets(path: Path) -> list[str]:
        """The names of the worksheets in their order."""
        with open_archive(path) as archive:
            return [sheet.name for sheet in Workbook(archive).sheets]

    @contextmanager
    def _opened(self) -> Iterator[Worksheet]:
        with open_archive(self.path) as archive:
            book = Workbook(archive)
            yield Worksheet(book, self._choose(book.sheets))

    def _choose(self, sheets: Sequence[Sheet]) -> Sheet:
        for sheet in sheets:
            if self.settings.sheet in (None, sheet.name):
                return sheet
        if self.settings.sheet is None:
            raise SourceError(Message("E-EMPTY", "{file} has no sheet with cells", file=self.path.name))
        raise SourceError(
            Message(
                "E-MISSING",
                "{file} has no sheet '{sheet}'; it has {sheets}",
                file=self.path.name,
                sheet=self.settings.sheet,
                sheets=[sheet.name for sheet in sheets],
            )
        )

    def _read_headers(self, rows: Iterator[SheetRow]) -> tuple[list[str], int]:
        """The names of the columns, in the first row that is not empty, and the number of that row."""
        for line, cells in rows:
            names = [self._text(cells.get(i)) or "" for i in range(max(cells) + 1)]
            headers = [name.strip() for name in names]
            if any(headers):
                return headers, line
        raise SourceError(
            Message("E-EMPTY", "{file} is empty; it needs a row of column names and rows below it", file=self.path.name)
        )

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        self.warnings.clear()
        with self._opened() as sheet:
            rows = sheet.rows()
            _, header = self._read_headers(rows)
            chunk, number = list(islice(rows, self.rows)), 1
            while len(chunk) == self.rows:
                yield self._records(chunk, number, columns)
                chunk, number = list(islice(rows, self.rows)), number + len(chunk)
            self._warn_of_hidden(sheet)
            self._warn_of_merged(sheet, header)
            yield self._records(chunk, number, columns)

    def _records(self, rows: Sequence[SheetRow], number: int, columns: Sequence[str]) -> Records:
        wanted = {name: self.headers.index(name) for name in columns}
        faults = [self._fault(row, wanted.values()) for row in rows]
        good = [row for row, fault in zip(rows, faults, strict=True) if fault is None]
        places = np.arange(number, number + len(rows))
        return Records(
            columns={name: self._column([row.cells.get(i) for row in good]) for name, i in wanted.items()},
            lines=np.array([row.line for row in good], np.int64),
            numbers=places[[fault is None for fault in faults]],
            unreadable=[fault for fault in faults if fault],
        )

    def _fault(self, row: SheetRow, wanted: Iterable[int]) -> Unreadable | None:
        """Why a row cannot be read, if so: it is too wide, or a cell that is asked for has no value."""
        last = max(row.cells)
        if last >= len(self.headers):
            return Unreadable(row.line, self._text(row.cells[last]) or "", _too_wide(last + 1, len(self.headers)))
        for i in wanted:
            cell = row.cells.get(i)
            if isinstance(cell, Wrong) and cell.shown not in self.settings.missing:
                return Unreadable(row.line, cell.shown, cell.reason)
        return None

    def _column(self, cells: Sequence[object]) -> Column:
        at = pa.array([typed_time(cell) for cell in cells], pa.timestamp("us"))
        numbers = pa.array([isinstance(cell, float) for cell in cells], pa.bool_())
        return Column(pa.array(map(self._text, cells), pa.string()), at=at, numbers=numbers)

    def _text(self, cell: object) -> str | None:
        return cell.shown if isinstance(cell, Wrong) else cell_text(cell, self.decimal)

    def _warn_of_hidden(self, sheet: Worksheet) -> None:
        columns = sum(any(i in hidden for hidden in sheet.hidden_columns) for i in range(len(self.headers)))
        if sheet.hidden_rows or columns:
            self.warnings.append(
                Message(
                    "W-HIDDEN",
                    "{file} has hidden rows ({rows:,}) and columns ({columns:,}); they are read like the others",
                    file=self.path.name,
                    rows=sheet.hidden_rows,
                    columns=columns,
                )
            )

    def _warn_of_merged(self, sheet: Worksheet, header: int) -> None:
        merged = [cells for cells in sheet.merged if self._is_in_table(cells, header)]
        if merged:
            self.warnings.append(
                Message(
                    "W-MERGED",
                    "{file} has merged cells ({count:,}), as {cells}; only the first of them has a value, "
                    "the others are empty",
                    file=self.path.name,
                    count=len(merged),
                    cells=merged[0],
                )
            )

    def _is_in_table(self, cells: str, header: int) -> bool:
        try:
            first_column, _, _, last_row = range_boundaries(cells)
        except (TypeError, ValueError):  # nothing that can be found in the sheet
            return False
        return bool(first_column <= len(self.headers) and last_row >= header)


def _too_wide(found: int, columns: int) -> Message:
    return Message(
        "E-COLS", "the row has {found:,} cells, the file has {columns:,} columns", found=found, columns=columns
    )
