"""Make buckets ready: code them once after each change and map them into memory for every question after that.

If only data files were added, no others are read: the histories that their rows touch are arranged anew and lie apart,
beside the bucket as it was; when they have become many, all are written together in one sequential copy.

Each bucket's folder holds the checksums of its files and is named after the data files it was made of, which it lists;
the file of the codes begins with its own checksum.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from tangente.contactlog.bucket_files import (
    is_intact,
    is_readable,
    load_parts,
    save,
    save_changed,
    usable,
)
from tangente.contactlog.codes import KINDS, Codes
from tangente.contactlog.disk import alone, write_synced
from tangente.contactlog.files import reading
from tangente.contactlog.growth import grown
from tangente.contactlog.histories import UNREAD, VERSION, Bucket, known_values, make_ready, parts, spliced
from tangente.contactlog.schema import TABLES

_READ = {name: pa.schema([field for field in TABLES[name] if field.name not in UNREAD]) for name in TABLES}

MANIFEST = "files.json"

MOST_CHANGED = 16
"""What differs from a bucket lies apart as long as it is less than one in so many rows."""

REPEATED = {"customer_id", *KINDS}
"""Columns that have few values, each many times."""

BucketFiles = tuple[list[str], list[str]]
"""The data files of one bucket: of contacts and of ratings."""

Check = Callable[[Iterable[str]], None]


def ready_log(folder: Path, files: Sequence[BucketFiles], check: Check) -> tuple[list[Bucket], Codes]:
    """The buckets made of these data files, or their parts, and the codes; only buckets whose files changed are touched.

    `check` refuses data files that are not as they were written. All are mapped before the next process may replace one:
    a mapped file can be read even when its name is gone.
    """
    folder.mkdir(exist_ok=True)
    with alone(folder):
        codes = _stored_codes(folder)
        wanted = [folder / f"{index:05d}-{_state(_manifest_of(paths))}" for index, paths in enumerate(files)]
        stale = [(target, paths) for target, paths in zip(wanted, files, strict=True) if not is_readable(target)]
        made: dict[Path, list[Bucket]] = {}
        if stale:
            _remove(folder, {target for target, _ in stale} & _buckets(folder))
            codes, made = _make(folder, stale, codes, check)
        _remove(folder, _buckets(folder) - set(wanted))
        for codes_file in set(folder.glob("codes-*")) - {_codes_file(folder)}:  # of another version, with all its names
            codes_file.unlink()
        return list(chain.from_iterable(made.get(target) or load_parts(target) for target in wanted)), codes


def damaged(folder: Path) -> list[str]:
    """Names of what is ready but not as it was written; it is removed, so that it is made anew."""
    if not folder.is_dir():
        return []
    with alone(folder):
        if not _codes_file(folder).exists():
            return []  # what is ready is of another version, if anything is
        if _intact_codes(folder) is None:
            _codes_file(folder).unlink()
            return [_codes_file(folder).name]  # without which no bucket can be read, so all are made anew
        found = [bucket for bucket in sorted(_buckets(folder)) if not (made_of(bucket) and is_intact(bucket))]
        _remove(folder, found)
        return [bucket.name for bucket in found]


def clear(folder: Path) -> None:
    """Remove all that is ready."""
    if folder.is_dir():
        with alone(folder):
            _remove(folder, _buckets(folder))
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != ".lock":
                    path.unlink()


def _buckets(folder: Path) -> set[Path]:
    return set(folder.glob("[0-9]*-*"))


def _remove(folder: Path, buckets: Collection[Path]) -> None:
    """Each goes as a whole: an import looks at any moment, and a process may be killed."""
    if not buckets:
        return
    removed = folder / "removed"
    shutil.rmtree(removed, ignore_errors=True)  # of a process that was killed
    removed.mkdir()
    for bucket in buckets:
        bucket.rename(removed / bucket.name)
    shutil.rmtree(removed)


class _Before(NamedTuple):
    """What was ready before, and what differs from it already."""

    folder: Path
    base: Bucket
    changed: Bucket | None


class _Task(NamedTuple):
    """A bucket that is to be made ready: of what was ready `before`, if that can be used, and of rows."""

    target: Path
    files: BucketFiles
    before: _Before | None
    contacts: pa.Table
    ratings: pa.Table


def _make(
    folder: Path, stale: list[tuple[Path, BucketFiles]], codes: Codes, check: Check
) -> tuple[Codes, dict[Path, list[Bucket]]]:
    making = folder / "making"
    shutil.rmtree(making, ignore_errors=True)  # of a process that was killed
    making.mkdir()
    names = _Names(codes)
    workers = min(os.cpu_count() or 1, len(stale))  # few, so that memory does not grow with the log
    with ThreadPoolExecutor(workers) as pool:
        made = list(pool.map(partial(_made, making, names, check), stale))
    codes = names.codes
    values = json.dumps(dict(codes.values)).encode()
    write_synced(_codes_file(folder), _sha256(values) + b"\n" + values)  # before any bucket that needs it
    for target, _ in stale:
        (making / target.name).rename(target)
    making.rmdir()
    return codes, dict(zip((target for target, _ in stale), made, strict=True))


class _Names:
    """Codes that grow by the names of each bucket, whichever thread comes to one first: their order says nothing."""

    def __init__(self, codes: Codes) -> None:
        self.codes, self._alone = codes, Lock()

    def with_those_of(self, contacts: pa.Table, ratings: pa.Table) -> Codes:
        with self._alone:
            self.codes = known_values(contacts, ratings, self.codes)
            return self.codes


def _made(making: Path, names: _Names, check: Check, wanted: tuple[Path, BucketFiles]) -> list[Bucket]:
    task = _task(check, wanted)
    return _save(making, names.with_those_of(task.contacts, task.ratings), check, task)


def _task(check: Check, wanted: tuple[Path, BucketFiles]) -> _Task:
    target, files = wanted
    index, _, _ = target.name.partition("-")
    for before in target.parent.glob(f"{index}-*"):
        new = _new_files(before, files)
        if new and (found := usable(before)):
            return _Task(target, files, _Before(before, *found), *_rows(new, check))
    return _Task(target, files, None, *_rows(files, check))


def _new_files(bucket: Path, files: BucketFiles) -> BucketFiles | None:
    """The data files that a bucket was not made of; None if it was made of others that are gone, or nobody knows."""
    known = made_of(bucket)
    if known is None or any(set(old) - set(now) for old, now in zip(known, files, strict=True)):
        return None
    contacts, ratings = (sorted(set(now) - set(old)) for old, now in zip(known, files, strict=True))
    return contacts, ratings


def _save(making: Path, codes: Codes, check: Check, task: _Task) -> list[Bucket]:
    """Write a bucket, and map it; what was mapped before is not mapped anew, for that takes longer than to write the rest."""
    place = making / task.target.name
    found = _saved(place, codes, check, task)
    write_synced(place / MANIFEST, _manifest_of(task.files))
    return found or load_parts(place)


def _saved(place: Path, codes: Codes, check: Check, task: _Task) -> list[Bucket] | None:
    """The parts of the bucket, if it grew beside what was ready."""
    if task.before is None:
        save(make_ready(task.contacts, task.ratings, codes), place)
        return None
    folder, base, changed = task.before
    changed = grown(base, changed, task.contacts, task.ratings, codes)
    if changed.rows * MOST_CHANGED < base.rows:
        return parts(base, save_changed(changed, folder, place))
    if is_intact(folder):  # else damage would be copied, and called as it was written
        save(spliced(base, changed), place)
    else:
        save(make_ready(*_rows(task.files, check), codes), place)
    return None


def _rows(files: BucketFiles, check: Check) -> tuple[pa.Table, pa.Table]:
    check(chain(*files))
    contacts, ratings = (read_rows(paths, _READ[name], REPEATED) for paths, name in zip(files, TABLES, strict=True))
    return contacts, ratings


def read_rows(files: list[str], schema: pa.Schema, dictionaries: Collection[str] = ()) -> pa.Table:
    """The rows of some data files, in the columns of `schema`; those among `dictionaries` are read as codes."""
    if not files:
        return schema.empty_table()
    return pa.concat_tables([_file_rows(file, schema, dictionaries) for file in files]).unify_dictionaries()


def _file_rows(file: str, schema: pa.Schema, dictionaries: Collection[str]) -> pa.Table:
    with reading(file):
        coded = [name for name in schema.names if name in dictionaries]
        return pq.ParquetFile(file, read_dictionary=coded).read(schema.names)


def made_of(bucket: Path) -> BucketFiles | None:
    """The data files that a bucket was made of; None if that is not known, or its files are of another version."""
    try:
        content = (bucket / MANIFEST).read_bytes()
    except FileNotFoundError:
        return None
    if not bucket.name.endswith(f"-{_state(content)}"):
        return None
    made = json.loads(content)
    return (made["contacts"], made["ratings"]) if made["version"] == VERSION else None


def _stored_codes(folder: Path) -> Codes:
    """The codes of the buckets that are ready; without them none of these buckets can be read."""
    values = _intact_codes(folder) if _codes_file(folder).exists() else None
    if values is None:
        _remove(folder, _buckets(folder))
        return Codes()
    return Codes({kind: tuple(names) for kind, names in json.loads(values).items()})


def _intact_codes(folder: Path) -> bytes | None:
    """The codes as they were written; None if they are not."""
    digest, _, values = _codes_file(folder).read_bytes().partition(b"\n")
    return values if digest == _sha256(values) else None


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _codes_file(folder: Path) -> Path:
    return folder / f"codes-{VERSION}"


def _manifest_of(files: BucketFiles) -> bytes:
    return json.dumps({"version": VERSION} | dict(zip(TABLES, files, strict=True))).encode()


def _state(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:16]
