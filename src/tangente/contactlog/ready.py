"""Make buckets ready: code them once after each change and map them into memory for every question after that.

Each bucket's folder holds the checksums of its files, and the file of the codes begins with its own.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tangente.contactlog.codes import CONTACT_KINDS, Codes
from tangente.contactlog.disk import alone, write_synced
from tangente.contactlog.files import reading
from tangente.contactlog.histories import VERSION, Bucket, is_intact, known_values, load, make_ready, save
from tangente.contactlog.schema import CONTACTS, RATINGS

BucketFiles = tuple[list[str], list[str]]
"""The data files of one bucket: of contacts and of ratings."""

Check = Callable[[Iterable[str]], None]


def ready_log(folder: Path, files: Sequence[BucketFiles], check: Check) -> tuple[list[Bucket], Codes]:
    """The buckets made of these data files and the codes they use; only buckets whose files changed are made anew.

    `check` refuses data files that are not as they were written. All are mapped before the next process may replace one:
    a mapped file can be read even when its name is gone.
    """
    folder.mkdir(exist_ok=True)
    with alone(folder):
        codes = _stored_codes(folder)
        wanted = [folder / f"{index:05d}-{_state(paths)}" for index, paths in enumerate(files)]
        stale = [(target, paths) for target, paths in zip(wanted, files, strict=True) if not target.exists()]
        if stale:
            for _, paths in stale:
                check(chain(*paths))
            codes = _make(folder, stale, codes)
        for other in set(folder.glob("[0-9]*-*")) - set(wanted):
            shutil.rmtree(other)
        return [load(target) for target in wanted], codes


def damaged(folder: Path) -> list[str]:
    """Names of what is ready but not as it was written; it is removed, so that it is made anew."""
    if not folder.is_dir():
        return []
    with alone(folder):
        if _codes_file(folder).exists() and _intact_codes(folder) is None:
            _codes_file(folder).unlink()
            return [_codes_file(folder).name]  # without which no bucket can be read, so all are made anew
        found = [bucket for bucket in sorted(folder.glob("[0-9]*-*")) if not is_intact(bucket)]
        for bucket in found:
            shutil.rmtree(bucket)
        return [bucket.name for bucket in found]


def clear(folder: Path) -> None:
    """Remove all that is ready."""
    if folder.is_dir():
        with alone(folder):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != ".lock":
                    path.unlink()


def _make(folder: Path, stale: list[tuple[Path, BucketFiles]], codes: Codes) -> Codes:
    making = folder / "making"
    shutil.rmtree(making, ignore_errors=True)  # of a process that was killed
    for target, (contact_files, rating_files) in stale:
        contacts, ratings = read_rows(contact_files, CONTACTS, CONTACT_KINDS), read_rows(rating_files, RATINGS)
        codes = known_values(contacts, ratings, codes)
        save(make_ready(contacts, ratings, codes), making / target.name)
    values = json.dumps(dict(codes.values)).encode()
    write_synced(_codes_file(folder), _sha256(values) + b"\n" + values)  # before any bucket that needs it
    for target, _ in stale:
        (making / target.name).rename(target)
    making.rmdir()
    return codes


def read_rows(files: list[str], schema: pa.Schema, dictionaries: Sequence[str] = ()) -> pa.Table:
    """The rows of some data files, in the columns of `schema`; those among `dictionaries` are read as codes."""
    if not files:
        return schema.empty_table()
    return pa.concat_tables([_rows(file, schema, dictionaries) for file in files]).unify_dictionaries()


def _rows(file: str, schema: pa.Schema, dictionaries: Sequence[str]) -> pa.Table:
    with reading(file):
        return pq.ParquetFile(file, read_dictionary=list(dictionaries)).read(schema.names)


def _stored_codes(folder: Path) -> Codes:
    """The codes of the buckets that are ready; without them none of these buckets can be read."""
    values = _intact_codes(folder) if _codes_file(folder).exists() else None
    if values is None:
        for bucket in folder.glob("[0-9]*-*"):
            shutil.rmtree(bucket)
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


def _state(files: BucketFiles) -> str:
    return hashlib.sha256(json.dumps([VERSION, files]).encode()).hexdigest()[:16]
