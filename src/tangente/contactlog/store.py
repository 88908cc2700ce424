"""The record: a log folder with two Iceberg tables, bucketed by customer, to which imports are added.

    log.toml            currency, reporting time zone, number of buckets, version
    key                 of the pseudonyms (mode 0600); TANGENTE_LOG_KEY overrides it
    catalog.db          the Iceberg catalog; its transaction is the commit
    contacts/ ratings/  the tables: data and metadata, readable by anything that reads Iceberg
    ready/              the log made ready for passes; may be deleted at any time
"""

import json
import os
import secrets
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import DataFile
from pyiceberg.table import FileScanTask, Table
from pyiceberg.transforms import BucketTransform

from tangente.contactlog.extent import Extent, extent
from tangente.contactlog.files import write_synced
from tangente.contactlog.log import ContactLog
from tangente.contactlog.ready import ready_log
from tangente.contactlog.schema import TABLES
from tangente.errors import ContactLogError

VERSION = 1
BUCKETS = 16
NAMESPACE = "log"
IMPORT = "tangente.import."
ATTEMPTS = 20

PERSONAL = ("customer_id", "employee", "contact_id", "rating_id", "response_id")
"""Columns without statistics in the metadata, so that no person is named outside the data files."""


@dataclass(frozen=True)
class TableInfo:
    """What a table of the log holds; first and last in µs UTC, None if empty."""

    rows: int
    customers: int
    files: int
    bytes: int
    first: int | None
    last: int | None


@dataclass(frozen=True)
class LogStore:
    """An open log folder; close it, or use it in a `with` statement.

    Attributes:
        folder: where it lies.
        currency: ISO 4217 code of all amounts.
        timezone: reporting time zone.
        buckets: over how many buckets customers are spread; fixed when the log is created.
        key: of the pseudonyms.
    """

    folder: Path
    currency: str
    timezone: str
    buckets: int
    key: bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the catalog."""
        self.catalog.close()

    @cached_property
    def catalog(self) -> SqlCatalog:
        """The Iceberg catalog of the folder."""
        return SqlCatalog(
            "tangente",
            uri=f"sqlite:///{self.folder / 'catalog.db'}",
            warehouse=self.folder.as_uri(),
            **{"py-io-impl": "tangente.contactlog.files.SyncedFileIO"},
        )

    def table(self, name: str) -> Table:
        """The Iceberg table "contacts" or "ratings" as it is now."""
        return self.catalog.load_table((NAMESPACE, name))

    def data_files(self, name: str) -> dict[int, list[FileScanTask]]:
        """The files of the current snapshot of a table, by bucket."""
        files: dict[int, list[FileScanTask]] = {bucket: [] for bucket in range(self.buckets)}
        for task in self.table(name).scan().plan_files():
            files[task.file.partition[0]].append(task)
        return files

    def imports(self, name: str) -> dict[str, dict[str, object]]:
        """The imports a table holds, by id: file name and how many rows were new and known."""
        properties = self.table(name).properties
        return {key.removeprefix(IMPORT): json.loads(properties[key]) for key in properties if key.startswith(IMPORT)}

    def commit(self, name: str, files: list[DataFile], import_id: str, facts: dict[str, object]) -> None:
        """Add written data files and the import's id in one transaction, again behind whoever was faster."""
        for _ in range(ATTEMPTS):
            with self.table(name).transaction() as transaction:
                if files:
                    with transaction.update_snapshot().fast_append() as append:
                        for file in files:
                            append.append_data_file(file)
                transaction.set_properties({IMPORT + import_id: json.dumps(facts)})
                try:
                    transaction.commit_transaction()
                except CommitFailedException:
                    continue
                return
        raise ContactLogError(f"{self.folder}: other imports were faster {ATTEMPTS} times in a row; try again in a minute")

    def log(self) -> ContactLog:
        """The log as questions see it; what an import changed is made ready first."""
        paths = {name: _paths(self.data_files(name)) for name in TABLES}
        files = [(paths["contacts"][bucket], paths["ratings"][bucket]) for bucket in range(self.buckets)]
        stored, codes = ready_log(self.folder / "ready", files)
        return ContactLog(stored, codes, currency=self.currency, timezone=self.timezone)

    def info(self) -> dict[str, TableInfo]:
        """What each table holds."""
        sizes = extent(self.log())
        return {name: _info(sizes[name], [task.file for tasks in self.data_files(name).values() for task in tasks]) for name in TABLES}


