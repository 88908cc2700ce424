"""Whether a log is as it was written: every file of the record, and what was made ready from it, against its checksum."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tangente.contactlog import ready
from tangente.contactlog.damage import unsound
from tangente.contactlog.disk import alone
from tangente.contactlog.files import Checksum
from tangente.contactlog.imported import imported
from tangente.contactlog.rewriting import span_of
from tangente.contactlog.schema import IMPORT_ID, RECORD, TABLES
from tangente.contactlog.settings import FILE
from tangente.contactlog.store import READY, WRITING, LogStore
from tangente.errors import ContactLogError
from tangente.messages import Message

MOST_NAMED = 3
"""Imports that a sentence names at most."""

_NAMES = re.compile(rf"({'|'.join(RECORD)})/(metadata|data/customer_bucket=\d+)/[^/]+")


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        files: how many files of the record were compared.
        bytes: how large they should be.
        faults: a sentence for each file of the record that is not as it was written, with the way out.
        rebuilt: what was made ready, was damaged, and has been made anew from the record.
    """

    files: int
    bytes: int
    faults: list[Message] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)


def verify(store: LogStore) -> Verification:
    """Compare every file of a log with the checksum noted when it was written; writers wait meanwhile.

    Args:
        store: the log.
    Returns: what was found. What is ready is made anew where it is damaged, unless the record is damaged too.
    Cost: one read of all files.  Source: docs/explanation/trust.md

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from tangente.contactlog.store import create_log
    >>> with TemporaryDirectory() as place, create_log(Path(place, "log"), buckets=1) as store:
    ...     verify(store).faults
    []
    """
    with alone(store.folder):
        try:
            known, is_sound = store.catalog.checksums(), store.catalog.is_sound()
        except (ContactLogError, OSError):
            known, is_sound = {}, False
        faults = _faults(store, known) if is_sound and all(_in_place(store, path) for path in known) else [unsound()]
    if faults:
        return Verification(len(known), _bytes(known), faults)
    rebuilt = ready.damaged(store.folder / READY)
    if rebuilt:
        store.log()
    return Verification(len(known), _bytes(known), rebuilt=rebuilt)


def _in_place(store: LogStore, path: str) -> bool:
    """Whether a log has a file of this name; if not, the catalog is not as it was written."""
    inside = path.removeprefix(f"{store.folder}/")
    return inside == FILE or _NAMES.fullmatch(inside) is not None


def _bytes(known: Mapping[str, Checksum]) -> int:
    return sum(one.bytes for one in known.values())


def _faults(store: LogStore, known: Mapping[str, Checksum]) -> list[Message]:
    missing = {path for path in known if not Path(path).is_file()}
    damaged = {path for path in known.keys() - missing if not known[path].fits(Path(path))}
    names = {path: Path(path).relative_to(store.folder) for path in sorted(missing | damaged)}
    can_ask = all("metadata" not in name.parts for name in names.values())
    faults = []
    for path, name in names.items():
        what = _held(store, name, can_ask=can_ask)
        if path in missing:
            faults.append(Message("E-RECORD", "{file} is missing: {what}", file=name, what=what))
        else:
            faults.append(Message("E-RECORD", "{file} is not as it was written: {what}", file=name, what=what))
    return faults + [
        Message("E-FOREIGN", "{file} is no file of this log; move it elsewhere", file=path.relative_to(store.folder))
        for path in _foreign(store, known)
    ]


def _foreign(store: LogStore, known: Mapping[str, Checksum]) -> list[Path]:
    if not known or (store.folder / WRITING).exists():  # what a killed writer left, the next one removes
        return []
    return sorted(path for path in store.record_files() if str(path) not in known)


def _held(store: LogStore, name: Path, *, can_ask: bool) -> Message:
    """What a file holds, and the way out; `can_ask`: whether the metadata are as they were written."""
    if name == Path(FILE):
        return Message("", "the settings of the log; restore it from a backup")
    table, *folders, _ = name.parts
    if folders == ["metadata"]:
        return Message("", "metadata of {table}; restore it from a backup", table=table)
    bucket = int(folders[-1].rpartition("=")[2])
    if can_ask:
        return _rows(store, table, bucket, str(store.folder / name))
    return Message("", "rows of {table} in bucket {bucket}; restore it from a backup", table=table, bucket=bucket)


def _rows(store: LogStore, name: str, bucket: int, path: str) -> Message:
    table = store.table(name)
    spans = [span_of(table, file, IMPORT_ID.name) for file in store.by_bucket(table)[bucket] if file.file_path == path]
    if not spans:
        return Message(
            "", "rows of an earlier state of {table}; `tangente log expire --keep 0` lets go of it", table=name
        )
    ((low, high),) = spans
    imports = [one.named() for one in imported(store) if low <= one.id <= high]
    if name in TABLES and len(imports) == 1:
        return Message(
            "",
            "rows of {table} in bucket {bucket}, all from {file}; restore it from a backup, or undo that import and "
            "append its file again",
            table=name,
            bucket=bucket,
            file=imports,
        )
    if len(imports) > MOST_NAMED:
        imports[MOST_NAMED:] = [Message("", "{count:,} more", count=len(imports) - MOST_NAMED)]
    return Message(
        "",
        "rows of {table} in bucket {bucket}, from some of {imports}; restore it from a backup",
        table=name,
        bucket=bucket,
        imports=imports,
    )
