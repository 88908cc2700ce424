"""The rows of a worksheet, one after the other, each with the cells that it has; nothing is made up between them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.workbook import TRUE, Sheet, TextOf, Workbook, unescaped

LARGEST_GAP = 100_000
"""Empty rows between two that are filled; more, and a cell was filled by mistake, or to make readers run out of memory."""

_PLACE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_INTEGER = re.compile(r"-?[0-9]{1,18}")


class Wrong(NamedTuple):
    """A cell that shows an error or whose formula was never worked out: what it shows, and the reason to refuse it."""

    shown: str
    reason: Message


class SheetRow(NamedTuple):
    """The number of a row, and its cells that are not empty by the numbers of their columns, from 0."""

    line: int
    cells: dict[int, object]


class Worksheet:
    """One reading of a worksheet; what is hidden or merged is known when all rows are read."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        self.hidden_rows = 0
        self.hidden_columns: list[range] = []
        self.merged: list[str] = []
        self._rows: list[SheetRow] = []
        self._line = self._last_line = self._column = 0
        self._cells: dict[int, object] = {}
        self._cell: dict[str, str] = {}
        self._is_hidden = self._has_formula = self._hears = False
        self._pieces: list[str] = []
        self._inline = TextOf(self._pieces)

    def rows(self) -> Iterator[SheetRow]:
        """Those that have a cell that is not empty."""
        for _ in self.book.parse(self.sheet.part, self._start, self._end, self._text):
            yield from self._rows
            self._rows.clear()

    def _start(self, name: str, given: dict[str, str]) -> None:
        match name:
            case "c":
                self._begin_cell(given)
            case "v":
                self._hears = True
            case "f":
                self._has_formula = True
            case "row":
                self._begin_row(given)
            case "col":
                if given.get("hidden") in TRUE:
                    first, last = (self._whole(given.get(end, "")) for end in ("min", "max"))
                    self.hidden_columns.append(range(first - 1, last))
            case "mergeCell":
                self.merged.append(given.get("ref", ""))
            case _:
                self._inline.start(name)

    def _end(self, name: str) -> None:
        match name:
            case "c":
                value = self._value()
                if value not in (None, ""):
                    self._cells[self._column] = value
            case "v":
                self._hears = False
            case "row":
                self._end_row()
            case _:
                self._inline.end(name)

    def _text(self, text: str) -> None:
        if self._hears:
            self._pieces.append(text)
        else:
            self._inline.add(text)

    def _begin_row(self, given: dict[str, str]) -> None:
        self._line = self._whole(given["r"]) if "r" in given else self._line + 1
        self._cells, self._column = {}, -1
        self._is_hidden = given.get("hidden") in TRUE

    def _end_row(self) -> None:
        if not self._cells:
            return
        if not self._last_line < self._line <= self._last_line + LARGEST_GAP:
            raise SourceError(self._far(f"{get_column_letter(min(self._cells) + 1)}{self._line}"))
        self._last_line = self._line
        self.hidden_rows += self._is_hidden
        self._rows.append(SheetRow(self._line, self._cells))

    def _far(self, cell: str) -> Message:
        return Message(
            "E-DIM",
            "{file}, sheet '{sheet}': the cell {cell} lies far from the others, or out of order; "
            "delete it, or copy the table into a new file",
            file=self.book.file,
            sheet=self.sheet.name,
            cell=cell,
        )

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._cell, self._has_formula = given, False
        self._pieces.clear()
        place = _PLACE.fullmatch(given.get("r", ""))
        self._column = column_index_from_string(place[1]) - 1 if place else self._column + 1

    def _value(self) -> object:
        text, kind = "".join(self._pieces), self._cell.get("t", "n")
        if not text:
            return self._without_value() if self._has_formula and kind != "str" else None
        match kind:
            case "s":
                return self._shared(text)
            case "n":
                return self._number(text)
            case "b":
                return text == "1"
            case "e":
                return self._error(text)
        return unescaped(text)

    def _shared(self, text: str) -> str:
        index = self._whole(text)
        if index >= len(self.book.strings):
            raise SourceError(self._broken(text))
        return self.book.strings[index]

    def _number(self, text: str) -> object:
        try:
            number = int(text) if _INTEGER.fullmatch(text) else float(text)
        except ValueError:
            return text
        is_duration = self.book.date_styles.get(self._whole(self._cell.get("s", "0")))
        if is_duration is None:
            return number
        try:
            return from_excel(number, self.book.epoch, timedelta=is_duration)
        except (OverflowError, ValueError):  # beyond the calendar
            return number

    def _without_value(self) -> Wrong:
        reason = Message(
            "E-FORMULA",
            "the formula in the cell {cell} has no value; open the file in a spreadsheet program and save it",
            cell=self._place,
        )
        return Wrong("", reason)

    def _error(self, text: str) -> Wrong:
        reason = Message(
            "E-FORMULA",
            "the cell {cell} shows the error {error}; mend it or, if it means that there is nothing, "
            "write {line} in the mapping",
            cell=self._place,
            error=text,
            line=f'missing = ["{text}"]',
        )
        return Wrong(text, reason)

    @property
    def _place(self) -> str:
        return f"{get_column_letter(self._column + 1)}{self._line}"

    def _whole(self, text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 10:
            raise SourceError(self._broken(text))
        return int(text)

    def _broken(self, text: str) -> Message:
        return Message(
            "E-DAMAGED",
            "{file} is damaged: in row {line} of the sheet '{sheet}' stands '{text}' where the number of a row, "
            "a text or a style belongs",
            file=self.book.file,
            line=self._line,
            sheet=self.sheet.name,
            text=text[:20],
        )
