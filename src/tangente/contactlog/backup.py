"""A copy of a log that another folder can take in: its rows, its key, what it knows of imports and erased customers.

log.json   settings, imports, marks of erased customers, and each data file with its checksum
key        of the pseudonyms; not there if TANGENTE_LOG_KEY gave it
contacts/ ratings/ replaced_*/   the data files, byte by byte

Iceberg's metadata name absolute paths and earlier states; they are made anew where the copy is taken in.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.typedef import Record

from tangente.contactlog.data_files import DataFileForm, noted
from tangente.contactlog.disk import alone, make_folder, sync_folder
from tangente.contactlog.files import Checksum
from tangente.contactlog.keys import key_mark, key_of
from tangente.contactlog.schema import RECORD
from tangente.contactlog.settings import VERSION, check_key_mark
from tangente.contactlog.snapshot import IMPORT
from tangente.contactlog.store import Change, LogStore, create_log
from tangente.errors import ContactLogError
from tangente.messages import Message

CONTENTS = "log.json"

_PLACE = re.compile(rf"({'|'.join(RECORD)})/data/customer_bucket=(\d{{1,3}})/[\w-]+\.parquet", re.ASCII)


@dataclass(frozen=True)
class _File:
    """A data file: its place below the log, and what it held when it was written."""

    place: str
    rows: int
    sha256: str
    bytes: int


def save(store: LogStore, folder: Path) -> dict[str, int]:
    """Copy a log as it is now; writers wait for an instant, for its files are linked, not read.

    Args:
        store: the log.
        folder: an empty one on the same disk.
    Returns: how many rows each table holds.
    Raises: RecordError if metadata are damaged; data files are compared when the copy is taken in.
    Cost: the metadata, and a link to each data file.  Source: docs/how-to/run-a-server.md

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     Path(place, "copy").mkdir()
    ...     save(store, Path(place, "copy"))["contacts"]
    0
    """
    with alone(store.folder):
        tables, checksums = store.catalog.tables(), store.catalog.checksums()
        files = {name: [_file(store, one, checksums) for one in _current(tables[name])] for name in RECORD}
        for one in (one for held in files.values() for one in held):
            (folder / one.place).parent.mkdir(parents=True, exist_ok=True)
            os.link(store.folder / one.place, folder / one.place)
        contents = {
            "version": VERSION,
            "currency": store.currency,
            "timezone": store.timezone,
            "buckets": store.buckets,
            "key_mark": key_mark(store.key),
            "erased": sorted(store.catalog.erased()),
            "tables": {
                name: {"imports": _imports(tables[name]), "files": [vars(one) for one in files[name]]}
                for name in RECORD
            },
        }
    (folder / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
    if (store.folder / "key").exists():
        (folder / "key").write_bytes((store.folder / "key").read_bytes())
    return {name: sum(one.rows for one in files[name]) for name in RECORD}


def _current(table: Table) -> Iterable[DataFile]:
    return (task.file for task in table.scan().plan_files())


def _file(store: LogStore, file: DataFile, checksums: Mapping[str, Checksum]) -> _File:
    place = file.file_path.removeprefix(f"{store.folder}/")
    return _File(place, file.record_count, *checksums[file.file_path])


def _imports(table: Table) -> dict[str, str]:
    return {key: value for key, value in table.properties.items() if key.startswith(IMPORT)}


def take_in(copy: Path, folder: Path) -> LogStore:
    """Make a log of a copy; its data files move there, everything else is made anew.

    Args:
        copy: what `save` made; afterwards it lacks its data files.
        folder: where the log is to lie, on the same disk; must not exist or be empty.
    Returns: the log, with the same rows, imports and erased customers.
    Raises: ContactLogError if a file is not as it was saved, the key is another one, or the folder holds something.
    Cost: one read of all files.  Source: docs/how-to/run-a-server.md

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), currency="CHF", buckets=1) as store:
    ...     Path(place, "copy").mkdir()
    ...     _ = save(store, Path(place, "copy"))
    ...     with take_in(Path(place, "copy"), Path(place, "other")) as other:
    ...         other.currency
    'CHF'
    """
    contents = json.loads((copy / CONTENTS).read_text(encoding="utf-8"))
    if contents["version"] != VERSION:
        raise ContactLogError(
            Message(
                "E-BACKUP",
                "{folder} is a copy of a log of version {version}, this Tangente knows {known}; restore it with the "
                "Tangente that made it",
                folder=copy,
                version=contents["version"],
                known=VERSION,
            )
        )
    key = key_of(copy)
    check_key_mark(copy, key_mark(key), contents["key_mark"])
    settings = {name: contents[name] for name in ("currency", "timezone", "buckets")}
    store = create_log(folder, **settings, key=key)
    with store.writing(erased=contents["erased"]):
        for name, saved in contents["tables"].items():
            store.apply(_taken_in(store, copy, name, saved))
    return store


def _taken_in(store: LogStore, copy: Path, name: str, saved: Mapping[str, Any]) -> Change:
    files = [_File(**one) for one in saved["files"]]
    for one in files:
        _check(copy, name, one)
    for one in files:
        _move(store, copy, one)
    note = partial(_noted, DataFileForm(store.table(name)), store.folder)
    return Change(name, add=[note(one) for one in files], properties=saved["imports"])


def _check(copy: Path, name: str, file: _File) -> None:
    found = _PLACE.fullmatch(file.place)
    is_known = found is not None and found[1] == name
    if not (is_known and Checksum(file.sha256, file.bytes).fits(copy / file.place)):
        raise ContactLogError(
            Message(
                "E-BACKUP",
                "{file} is not as it was saved; take another backup",
                file=file.place,
            )
        )


def _move(store: LogStore, copy: Path, file: _File) -> None:
    target = store.folder / file.place
    make_folder(target.parent)
    (copy / file.place).rename(target)
    sync_folder(target.parent)
    store.catalog.files.written[str(target)] = Checksum(file.sha256, file.bytes)


def _noted(form: DataFileForm, folder: Path, file: _File) -> DataFile:
    bucket = int(file.place.split("/")[2].partition("=")[2])
    return noted(form, f"{folder}/{file.place}", Record(bucket), pq.read_metadata(folder / file.place), file.bytes)
