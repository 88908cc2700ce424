"""The Iceberg catalog of a log folder: what belongs together becomes part of the log in one SQLite transaction.

Beside the places of the tables' metadata it holds the SHA-256 of every file of the record, and the marks of erased
customers, which are hashes of their pseudonyms.
"""

import errno
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pyiceberg.catalog.sql import IcebergTables, SqlCatalog
from pyiceberg.io import FileIO
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.snapshots import MetadataLogEntry
from pyiceberg.table.update import TableRequirement, TableUpdate
from pyiceberg.typedef import EMPTY_DICT, Identifier, Properties
from sqlalchemy import URL, BigInteger, Column, Connection, MetaData, String, delete, event, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError

from tangente.contactlog.damage import DATABASE, RecordError, unsound
from tangente.contactlog.files import Checksum, SyncedFileIO
from tangente.contactlog.schema import RECORD
from tangente.errors import ContactLogError
from tangente.messages import Message

T = TypeVar("T")

NAMESPACE = "log"

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Before all and after all that a log holds."""

_OWN = MetaData()
_FILES = SqlTable(
    "log_files",
    _OWN,
    Column("path", String, primary_key=True),
    Column("sha256", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
_ERASED = SqlTable("log_erased", _OWN, Column("mark", String, primary_key=True))


class LogCatalog(SqlCatalog):
    """The catalog in `folder`/catalog.db. `files` gives access to the files and knows what was written.

    Within `together` all commits are staged, each on top of the one before; at its end they become part of the log at
    once, or, if anything is raised, not at all.
    """

    def __init__(self, folder: Path) -> None:
        place = folder / DATABASE
        if not place.is_file():  # SQLite would make an empty one, in which nothing belongs to the log
            raise ContactLogError(unsound())
        if not os.access(place, os.R_OK):  # which SQLite tells as damage
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
        self.files = SyncedFileIO(EMPTY_DICT, self.checksum)
        self._now: dict[Identifier, Table] | None = None
        self._forgotten = BEGINNING
        uri = URL.create("sqlite", database=str(place)).render_as_string()
        try:
            super().__init__("tangente", uri=uri, warehouse=str(folder))
        except DatabaseError as error:
            raise ContactLogError(unsound()) from error
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "handle_error", partial(_as_of_a_file, str(place)))
        self.engine.dispose()  # connections made before were not configured

    def create(self) -> None:
        """Make what a new log needs."""
        self.create_namespace(NAMESPACE)
        _OWN.create_all(self.engine)

    def _load_file_io(self, properties: Properties = EMPTY_DICT, location: str | None = None) -> FileIO:
        return self.files

    def places(self) -> dict[str, str]:
        """Where the metadata of each table lies."""
        with self.engine.connect() as connection:
            found = connection.execute(select(IcebergTables.table_name, IcebergTables.metadata_location))
            places = {name: str(place) for name, place in found}
        if not RECORD.keys() <= places.keys():
            raise ContactLogError(unsound())
        return places

    def tables(self) -> dict[str, Table]:
        """All tables as one commit left them."""
        return self.settled(lambda: {name: self._table(name, place) for name, place in sorted(self.places().items())})

    def settled(self, ask: Callable[[], T]) -> T:
        """What is read of the log; read again if the log let go of the files meanwhile."""
        while True:
            places = self.places()
            try:
                return ask()
            except RecordError:
                if self.places() == places:
                    raise

    def _table(self, name: str, place: str) -> Table:
        metadata = FromInputFile.table_metadata(self.files.new_input(place))
        return Table((NAMESPACE, name), metadata, place, self.files, self)

    def load_table(self, identifier: str | Identifier) -> Table:
        """A table as it is; within `together` as it was at the beginning, or as it is staged."""
        now = (self._now or {}).get(self.identifier_to_tuple(identifier))
        return now or super().load_table(identifier)

    def commit_table(
        self, table: Table, requirements: tuple[TableRequirement, ...], updates: tuple[TableUpdate, ...]
    ) -> CommitTableResponse:
        """Commit a table, or within `together` stage it."""
        if self._now is None:
            return super().commit_table(table, requirements, updates)
        current = self.load_table(table.name())
        staged = self._update_and_stage_table(current, table.name(), requirements, updates)
        metadata = staged.metadata.model_copy(update={"metadata_log": self._remembered(staged.metadata.metadata_log)})
        self._write_metadata(metadata, staged.io, staged.metadata_location)
        self._now[table.name()] = Table(table.name(), metadata, staged.metadata_location, self.files, self)
        return CommitTableResponse.model_validate({"metadata": metadata, "metadata-location": staged.metadata_location})

    def _remembered(self, log: list[MetadataLogEntry]) -> list[MetadataLogEntry]:
        oldest = self._forgotten.timestamp() * 1000
        return [entry for entry in log if entry.timestamp_ms >= oldest]

    @contextmanager
    def together(self, *, erased: Iterable[str] = (), forgotten: datetime = BEGINNING) -> Iterator[None]:
        """Let everything committed in the block become part of the log at its end, with the marks of erased customers.

        Tables that change forget their metadata files from before the moment `forgotten`.
        """
        self._now, self._forgotten = {table.name(): table for table in self.tables().values()}, forgotten
        before = {name: table.metadata_location for name, table in self._now.items()}
        try:
            yield
            with self.engine.begin() as connection:
                for name, table in self._now.items():
                    if table.metadata_location != before[name]:
                        _replace(connection, name, before[name], table.metadata_location)
                _note(connection, self.files.written, erased)
            self.files.written.clear()
        finally:
            self._now = None

    def checksums(self) -> dict[str, Checksum]:
        """What each file of the record held when it was written, by path."""
        with self.engine.connect() as connection:
            return {path: Checksum(*rest) for path, *rest in connection.execute(select(_FILES))}

    def checksum(self, path: str) -> Checksum | None:
        """What a file held when it was written; None if it is no part of the log, or no more."""
        with self.engine.connect() as connection:
            found = connection.execute(select(_FILES.c.sha256, _FILES.c.bytes).where(_FILES.c.path == path)).first()
        return Checksum(*found) if found else None

    def forget(self, paths: Iterable[str]) -> None:
        """Files that have been removed."""
        with self.engine.begin() as connection:
            for path in paths:
                connection.execute(delete(_FILES).where(_FILES.c.path == path))

    def is_sound(self) -> bool:
        """Whether SQLite finds no fault in catalog.db, and the metadata of each table are known."""
        with self.engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        places = self.places()
        return said == ["ok"] and places.keys() == RECORD.keys() and {*places.values()} <= self.checksums().keys()

    def erased(self) -> set[str]:
        """The marks of erased customers."""
        with self.engine.connect() as connection:
            return set(connection.scalars(select(_ERASED.c.mark)))


def mark(pseudonym: str) -> str:
    """What is kept of an erased customer: enough to know the pseudonym again, not enough to tell it."""
    return hashlib.sha256(pseudonym.encode()).hexdigest()


def _configure(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = EXTRA")  # the folder too, so that no power cut takes a commit back
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA busy_timeout = 20000")


def _as_of_a_file(place: str, context: ExceptionContext) -> OSError | None:
    """The database is a file, and what goes wrong with it is told as with any other."""
    error = context.original_exception
    of_the_file = isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
    return OSError(errno.EIO, str(error), place) if of_the_file else None


def _replace(connection: Connection, name: Identifier, before: str, now: str) -> None:
    *_, table = name
    done = connection.execute(
        update(IcebergTables)
        .where(IcebergTables.table_name == table, IcebergTables.metadata_location == before)
        .values(metadata_location=now, previous_metadata_location=before)
    )
    if done.rowcount != 1:
        raise ContactLogError(
            Message(
                "E-CONFLICT",
                "Another program changed the table {table} meanwhile; nothing is stored, try again",
                table=table,
            )
        )


def _note(connection: Connection, written: dict[str, Checksum], erased: Iterable[str]) -> None:
    for path, checksum in written.items():
        connection.execute(insert(_FILES).values(path=path, sha256=checksum.sha256, bytes=checksum.bytes))
    for one in erased:
        connection.execute(insert(_ERASED).values(mark=one).on_conflict_do_nothing())
