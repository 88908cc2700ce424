"""Analysts' SQL: questions to the two tables of a log in DuckDB's SQL, which can read nothing else and change nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from tangente.contactlog.damage import RecordError
from tangente.contactlog.schema import RECORD, TABLES
from tangente.contactlog.store import LogStore
from tangente.errors import ContactLogError
from tangente.messages import Message

READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
"""Kinds of statements that are run; WITH, FROM, VALUES, TABLE, DESCRIBE, SHOW and SUMMARIZE are selects to DuckDB."""

LOCKS = (
    "SET temp_directory = ''",  # nothing of the log is written anywhere, not even for a while
    "SET python_enable_replacements = false",  # the variables of the caller are no tables
    "SET allow_persistent_secrets = false",
    "SET autoload_known_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""In this order: without external access, and once locked, DuckDB refuses the others."""

UNREADABLE = "reading the stream registered as"  # how DuckDB tells that Arrow could not read a file

Files = Mapping[str, Sequence[str]]


def query(store: LogStore, sql: str, *, memory: str = "50%") -> pa.RecordBatchReader:
    """Answer a question in SQL about the tables `contacts` and `ratings` as they are now.

    Only the files of the current snapshots are read, so rows that were replaced, undone or erased are not there. Columns
    are those of docs/reference/contact-log.md and `import_id`; amounts are millionths, customers pseudonyms. Times are
    shown and cut in the log's reporting time zone, so that months are those of every other answer.

    Args:
        store: the open log.
        sql: one reading statement in DuckDB's dialect.
        memory: how much DuckDB may use, as "2GB" or a share of the machine's; it writes nothing to disk.
    Returns: the rows as they come, named and typed as the statement says; `.read_all()` makes a table of them.
    Raises: ContactLogError, here or while reading, if the statement is not one that reads, names what is not there, needs
        more memory, or if its files went away meanwhile.
    Cost: the columns named, and of these only row groups that can pass the WHERE.  Source: docs/how-to/ask-in-sql.md

    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log")) as store:
    ...     query(store, "SELECT count(*) AS contacts, sum(cost) / 1e6 AS cost FROM contacts").read_all().to_pylist()
    [{'contacts': 0, 'cost': None}]
    """
    files = store.catalog.settled(lambda: _files(store))
    with _told(store, files):
        connection = _locked(files, store.timezone, memory)
        _check(connection.extract_statements(sql))
        rows = connection.sql(sql).to_arrow_reader()
    return pa.RecordBatchReader.from_batches(rows.schema, _batches(rows, connection, store, files))


def _files(store: LogStore) -> Files:
    tables = store.catalog.tables()
    return {name: [task.file.file_path for task in tables[name].scan().plan_files()] for name in TABLES}


def _locked(files: Files, timezone: str, memory: str) -> duckdb.DuckDBPyConnection:
    """A database in memory that knows the tables and can do nothing but compute."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = ?", [timezone])
    connection.execute("SET memory_limit = ?", [memory])
    for name, paths in files.items():
        connection.register(name, ds.dataset(paths, schema=RECORD[name], format="parquet"))
    for lock in LOCKS:
        connection.execute(lock)
    return connection


def _check(statements: Sequence[duckdb.Statement]) -> None:
    if len(statements) != 1:
        raise ContactLogError(
            Message("E-SQL", "Ask one question at a time; here are {count:,} statements", count=len(statements))
        )
    kind = statements[0].type
    if kind == duckdb.StatementType.MULTI:
        raise ContactLogError(
            Message("E-SQL", "PIVOT needs its values named, as in: PIVOT contacts ON channel IN ('Web', 'Shop')")
        )
    if kind not in READING:
        raise ContactLogError(
            Message(
                "E-SQL",
                "{kind} is refused, for SQL only reads here; begin with SELECT, WITH, FROM, DESCRIBE, SUMMARIZE or EXPLAIN",
                kind=kind.name.replace("_", " "),
            )
        )


def _batches(
    rows: pa.RecordBatchReader, connection: duckdb.DuckDBPyConnection, store: LogStore, files: Files
) -> Iterator[pa.RecordBatch]:
    with _told(store, files), connection:
        yield from rows


@contextmanager
def _told(store: LogStore, files: Files) -> Iterator[None]:
    """Say what DuckDB refuses in one sentence."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        _check_files(str(error), store, [Path(path) for path in chain(*files.values())])
        raise ContactLogError(_sentence(str(error))) from None


def _check_files(error: str, store: LogStore, paths: Sequence[Path]) -> None:
    """Refuse what comes of the files: one is damaged, or the log let go of it."""
    is_lost = not all(path.exists() for path in paths)
    if is_lost or UNREADABLE in error:
        for path in paths:
            known = store.catalog.checksum(str(path))
            if known and not known.fits(path):
                raise RecordError(str(path)) from None
    if is_lost:
        raise ContactLogError(Message("E-SQL", "The log was changed while it was read; ask again")) from None


def _sentence(error: str) -> Message:
    if "Out of Memory" in error:
        return Message(
            "E-SQL",
            "The question needs more memory than it may use; ask for fewer rows or columns, or group them first",
        )
    kind, _, reason = error.splitlines()[0].rstrip("!.").partition(": ")
    if re.search("column .*(not found|named)", reason, re.IGNORECASE):
        return Message(
            "E-SQL",
            "The question cannot be answered: {reason}; contacts has the columns {contacts}; ratings has {ratings}",
            reason=reason,
            **{name: RECORD[name].names for name in TABLES},
        )
    if re.search('Table with name|table ".*" not found|Cannot access', reason):
        return Message(
            "E-SQL", "The question cannot be answered: {reason}; the tables are contacts and ratings", reason=reason
        )
    return Message("E-SQL", "The question cannot be answered: {reason}", reason=reason or kind)
