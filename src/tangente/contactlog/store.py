"""The record: a log folder with two Iceberg tables, bucketed by customer, to which imports are added.

log.toml            currency, reporting time zone, number of buckets, version
key                 of the pseudonyms (mode 0600); not there if TANGENTE_LOG_KEY gave it
catalog.db          the Iceberg catalog; its transaction is the commit
contacts/ ratings/  the tables: data and metadata, readable by anything that reads Iceberg
replaced_*/         rows of both that a later import brought in a new version
ready/              the log made ready for passes; may be deleted at any time
.writing            there while somebody writes, or was killed while writing
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform

from tangente.contactlog import ready
from tangente.contactlog.catalog import BEGINNING, NAMESPACE, LogCatalog
from tangente.contactlog.codes import Codes
from tangente.contactlog.damage import DATABASE
from tangente.contactlog.disk import alone, remove_abandoned, sync_folder, told, write_synced
from tangente.contactlog.files import Checksum
from tangente.contactlog.histories import Bucket
from tangente.contactlog.keys import environment_key, key_mark, key_of
from tangente.contactlog.log import ContactLog
from tangente.contactlog.schema import RECORD, TABLES
from tangente.contactlog.settings import FILE, VERSION, Settings, check_key_mark, check_settings, read_settings
from tangente.contactlog.slices import GROUP_ROWS
from tangente.contactlog.snapshot import IMPORT
from tangente.errors import ContactLogError
from tangente.messages import Message

BUCKETS = 16
SCRATCH = ".import-"
READY = "ready"
BEGUN = ".begun"  # becomes log.toml when the folder is complete
WRITING = ".writing"

PERSONAL = ("customer_id", "employee", "contact_id", "rating_id", "response_id")
"""Columns without statistics in the metadata, so that no person is named outside the data files."""

IMPORTS = ("import_id", "replaced_by")
"""Columns whose statistics are whole, so that the metadata tell which files hold rows of an import."""


@dataclass(frozen=True)
class Change:
    """What a commit does to one table: files and properties that come and go."""

    table: str
    add: Sequence[DataFile] = ()
    remove: Sequence[DataFile] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    forget: Sequence[str] = ()


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
    key: bytes = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the catalog, if it was asked for."""
        if "catalog" in vars(self):
            self.catalog.close()

    @cached_property
    def catalog(self) -> LogCatalog:
        """The Iceberg catalog of the folder."""
        return LogCatalog(self.folder)

    def table(self, name: str) -> Table:
        """The Iceberg table "contacts", "ratings" or one of their replaced rows, as it is now."""
        return self.catalog.load_table((NAMESPACE, name))

    def data_files(self, name: str) -> list[list[DataFile]]:
        """The files of a table's current snapshot, for each bucket."""
        return self.catalog.settled(lambda: self.by_bucket(self.table(name)))

    def by_bucket(self, table: Table) -> list[list[DataFile]]:
        """The files of a table, for each bucket."""
        files: list[list[DataFile]] = [[] for _ in range(self.buckets)]
        snapshot = table.current_snapshot()
        for manifest in snapshot.manifests(table.io) if snapshot else ():  # a scan would start threads and filter
            for entry in manifest.fetch_manifest_entry(table.io):
                files[entry.data_file.partition[0]].append(entry.data_file)
        return files

    def imports(self, name: str) -> dict[str, dict[str, object]]:
        """The imports a table holds, by id: file name and how many rows were new and known."""
        properties = self.catalog.settled(lambda: self.table(name).properties)
        return {key.removeprefix(IMPORT): json.loads(properties[key]) for key in properties if key.startswith(IMPORT)}

    @contextmanager
    def writing(self, *, erased: Iterable[str] = (), forgotten: datetime = BEGINNING) -> Iterator[None]:
        """Change the log alone; what is applied in the block becomes part of it at its end, all at once or not at all.

        Whatever stops the block, no file stays behind; files of a process that was killed are removed by the next.

        Args:
            erased: marks of customers; nothing that was derived from the record is left.
            forgotten: metadata from before this moment, and what the log let go of in the block, is removed at its end.
        Raises: ContactLogError if the folder cannot be written; what was to be stored is then there whole or not at all.
        """
        marker = self.folder / WRITING
        with told(self.folder), alone(self.folder):
            if marker.exists():
                (self._clean if marker.read_text() else self.sweep)()
            marker.write_text("erasure" if erased else "")
            sync_folder(self.folder)
            try:
                with self.catalog.together(erased=erased, forgotten=forgotten):
                    yield
            except BaseException:
                is_refusal = not (self.catalog.files.written or erased or forgotten > BEGINNING)
                self._withdraw()
                if is_refusal:  # else something may be stored, or PyIceberg's threads may still be writing
                    marker.unlink(missing_ok=True)
                raise
            finally:
                self.catalog.files.written.clear()
            if erased:
                self._clean()
            elif forgotten > BEGINNING:
                self.sweep()
            marker.unlink()

    def apply(self, change: Change) -> None:
        """Do within `writing` what a change says."""
        if not any((change.add, change.remove, change.properties, change.forget)):
            return
        with self.table(change.table).transaction() as transaction:
            if change.remove:
                with transaction.update_snapshot().overwrite() as overwrite:
                    for file in change.remove:
                        overwrite.delete_data_file(file)
                    for file in change.add:
                        overwrite.append_data_file(file)
            elif change.add:
                with transaction.update_snapshot().merge_append() as append:
                    for file in change.add:
                        append.append_data_file(file)
            if change.properties:
                transaction.set_properties(dict(change.properties))
            if change.forget:
                transaction.remove_properties(*change.forget)

    def _withdraw(self) -> None:
        """Remove what was written and did not become part of the log."""
        if written := self.catalog.files.written.keys():
            for path in written - self.catalog.checksums().keys():
                Path(path).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove files below the tables that are not part of the log; only for who writes alone."""
        referenced = {path for table in self.catalog.tables().values() for path in files_of(table)}
        found = {str(path) for path in self.record_files()}
        known = self.catalog.checksums().keys() - {str(self.folder / FILE)}
        self.catalog.forget(known - referenced)  # first: what is missing but known is damage
        for path in found - referenced:
            Path(path).unlink()

    def record_files(self) -> list[Path]:
        """All files below the tables, whether they are part of the log or not."""
        return [path for name in RECORD for path in (self.folder / name).rglob("*") if path.is_file()]

    def _clean(self) -> None:
        """Remove whatever is no part of the record, also what others left or made of it."""
        self.sweep()
        remove_abandoned(self.folder, SCRATCH)
        ready.clear(self.folder / READY)

    def log(self) -> ContactLog:
        """The log as questions see it; what an import changed is made ready first."""
        stored, codes = self.catalog.settled(self._ready)
        return ContactLog(stored, codes, currency=self.currency, timezone=self.timezone)

    def _ready(self) -> tuple[list[Bucket], Codes]:
        tables = self.catalog.tables()
        contacts, ratings = ([_paths(files) for files in self.by_bucket(tables[name])] for name in TABLES)
        return ready.ready_log(self.folder / READY, list(zip(contacts, ratings, strict=True)), self.catalog.files.check)


def files_of(table: Table) -> Iterator[str]:
    """Every file that belongs to a table: its metadata, and what any of its snapshots is made of."""
    yield table.metadata_location
    yield from (entry.metadata_file for entry in table.metadata.metadata_log)
    manifests = {}  # most are part of many snapshots
    for snapshot in table.metadata.snapshots:
        yield snapshot.manifest_list
        manifests.update({manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)})
    for path, manifest in manifests.items():
        yield path
        yield from (entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io))


def _paths(files: list[DataFile]) -> list[str]:
    return sorted(file.file_path for file in files)


def create_log(
    folder: Path,
    *,
    currency: str = "EUR",
    timezone: str = "Europe/Berlin",
    buckets: int = BUCKETS,
    key: bytes | None = None,
) -> LogStore:
    """Make a new log folder.

    Args:
        folder: where; must not exist, be empty, or hold what an interrupted call left.
        currency: ISO 4217 code of all amounts.
        timezone: reporting time zone, an IANA name.
        buckets: over how many buckets customers are spread, 1 to 400; about one for each million contacts serves well.
        key: of the pseudonyms; None: a random one. TANGENTE_LOG_KEY (hexadecimal) overrides it and is then not stored.
    Raises: ContactLogError if the folder holds something or a setting is impossible.
    Cost: a few small files.  Source: docs/explanation/contact-log.md

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), currency="CHF") as store:
    ...     (store.currency, store.buckets)
    ('CHF', 16)
    """
    folder = folder.resolve()
    check_settings(currency, timezone, buckets)
    _check_free(folder)
    given = environment_key()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(folder):
        _check_free(folder)  # another process may have been faster
        _empty(folder)
        (folder / BEGUN).touch()
        if given is None:
            write_synced(folder / "key", (key or secrets.token_bytes(32)).hex().encode(), mode=0o600)
        store = LogStore(folder, currency, timezone, buckets, key_of(folder))
        _fill(store)
    return store


def _fill(store: LogStore) -> None:
    mark = key_mark(store.key)
    text = Settings(VERSION, store.currency, store.timezone, store.buckets, str(store.folder), mark).text().encode()
    (store.folder / DATABASE).touch()
    store.catalog.create()
    for name in RECORD:
        _create_table(store, name)
    with store.catalog.together():  # notes the checksums of the first files
        store.catalog.files.written[str(store.folder / FILE)] = Checksum(hashlib.sha256(text).hexdigest(), len(text))
    write_synced(store.folder / BEGUN, text)
    (store.folder / BEGUN).rename(store.folder / FILE)  # last: it says the folder is complete
    sync_folder(store.folder)


def _check_free(folder: Path) -> None:
    """Refuse a folder that holds anything but a log whose making was interrupted, which has no row yet."""
    names = {path.name for path in folder.iterdir()} - {".lock"} if folder.exists() else set()
    if FILE in names:
        raise ContactLogError(
            Message(
                "E-TAKEN",
                "{folder} holds a log already; open it, or give the new log a folder of its own",
                folder=folder,
            )
        )
    if names and BEGUN not in names:
        raise ContactLogError(
            Message("E-TAKEN", "{folder} is not empty; a new log needs a folder of its own", folder=folder)
        )


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in (".lock", BEGUN):
            path.unlink()


def open_log(folder: Path) -> LogStore:
    """Open an existing log folder.

    Args:
        folder: where it lies.
    Raises: ContactLogError if there is none, it was moved, its key is another one, or a newer Tangente made it.
    Cost: two small files.  Source: docs/explanation/contact-log.md

    >>> open_log(Path("/no/such/log"))
    Traceback (most recent call last):
    tangente.errors.ContactLogError: /no/such/log is no contact log: it has no log.toml; `tangente log append` makes one
    """
    folder = folder.resolve()
    settings = read_settings(folder)
    key = key_of(folder)
    check_key_mark(folder, key_mark(key), settings.key_mark)
    return LogStore(folder, settings.currency, settings.timezone, settings.buckets, key)


def _create_table(store: LogStore, name: str) -> None:
    schema, location = RECORD[name], str(store.folder / name)  # a URI would turn "ä" into "%C3%A4", a folder's name
    properties = {f"write.metadata.metrics.column.{column}": "none" for column in PERSONAL if column in schema.names}
    whole = {f"write.metadata.metrics.column.{column}": "full" for column in IMPORTS if column in schema.names}
    properties |= {"commit.manifest-merge.enabled": "true", "write.parquet.row-group-limit": str(GROUP_ROWS)} | whole
    creation = store.catalog.create_table_transaction((NAMESPACE, name), schema, location, properties=properties)
    with creation, creation.update_spec() as spec:
        spec.add_field("customer_id", BucketTransform(store.buckets), "customer_bucket")
