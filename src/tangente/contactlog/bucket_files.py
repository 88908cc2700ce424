"""A bucket made ready on disk: an Arrow IPC file per table and one of its customers, and the checksums of all.

What differs from these lies in a second layer, `changed/`. The checksums say whether there is one and begin with their
own, so that a layer that is gone is missed.
"""

import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa

from tangente.contactlog.disk import sync_folder, write_synced
from tangente.contactlog.histories import Bucket, parts, spliced
from tangente.contactlog.splicing import Columns

FILES = ("contacts.arrow", "ratings.arrow", "people.arrow")
PEOPLE = FILES[-1]
LAYERS = ("", "changed/")
CHECKSUMS = "sha256sums"


class DamagedBucket(Exception):
    """What is ready is not as it was written."""


class Keys(NamedTuple):
    """What tells the rows of a table in one layer of a bucket apart, and the customers of this layer."""

    columns: Columns
    people: pa.Array


def save(bucket: Bucket, folder: Path) -> None:
    """Write one Arrow IPC file per table and wait for the disk; the caller renames the folder into place."""
    folder.mkdir(parents=True)
    _note_checksums(folder, _save(bucket, folder))


def save_changed(changed: Bucket, base: Path, folder: Path) -> Bucket:
    """Write what differs from the bucket saved in `base` beside the files of that bucket, which are not copied.

    Returns: the same as it was given, mapped into memory.
    """
    apart = LAYERS[1]
    (folder / apart).mkdir(parents=True)
    for name in FILES:
        _link(base / name, folder / name)
    lines = [*_checksums(base)[: len(FILES)], *_save(changed, folder, apart)]
    sync_folder(folder / apart)
    _note_checksums(folder, lines)
    return _loaded(folder / apart, changed.customers - len(changed.people))


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # the file system knows no hard links
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            os.fsync(file.fileno())


def _save(bucket: Bucket, folder: Path, layer: str = "") -> list[bytes]:
    people = {"customer_id": bucket.people}
    lines = []
    for name, columns in zip(FILES, (bucket.contacts, bucket.ratings, people), strict=True):
        batch = pa.record_batch({column: pa.array(values) for column, values in columns.items()})
        keys = _keys(columns) if "id" in columns else b""
        batch = batch.replace_schema_metadata({"columns": _schema(batch), "keys": keys})
        with (folder / layer / name).open("wb") as file:
            digested = _Digested(file)
            with pa.ipc.new_file(digested, batch.schema) as writer:
                writer.write_batch(batch)
            os.fsync(file.fileno())
        lines.append(_line(digested.sha256, layer + name))
    return lines


