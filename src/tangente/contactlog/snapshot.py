"""Which state of a log is stored now and which imports it is made of, told without reading the log or loading what reads it."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tangente.contactlog.damage import DATABASE, RecordError, unsound
from tangente.contactlog.settings import FILE
from tangente.errors import ContactLogError

IMPORT = "tangente.import."
"""Begins the property of a table that tells of an import."""

PATIENCE_S = 5.0  # while another process holds the catalog
BROKEN = frozenset({"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"})
"""What SQLite says of a file that is none of its own, was damaged, or lacks the table."""

Places = list[tuple[str, str]]
"""The tables, each with where its metadata lie."""


def snapshot_of(folder: Path) -> str | None:
    """A name of the log's state that every commit changes; None where there is no log.

    Raises: ContactLogError if the catalog is damaged, sqlite3.OperationalError if it cannot be read just now.
    """
    if not (folder / FILE).exists():
        return None
    return hashlib.sha256(repr(_places(folder)).encode()).hexdigest()[:32]


def imports_now(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What each table says of each import it holds, by the import's id; nothing where there is no log.

    Raises: ContactLogError if the record is damaged, sqlite3.OperationalError if it cannot be read just now.
    """
    if not (folder / FILE).exists():
        return {}
    while True:
        places = _places(folder)
        try:
            return {name: _imports(place) for name, place in places}
        except RecordError:  # let go of by a commit, unless it is lost
            if places == _places(folder):
                raise


def _places(folder: Path) -> Places:
    if not (folder / DATABASE).is_file():
        raise ContactLogError(unsound())
    with closing(sqlite3.connect(f"{(folder / DATABASE).as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)) as catalog:
        try:
            return catalog.execute("SELECT table_name, metadata_location FROM iceberg_tables ORDER BY 1").fetchall()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "SQLITE_CORRUPT") in BROKEN:  # it has none if a text is no UTF-8
                raise ContactLogError(unsound()) from error
            raise


def _imports(place: str) -> dict[str, dict[str, Any]]:
    try:
        properties = json.loads(Path(place).read_bytes())["properties"]
        return {key.removeprefix(IMPORT): json.loads(properties[key]) for key in properties if key.startswith(IMPORT)}
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise RecordError(place) from error
