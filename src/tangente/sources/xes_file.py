"""XES: an event log as a table with a row per event; what belongs to the trace stands in columns named case:…."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cell_texts import column_of_cells, number_text
from tangente.sources.parts import Settings
from tangente.sources.records import Records, Unreadable
from tangente.sources.strict_xml import StrictXml
from tangente.sources.unpacked import open_unpacked

ROWS = 1 << 14
GLANCE = 8 << 20
"""Bytes that are read to learn the names of the attributes; the globals before them declare most."""
MOST_ATTRIBUTES = 10_000
DEEPEST = 100

ATTRIBUTES = frozenset(("string", "date", "int", "float", "boolean", "id"))
NUMBERS = ("int", "float")
PLACES = {"trace": ["log"], "event": ["log", "trace"]}
"""Where these elements stand; an event anywhere else would be nobody's, or somebody else's."""
HOLDERS = {"event": "", "trace": "case:", "global event": "", "global trace": "case:"}
"""Elements that hold attributes, and how the columns begin in which those stand."""
CASE, TIME = "case:concept:name", "time:timestamp"


class XesFile:
    """An event log; a row's line is the one on which its event begins."""

    def __init__(self, path: Path, settings: Settings, *, rows: int = ROWS, glance: int = GLANCE) -> None:
        self.path, self.decimal, self.rows = path, settings.decimal_sign, rows
        self.warnings: list[Message] = []
        self.headers = Headings(path, glance)

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        events = _Events(self.path, columns, self.decimal)
        for _ in events.chunks():
            if events.waiting >= self.rows:
                yield events.taken()
        yield events.taken()


class Headings(Sequence[str]):
    """The columns of an event log, by its globals and first events; asked for another, it looks through all of it.

    So a column that is filled only late is found, and no large file is read twice for the others.
    """

    def __init__(self, path: Path, glance: int) -> None:
        self._names = _Names(path)
        self._is_whole = all(taken < glance for taken in self._names.chunks())

    def __len__(self) -> int:
        return len(self._names.found)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._names.found[index]

    def __contains__(self, name: object) -> bool:
        if name not in self._names.known and not self._is_whole:
            self._names = _Names(self._names.path)
            self._is_whole = all(self._names.chunks())
        return name in self._names.known


class _Log:
    """One reading of an event log: what its elements mean."""

    def __init__(self, path: Path) -> None:
        self.path, self.xml = path, StrictXml(path.name, self._start, self._end)
        self._open: list[str] = []

    def chunks(self) -> Iterator[int]:
        """Read it, pausing now and then; yields the bytes read so far."""
        with open_unpacked(self.path) as stream:
            yield from self.xml.chunks(stream)

    def attribute(self, holder: str, column: str, kind: str, value: str | None) -> None:
        """An attribute of an event or a trace; those that belong to other attributes are passed over."""

    def begin(self, element: str) -> None: ...

    def end_event(self) -> None: ...

    def _start(self, name: str, given: dict[str, str]) -> None:
        holder = self._open[-1] if self._open else ""
        if name in ATTRIBUTES:
            if holder in HOLDERS:
                self.attribute(holder, HOLDERS[holder] + given.get("key", ""), name, given.get("value"))
        elif name in PLACES and self._open:
            self._check_place(name)
            self.begin(name)
        elif name == "global":
            name = f"global {given.get('scope')}"
        self._open.append(name)
        if self._open[0] != "log" or len(self._open) > DEEPEST:
            self._refuse(name)

    def _check_place(self, name: str) -> None:
        if self._open != PLACES[name]:
            raise SourceError(
                Message(
                    "E-XES",
                    "{file}, line {line}: <{element}> must not stand here; traces stand directly in <log>, events directly "
                    "in <trace>. Export the log again",
                    file=self.path.name,
                    line=self.xml.line,
                    element=name,
                )
            )

    def _refuse(self, name: str) -> None:
        if len(self._open) > DEEPEST:
            raise SourceError(
                Message(
                    "E-XML",
                    "{file}, line {line}: elements are nested more than {depth:,} deep",
                    file=self.path.name,
                    line=self.xml.line,
                    depth=DEEPEST,
                )
            )
        raise SourceError(
            Message(
                "E-XES",
                "{file} is XML, but no event log: it begins with <{element}> instead of <log>",
                file=self.path.name,
                element=name,
            )
        )

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "event":
            self.end_event()


