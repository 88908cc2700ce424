"""Which state of a log is stored now and which imports it is made of, told without reading the log or loading what reads it."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tangente.contactlog.settings import FILE

IMPORT = "tangente.import."
"""Begins the property of a table that tells of an import."""

Places = list[tuple[str, str]]
"""The tables, each with where its metadata lie."""


def snapshot_of(folder: Path) -> str | None:
    """A name of the log's state that every commit changes; None where there is no log.

    Raises: sqlite3.Error if the catalog cannot be read.
    """
    if not (folder / FILE).exists():
        return None
    return hashlib.sha256(repr(_places(folder)).encode()).hexdigest()[:32]


def imports_now(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What each table says of each import it holds, by the import's id; nothing where there is no log.

    Raises: sqlite3.Error or OSError if the record cannot be read.
    """
    if not (folder / FILE).exists():
        return {}
    while True:
        places = _places(folder)
        try:
            return {name: _imports(place) for name, place in places}
        except FileNotFoundError:  # let go of by a commit, unless it is lost
            if places == _places(folder):
                raise


def _places(folder: Path) -> Places:
    with closing(sqlite3.connect(f"{(folder / 'catalog.db').as_uri()}?mode=ro", uri=True)) as catalog:
        return catalog.execute("SELECT table_name, metadata_location FROM iceberg_tables ORDER BY 1").fetchall()


def _imports(place: str) -> dict[str, dict[str, Any]]:
    properties = json.loads(Path(place).read_bytes())["properties"]
    return {key.removeprefix(IMPORT): json.loads(properties[key]) for key in properties if key.startswith(IMPORT)}