def _info(size: Extent, files: list[DataFile]) -> TableInfo:
    total = sum(file.file_size_in_bytes for file in files)
    return TableInfo(size.rows, size.customers, len(files), total, size.first, size.last)


def _paths(files: dict[int, list[FileScanTask]]) -> dict[int, list[str]]:
    return {bucket: sorted(task.file.file_path for task in tasks) for bucket, tasks in files.items()}


def create_log(
    folder: Path, *, currency: str = "EUR", timezone: str = "Europe/Berlin", buckets: int = BUCKETS, key: bytes | None = None
) -> LogStore:
    """Make a new log folder.

    Args:
        folder: where; must not exist or be empty.
        currency: ISO 4217 code of all amounts.
        timezone: reporting time zone, an IANA name.
        buckets: over how many buckets customers are spread, from 1; about one for each million contacts serves well.
        key: of the pseudonyms; None: a random one.
    Raises: ContactLogError if the folder holds something or a setting is impossible.
    """
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise ContactLogError(f"{folder} is not empty; a new log needs a folder of its own")
    if buckets < 1:
        raise ContactLogError(f"buckets is {buckets}; it must be at least 1")
    _check_timezone(timezone)
    folder.mkdir(parents=True, exist_ok=True)
    write_synced(folder / "key", (key or secrets.token_bytes(32)).hex().encode(), mode=0o600)
    settings = f'version = {VERSION}\ncurrency = "{currency}"\ntimezone = "{timezone}"\nbuckets = {buckets}\n'
    store = LogStore(folder, currency, timezone, buckets, _key(folder))
    store.catalog.create_namespace(NAMESPACE)
    for name in TABLES:
        _create_table(store, name)
    write_synced(folder / "log.toml", settings.encode())  # last: its presence means the folder is complete
    return store


def open_log(folder: Path) -> LogStore:
    """Open an existing log folder.

    Raises: ContactLogError if there is none, or a newer Tangente made it.
    """
    folder = folder.absolute()
    try:
        settings = tomllib.loads((folder / "log.toml").read_text())
    except FileNotFoundError:
        raise ContactLogError(f"{folder} is no contact log: it has no log.toml; `tangente log append` makes one") from None
    if settings["version"] > VERSION:
        raise ContactLogError(f"{folder} was made by a newer Tangente (log version {settings['version']}); update Tangente")
    store = LogStore(folder, settings["currency"], settings["timezone"], settings["buckets"], _key(folder))
    if Path(store.table("contacts").location().removeprefix("file://")) != folder / "contacts":
        old = Path(store.table("contacts").location().removeprefix("file://")).parent
        store.close()
        raise ContactLogError(f"{folder} was moved from {old}; Iceberg tables name their place, so move it back")
    return store


def _create_table(store: LogStore, name: str) -> None:
    properties = {f"write.metadata.metrics.column.{column}": "none" for column in PERSONAL if column in TABLES[name].names}
    location = (store.folder / name).as_uri()
    with (
        store.catalog.create_table_transaction((NAMESPACE, name), TABLES[name], location, properties=properties) as creation,
        creation.update_spec() as spec,
    ):
        spec.add_field("customer_id", BucketTransform(store.buckets), "customer_bucket")


def _key(folder: Path) -> bytes:
    text = os.environ.get("TANGENTE_LOG_KEY") or (folder / "key").read_text()
    try:
        return bytes.fromhex(text.strip())
    except ValueError:
        raise ContactLogError(f"The key of {folder} is not hexadecimal; check the file `key` or TANGENTE_LOG_KEY") from None


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ContactLogError(f"timezone is {name!r}; it must be an IANA name such as Europe/Berlin") from None