class _Digested(io.RawIOBase):
    """A file of which the checksum is taken while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.sha256.update(content)
        return self._file.write(content)


def load(folder: Path) -> Bucket:
    """Map a saved bucket into memory: nothing is read before a pass touches it."""
    base, changed = layers(folder)
    return spliced(base, changed) if changed else base


def load_parts(folder: Path) -> list[Bucket]:
    """The same for questions: a bucket with changes in parts, which are put together one by one and never lie in memory together."""
    base, changed = layers(folder)
    return parts(base, changed) if changed else [base]


def layers(folder: Path) -> tuple[Bucket, Bucket | None]:
    """A saved bucket, and what differs from it now. Raises: OSError, DamagedBucket if it cannot be read."""
    with _readable(folder):
        base, changed = _loaded(folder, 0), None
        for layer in _layers(_checksums(folder))[1:]:
            changed = _loaded(folder / layer, base.customers)
            for people in (base.people, changed.people):  # which are put together at once
                people.validate(full=True)
        return base, changed


def _loaded(folder: Path, others: int) -> Bucket:
    """A layer; the customers of its histories are those it lists and some others."""
    contacts, ratings, people = (_batch(folder / name) for name in FILES)
    return Bucket(_columns(contacts), _columns(ratings), others + people.num_rows, people.column(0))


def is_intact(folder: Path) -> bool:
    """Whether a saved bucket is as it was written."""
    try:
        lines = _checksums(folder)
        return lines == [_checked(folder, layer + name) for layer in _layers(lines) for name in FILES]
    except (OSError, DamagedBucket):
        return False


def is_readable(folder: Path) -> bool:
    """Whether all files of a saved bucket are there and have the columns they had."""
    try:
        layers(folder)
    except (OSError, DamagedBucket):
        return False
    return True


def usable(folder: Path) -> tuple[Bucket, Bucket | None] | None:
    """The layers of a saved bucket if it can grow: it can be read, and what differs from its base is as it was written."""
    try:
        found, lines = layers(folder), _checksums(folder)
        changes = [layer + name for layer in _layers(lines)[1:] for name in FILES]
        return found if all(_checked(folder, name) in lines for name in (PEOPLE, *changes)) else None
    except (OSError, DamagedBucket):
        return None


def intact_keys(folder: Path, table: str) -> list[Keys]:
    """The keys of a table and the customers, by layer. Raises: OSError, DamagedBucket if not as they were written."""
    with _readable(folder):
        lines = _checksums(folder)
        return [_intact_keys(folder, layer, table, lines) for layer in _layers(lines)]


def _intact_keys(folder: Path, layer: str, table: str, lines: list[bytes]) -> Keys:
    rows = _batch(folder / f"{layer}{table}.arrow")
    columns = _columns(rows)
    if rows.schema.metadata.get(b"keys") != _keys(columns) or _checked(folder, layer + PEOPLE) not in lines:
        raise DamagedBucket(folder)
    return Keys(columns, _batch(folder / layer / PEOPLE).column(0))


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except pa.ArrowException as error:
        raise DamagedBucket(folder) from error


def _batch(file: Path) -> pa.RecordBatch:
    reader = pa.ipc.open_file(pa.memory_map(str(file)))
    if reader.num_record_batches != 1:
        raise DamagedBucket(file)
    batch = reader.get_batch(0)
    batch.validate()  # else columns could reach beyond the file
    if not batch.schema.metadata or batch.schema.metadata.get(b"columns") != _schema(batch):
        raise DamagedBucket(file)
    return batch


def _columns(batch: pa.RecordBatch) -> Columns:
    return {name: batch.column(name).to_numpy() for name in batch.schema.names}


def _schema(batch: pa.RecordBatch) -> bytes:
    """The checksum of names and types of columns."""
    return hashlib.sha256(batch.schema.remove_metadata().serialize()).hexdigest().encode()


def _keys(columns: Columns) -> bytes:
    """The checksum of what tells the rows of a table apart: that of the whole file takes five times as long."""
    keys = hashlib.sha256()
    for name in ("customer", "id"):
        keys.update(columns[name].data)
    return keys.hexdigest().encode()


def _note_checksums(folder: Path, lines: Iterable[bytes]) -> None:
    content = b"".join(lines)
    write_synced(folder / CHECKSUMS, _own(content) + content)


def _checksums(folder: Path) -> list[bytes]:
    """A line per file, layer by layer."""
    own, *lines = (folder / CHECKSUMS).read_bytes().splitlines(keepends=True) or [b""]
    if own != _own(b"".join(lines)):
        raise DamagedBucket(folder)
    return lines


def _layers(lines: list[bytes]) -> tuple[str, ...]:
    return LAYERS[: len(lines) // len(FILES)]


def _own(content: bytes) -> bytes:
    """The checksum of the checksums, in a line that `sha256sum` passes over."""
    return f"# {hashlib.sha256(content).hexdigest()}\n".encode()


def _checked(folder: Path, name: str) -> bytes:
    with (folder / name).open("rb") as file:
        return _line(hashlib.file_digest(file, "sha256"), name)


def _line(sha256: Any, name: str) -> bytes:
    """As `sha256sum` writes and checks it."""
    return f"{sha256.hexdigest()}  {name}\n".encode()
