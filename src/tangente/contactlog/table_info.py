"""What a log holds, table by table."""

from dataclasses import dataclass
from itertools import chain

from tangente.contactlog.extent import extent
from tangente.contactlog.schema import TABLES
from tangente.contactlog.store import LogStore


@dataclass(frozen=True)
class TableInfo:
    """What a table of the log holds; first and last in µs UTC, None if empty."""

    rows: int
    customers: int
    files: int
    bytes: int
    first: int | None
    last: int | None


def table_info(store: LogStore) -> dict[str, TableInfo]:
    """Say how much each table holds, in how many files, and from when to when.

    Args:
        store: the log.
    Returns: for each table its `TableInfo`.
    Cost: makes the log ready, then one pass over it.  Source: docs/explanation/contact-log.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log")) as store:
    ...     table_info(store)["contacts"].rows
    0
    """
    sizes = extent(store.log())
    files = {name: list(chain(*store.data_files(name))) for name in TABLES}
    return {
        name: TableInfo(
            size.rows,
            size.customers,
            len(files[name]),
            sum(file.file_size_in_bytes for file in files[name]),
            size.first,
            size.last,
        )
        for name, size in sizes.items()
    }
