"""Keep a log quick and small: merge small data files, let go of earlier states that nobody reads any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pyiceberg.manifest import DataFile

from tangente.contactlog.rewriting import rewritten
from tangente.contactlog.schema import RECORD
from tangente.contactlog.slices import MOST_ROWS
from tangente.contactlog.store import Change, LogStore

SPARE_FILES = 4
"""So many files more than its rows need may a bucket have before they are merged."""


@dataclass(frozen=True)
class Upkeep:
    """What was done: data files that were merged, into how many; files that were removed, and the bytes they had."""

    merged: int
    into: int
    removed: int
    freed: int


def scattered(store: LogStore, name: str) -> list[list[DataFile]]:
    """The files of each bucket of a table that has many more than its rows need."""
    return [files for files in store.data_files(name) if len(files) > _needed(files) + SPARE_FILES]


def _needed(files: list[DataFile]) -> int:
    return -(-sum(file.record_count for file in files) // MOST_ROWS)


def compact(store: LogStore, *, before: datetime) -> Upkeep:
    """Merge the files of buckets that have many into few, sorted by customer, and expire, in one commit.

    Args:
        store: the log.
        before: earlier states from before this moment are let go of.
    Returns: what was done; answers stay as they are, and a second call has nothing to merge.
    Cost: one read and write of the buckets that are merged, slice by slice.  Source: docs/how-to/look-after-a-log.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.catalog import EVER
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     compact(store, before=EVER)
    Upkeep(merged=0, into=0, removed=0, freed=0)
    """
    return _keep_up(store, before, merge=_merge)


def expire(store: LogStore, *, before: datetime) -> Upkeep:
    """Let go of earlier states, and remove the files that only they need.

    Args:
        store: the log.
        before: states from before this moment go; the current one always stays.
    Returns: what was done.
    Cost: the metadata.  Source: docs/how-to/look-after-a-log.md

    >>> from datetime import UTC
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     expire(store, before=datetime(2026, 1, 1, tzinfo=UTC)).removed
    0
    """
    return _keep_up(store, before, merge=lambda _store, name: Change(name))


def _keep_up(store: LogStore, before: datetime, *, merge: Callable[[LogStore, str], Change]) -> Upkeep:
    with store.writing(forgotten=before):
        earlier = store.catalog.checksums()
        changes = [merge(store, name) for name in RECORD]
        for change in changes:
            store.apply(change)
            forget(store, change.table, before)
    merged, into = sum(len(change.remove) for change in changes), sum(len(change.add) for change in changes)
    removed = earlier.keys() - store.catalog.checksums().keys()
    return Upkeep(merged, into, len(removed), sum(earlier[path].bytes for path in removed))


def _merge(store: LogStore, name: str) -> Change:
    table, found = store.table(name), scattered(store, name)
    add = [file for files in found for file in rewritten(table, files, lambda rows: rows)]
    return Change(name, add=add, remove=[file for files in found for file in files])


def forget(store: LogStore, name: str, before: datetime) -> None:
    """Let go of a table's states and metadata from before a moment, but for the current ones; within `LogStore.writing`."""
    table, moment = store.table(name), before.timestamp() * 1000
    current = table.current_snapshot()
    outdated = [one.timestamp_ms for one in table.snapshots() if one != current]
    outdated += [entry.timestamp_ms for entry in table.metadata.metadata_log]
    if any(at < moment for at in outdated):
        table.maintenance.expire_snapshots().older_than(before).commit()