class _Names(_Log):
    """The columns that there are, in the order in which they come up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.found: list[str] = []
        self.known: set[object] = set()

    def attribute(self, holder: str, column: str, kind: str, value: str | None) -> None:
        if column in self.known:
            return
        self.found.append(column)
        self.known.add(column)
        if len(self.found) > MOST_ATTRIBUTES:
            raise SourceError(
                Message(
                    "E-XES",
                    "{file}, line {line}: there are more than {most:,} different attributes; "
                    "this is no event log of contacts",
                    file=self.path.name,
                    line=self.xml.line,
                    most=MOST_ATTRIBUTES,
                )
            )


class _Events(_Log):
    """The cells of the events that are not taken yet, in the columns that are asked for."""

    def __init__(self, path: Path, columns: Sequence[str], decimal: str) -> None:
        super().__init__(path)
        self._columns, self._decimal = frozenset(columns), decimal
        self._of_trace: dict[str, str | None] = {}
        self._of_event: dict[str, str | None] = {}
        self._line = self._number = 0
        self._clear()

    def _clear(self) -> None:
        self._cells: dict[str, list[str | None]] = {name: [] for name in self._columns}
        self._lines: list[int] = []
        self._numbers: list[int] = []
        self._unreadable: list[Unreadable] = []

    @property
    def waiting(self) -> int:
        return len(self._lines) + len(self._unreadable)

    def taken(self) -> Records:
        """The events since the last time."""
        records = Records(
            columns={name: column_of_cells(cells) for name, cells in self._cells.items()},
            lines=np.array(self._lines, np.int64),
            numbers=np.array(self._numbers, np.int64),
            unreadable=self._unreadable,
        )
        self._clear()
        return records

    def begin(self, element: str) -> None:
        self._of_event, self._line = {}, self.xml.line
        if element == "trace":
            self._of_trace = {}

    def attribute(self, holder: str, column: str, kind: str, value: str | None) -> None:
        if column not in self._columns or holder not in ("event", "trace"):
            return
        cells = self._of_event if holder == "event" else self._of_trace
        if column in cells:
            raise SourceError(
                Message(
                    "E-XES",
                    "{file}, line {line}: the attribute {column} stands twice in one {element}",
                    file=self.path.name,
                    line=self.xml.line,
                    column=column,
                    element=holder,
                )
            )
        if holder == "trace" and self._of_event:
            raise SourceError(
                Message(
                    "E-XES",
                    "{file}, line {line}: the attribute {column} of a trace stands behind an event of it; "
                    "attributes come first",
                    file=self.path.name,
                    line=self.xml.line,
                    column=column,
                )
            )
        cells[column] = number_text(value, self._decimal) if kind in NUMBERS and value else value

    def end_event(self) -> None:
        cells = self._of_trace | self._of_event
        self._number += 1
        fault = self._fault(cells)
        if fault:
            self._unreadable.append(Unreadable(self._line, ", ".join(filter(None, cells.values())), fault))
            return
        self._lines.append(self._line)
        self._numbers.append(self._number)
        for name, column in self._cells.items():
            column.append(cells.get(name))

    def _fault(self, cells: dict[str, str | None]) -> Message | None:
        if CASE in self._columns and not cells.get(CASE):
            return Message("E-XES", "the trace of this event has no concept:name, so it is nobody's")
        if TIME in self._columns and not cells.get(TIME):
            return Message("E-XES", "the event has no time:timestamp")
        return None
