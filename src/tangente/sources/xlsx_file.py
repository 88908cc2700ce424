"""XLSX: one worksheet, read row by row; the archive's directory is checked before anything is unpacked."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cell_texts import cell_text, typed_time
from tangente.sources.parts import Settings
from tangente.sources.records import Column, Records, Unreadable

ROWS = 1 << 14
LARGEST_UNPACKED = 2 << 30
LARGEST_RATIO = 250
"""Worksheets shrink 10 to 100 times; more is an archive made to burst."""

BROKEN = (BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError, OSError)

Row = tuple[object, ...]


class XlsxFile:
    """A worksheet; a row's line is its row in the sheet."""

    def __init__(self, path: Path, settings: Settings, *, rows: int = ROWS) -> None:
        self.path, self.sheet, self.decimal, self.rows = path, settings.sheet, settings.decimal_sign, rows
        self.warnings: list[Message] = []
        _check_archive(path)
        self.headers, _ = self._read_headers(self._sheet_rows())

    @staticmethod
    def sheets(path: Path) -> list[str]:
        """The names of the worksheets in their order."""
        _check_archive(path)
        with _open(path) as book:
            return [sheet.title for sheet in book.worksheets]

    def _sheet_rows(self) -> Iterator[Row]:
        """All rows, each as long as the sheet has it."""
        with _open(self.path) as book:
            sheet = self._choose({sheet.title: sheet for sheet in book.worksheets})
            sheet.reset_dimensions()  # some programs write wrong ones
            yield from sheet.iter_rows(values_only=True)

    def _choose(self, sheets: dict[str, Any]) -> Any:
        if not sheets or (self.sheet is not None and self.sheet not in sheets):
            raise SourceError(f"{self.path.name} has no sheet {self.sheet!r}; it has {', '.join(sheets) or 'none'}")
        return sheets[self.sheet] if self.sheet is not None else next(iter(sheets.values()))

    def _read_headers(self, rows: Iterator[Row]) -> tuple[list[str], int]:
        """The names of the columns, in the first row that is not empty, and the number of that row."""
        for line, row in enumerate(rows, 1):
            headers = [(cell_text(cell, self.decimal) or "").strip() for cell in row]
            if any(headers):
                return headers, line
        raise SourceError(f"{self.path.name} is empty; it needs a row of column names and rows below it")

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        rows = self._sheet_rows()
        line, number = self._read_headers(rows)[1] + 1, 1
        while chunk := _take(rows, self.rows):
            filled = [(i + line, row) for i, row in enumerate(chunk) if any(cell not in (None, "") for cell in row)]
            records = self._records(filled, number, columns)
            line, number = line + len(chunk), number + len(filled)
            yield records

    def _records(self, filled: list[tuple[int, Row]], number: int, columns: Sequence[str]) -> Records:
        width = len(self.headers)
        places = np.arange(number, number + len(filled))
        fits = np.array([not any(cell not in (None, "") for cell in row[width:]) for _, row in filled], bool)
        lines = np.array([line for line, _ in filled], np.int64)
        unreadable = [
            Unreadable(line, str(row[-1]), _too_wide(len(row), width))
            for (line, row), fit in zip(filled, fits, strict=True)
            if not fit
        ]
        good = [row for (_, row), fit in zip(filled, fits, strict=True) if fit]
        return Records(
            columns={name: self._column(good, self.headers.index(name)) for name in columns},
            lines=lines[fits],
            numbers=places[fits],
            unreadable=unreadable,
        )

    def _column(self, rows: list[Row], index: int) -> Column:
        cells = [row[index] if index < len(row) else None for row in rows]
        texts = pa.array([cell_text(cell, self.decimal) for cell in cells], pa.string())
        at = pa.array([typed_time(cell) for cell in cells], pa.timestamp("us"))
        return Column(texts, at=at, numbers=pa.array([isinstance(cell, float) for cell in cells], pa.bool_()))


def _too_wide(found: int, columns: int) -> Message:
    return Message(
        "E-COLS", "the row has {found:,} cells, the file has {columns:,} columns", found=found, columns=columns
    )


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    """The workbook; whatever is found broken in it while it is read ends in one error."""
    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and extensions, which we do not read
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        with closing(book):
            yield book
    except BROKEN as error:
        raise SourceError(f"{path.name} is damaged: it cannot be read as XLSX ({error})") from error


def _take(rows: Iterator[Row], size: int) -> list[Row]:
    with warnings.catch_warnings(action="ignore"):
        return list(islice(rows, size))


def _check_archive(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
    except BROKEN as error:
        raise SourceError(f"{path.name} is no XLSX file: it cannot be unpacked ({error})") from error
    names = {entry.filename for entry in entries}
    if "xl/vbaProject.bin" in names:
        raise SourceError(f"{path.name} holds macros; save it as XLSX without macros")
    if not any(name.startswith("xl/") for name in names):
        raise SourceError(f"{path.name} is a ZIP archive, not an XLSX file")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED or unpacked > LARGEST_RATIO * path.stat().st_size + (1 << 20):
        raise SourceError(f"{path.name} would unpack to {unpacked:,} bytes; that is too much for a table of this size")
