"""The application's database, copied while it is in use, and put back."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from tangente.web.errors import SettingError

SQLITE, POSTGRES = "tangente.sqlite3", "tangente.pgdump"

Rows = dict[str, int]
"""How many rows each table has."""


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def place() -> Path:
    """Where SQLite's file lies."""
    return Path(settings.DATABASES["default"]["NAME"])


def save(folder: Path) -> Rows:
    """Copy the database into a folder, as one moment left it; returns what it then held."""
    return _save_sqlite(folder / SQLITE) if is_sqlite() else _save_postgres(folder / POSTGRES)


def _save_sqlite(target: Path) -> Rows:
    with closing(sqlite3.connect(place())) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # else more than one file belongs to it
    return proved(target)


def proved(database: Path) -> Rows:
    """The rows of a database in a file. Raises: SettingError if SQLite finds a fault in it."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connected:
        said = faults(connected)
        if said:
            raise SettingError(f"{database} is damaged: {said[0]}")
        names = [name for (name,) in connected.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = (connected.execute(f'SELECT count(*) FROM "{name}"').fetchone() for name in names)  # noqa: S608
        return dict(zip(names, (count for (count,) in counts), strict=True))


def faults(connected: sqlite3.Connection) -> list[str]:
    """What SQLite finds wrong with a database: pages, or rows that name rows which are not there."""
    try:
        said = [text for (text,) in connected.execute("PRAGMA integrity_check") if text != "ok"]
        missing = connected.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return said + [f"a row of {table} names a row of {other} that is gone" for table, _, other, _ in missing]


@contextmanager
def _snapshot() -> Iterator[str]:
    """The name of a moment of PostgreSQL that others can look at, too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def _save_postgres(target: Path) -> Rows:
    with _snapshot() as moment:
        _run("pg_dump", "--format=custom", f"--snapshot={moment}", f"--file={target}")
        return postgres_rows()


def restore_postgres(dump: Path) -> Rows:
    """Fill the empty database of DATABASE_URL, in one transaction."""
    if connection.introspection.table_names():
        raise SettingError("The database of DATABASE_URL holds tables already; give an empty one")
    _run(
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        f"--dbname={_address()['PGDATABASE']}",
        str(dump),
    )
    return postgres_rows()


def postgres_rows() -> Rows:
    """How many rows each table of the connected database has."""
    with connection.cursor() as cursor:
        rows = {}
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            rows[name] = cursor.fetchone()[0]
        return rows


def _address() -> dict[str, str]:
    """Where PostgreSQL's own programs find the database: by environment, since arguments can be seen by others."""
    said = settings.DATABASES["default"]
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return {variable: str(said[name]) for variable, name in names.items() if said.get(name)}


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise SettingError(f"{program} is not installed; it comes with PostgreSQL's client programs")
    done = subprocess.run([found, *arguments], env=_address(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SettingError(f"{program} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ''}")
