"""OCEL 2.0 as SQLite: the standard's tables, read-only; nothing that the file brings along is run."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cell_texts import Number, number_text
from tangente.sources.ocel import Change, Event, OcelTable
from tangente.sources.parts import Settings

TABLES = {
    "event": ("ocel_id", "ocel_type"),
    "object": ("ocel_id", "ocel_type"),
    "event_object": ("ocel_event_id", "ocel_object_id", "ocel_qualifier"),
    "event_map_type": ("ocel_type", "ocel_type_map"),
    "object_map_type": ("ocel_type", "ocel_type_map"),
}
OF_TYPE = {"event": ("ocel_id", "ocel_time"), "object": ("ocel_id", "ocel_time", "ocel_changed_field")}
LONGEST_ROW = 1 << 20
ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)

Row = tuple[object, ...]


class TypeTable(NamedTuple):
    """The table of one type of events or objects, its name quoted, and the attributes in it."""

    name: str
    attributes: Sequence[str]


def open_ocel_sqlite(path: Path, settings: Settings) -> OcelTable:
    return OcelTable(path, settings, OcelSqlite(path, settings.decimal_sign))


class OcelSqlite:
    """The types are read at once, objects and events when they are asked for."""

    def __init__(self, path: Path, decimal: str) -> None:
        self.path, self.decimal = path, decimal
        self._check_finished()
        for table, columns in TABLES.items():
            self._columns(table, columns)
        self._event_tables, self._object_tables = self._type_tables("event"), self._type_tables("object")
        self.event_attributes = [name for table in self._event_tables.values() for name in table.attributes]
        self.object_types = {kind: table.attributes for kind, table in self._object_tables.items()}

    def objects(self) -> Iterator[tuple[str, str]]:
        for id, kind in self._rows("SELECT ocel_id, ocel_type FROM object"):
            yield self._cell(id) or "", self._cell(kind) or ""

    def changes(self, kind: str) -> Iterator[Change]:
        table = self._object_tables[kind]
        wanted = ", ".join(map(_quoted, (*OF_TYPE["object"], *table.attributes)))
        for row in self._rows(f"SELECT {wanted} FROM {table.name}"):  # noqa: S608 names are quoted
            id, time, changed, *cells = map(self._cell, row)
            values = {
                name: cell
                for name, cell in zip(table.attributes, cells, strict=True)
                if (cell is not None if changed is None else name == changed)
            }
            yield Change(id or "", time, values)

    def events(self) -> Iterator[Event]:
        """Type by type; the number of an event is that of its row in the table of all events."""
        for kind, table in self._event_tables.items():
            yield from self._events(kind, table)
        unknown = "SELECT 1 FROM event_map_type m WHERE m.ocel_type = e.ocel_type"
        for number, id in self._rows(f"SELECT e.rowid, e.ocel_id FROM event e WHERE NOT EXISTS ({unknown})"):  # noqa: S608 constants
            fault = Message("E-OCEL", "the type of the event is not in event_map_type")
            yield Event(int(str(number)), self._cell(id) or "", None, None, {}, (), fault)

    def _events(self, kind: str, table: TypeTable) -> Iterator[Event]:
        wanted = ", ".join(f"t.{_quoted(name)}" for name in ("ocel_time", *table.attributes))
        joined = self._rows(
            f"SELECT e.rowid, e.ocel_id, r.ocel_object_id, r.ocel_qualifier, {wanted} FROM event e "  # noqa: S608 quoted
            f"LEFT JOIN {table.name} t ON t.ocel_id = e.ocel_id "
            "LEFT JOIN event_object r ON r.ocel_event_id = e.ocel_id WHERE e.ocel_type = ? ORDER BY e.rowid",
            kind,
        )
        for number, rows in groupby(joined, key=lambda row: row[0]):
            (_, id, *_), *_ = together = [[number, *map(self._cell, row[1:])] for row in rows]
            time, *cells = together[0][4:]
            related = [(row[2], row[3]) for row in together if row[2] is not None]
            fault = None
            if any(row[4:] != together[0][4:] for row in together):
                fault = Message("E-OCEL", "the event stands twice in the table of its type")
            attributes = dict(zip(table.attributes, cells, strict=True))
            yield Event(int(str(number)), id or "", kind, time, attributes, related, fault)

    def _type_tables(self, of: str) -> dict[str, TypeTable]:
        """By the name of the type."""
        tables = {}
        for kind, name in self._rows(f"SELECT ocel_type, ocel_type_map FROM {of}_map_type"):  # noqa: S608 a constant
            table = f"{of}_{name}"
            columns = self._columns(table, OF_TYPE[of])
            tables[str(kind)] = TypeTable(_quoted(table), [name for name in columns if name not in OF_TYPE[of]])
        return tables

    def _columns(self, table: str, needed: Sequence[str]) -> list[str]:
        """Of a table, which is neither a view nor made by an extension."""
        is_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name = ? COLLATE NOCASE"
        columns: list[str] = []
        if any(self._rows(is_table, table)):
            with self._opened() as database:
                about = database.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0").description  # noqa: S608 quoted
            columns = [name for name, *_ in about]
        for column in needed:
            if column not in columns:
                raise SourceError(
                    Message(
                        "E-OCEL",
                        "{file} is SQLite, but not OCEL 2.0: it has no table '{table}' with a column '{column}'",
                        file=self.path.name,
                        table=table,
                        column=column,
                    )
                )
        return columns

    def _cell(self, value: object) -> str | None:
        if isinstance(value, int):
            return Number(value)
        if isinstance(value, float):
            return number_text(repr(value), self.decimal)
        if value is None or isinstance(value, str):
            return value
        raise SourceError(Message("E-OCEL", "{file} holds binary values where texts should be", file=self.path.name))

    def _rows(self, question: str, *values: str) -> Iterator[Row]:
        with self._opened() as database:
            yield from database.execute(question, values)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                database.execute("PRAGMA trusted_schema = OFF")
                database.execute("PRAGMA query_only = ON")
                database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_ROW)
                database.set_authorizer(_authorized)
                yield database
        except sqlite3.Error as error:
            raise SourceError(
                Message(
                    "E-DAMAGED",
                    "{file} is damaged: it cannot be read as SQLite ({reason})",
                    file=self.path.name,
                    reason=str(error),
                )
            ) from error

    def _check_finished(self) -> None:
        """What a program has not yet written into the file itself would be lost without a word."""
        for ending in ("-wal", "-journal"):
            beside = self.path.with_name(self.path.name + ending)
            if beside.exists() and beside.stat().st_size:
                raise SourceError(
                    Message(
                        "E-OCEL",
                        "{file} is not finished: {beside} lies beside it; close the program that writes it",
                        file=self.path.name,
                        beside=beside.name,
                    )
                )


def _authorized(action: int, *_: object) -> int:
    """Reading of tables, and nothing else: no functions, no attached files, no settings."""
    return sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
