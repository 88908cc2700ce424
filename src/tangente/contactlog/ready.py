"""Make buckets ready: code them once after each change and map them into memory for every question after that."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyarrow as pa
import pyarrow.parquet as pq

from tangente.contactlog.codes import CONTACT_KINDS, Codes
from tangente.contactlog.files import write_synced
from tangente.contactlog.histories import VERSION, Bucket, known_values, load, make_ready, save
from tangente.contactlog.schema import CONTACTS, RATINGS

BucketFiles = tuple[list[str], list[str]]
"""The data files of one bucket: of contacts and of ratings."""


class MappedBuckets(Sequence[Bucket]):
    """Buckets mapped from their files, each when it is first asked for."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._loaded: dict[int, Bucket] = {}

    def __len__(self) -> int:
        return len(self._folders)

    def __getitem__(self, index: int) -> Bucket:  # type: ignore[override]
        if index not in self._loaded:
            self._loaded[index] = load(self._folders[index])
        return self._loaded[index]


def ready_log(folder: Path, files: Sequence[BucketFiles]) -> tuple[MappedBuckets, Codes]:
    """The buckets made of these data files and the codes they use; only buckets whose files changed are made anew."""
    folder.mkdir(exist_ok=True)
    with _alone(folder):
        codes = _stored_codes(folder)
        wanted = [folder / f"{index:05d}-{_state(paths)}" for index, paths in enumerate(files)]
        stale = [(target, paths) for target, paths in zip(wanted, files, strict=True) if not target.exists()]
        if stale:
            codes = _make(folder, stale, codes)
        for other in set(folder.glob("[0-9]*-*")) - set(wanted):
            shutil.rmtree(other)
    return MappedBuckets(wanted), codes


def _make(folder: Path, stale: list[tuple[Path, BucketFiles]], codes: Codes) -> Codes:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as making:
        for target, (contact_files, rating_files) in stale:
            contacts, ratings = _read(contact_files, CONTACTS, CONTACT_KINDS), _read(rating_files, RATINGS)
            codes = known_values(contacts, ratings, codes)
            save(make_ready(contacts, ratings, codes), Path(making) / target.name)
        write_synced(folder / "codes.json", json.dumps(dict(codes.values)).encode())  # before any bucket that needs it
        for target, _ in stale:
            (Path(making) / target.name).rename(target)
    return codes


def _read(files: list[str], schema: pa.Schema, dictionaries: Sequence[str] = ()) -> pa.Table:
    if not files:
        return schema.empty_table()
    paths = [unquote(urlparse(file).path) for file in files]
    parts = [pq.read_table(path, columns=schema.names, read_dictionary=list(dictionaries)) for path in paths]
    return pa.concat_tables(parts).unify_dictionaries()


def _stored_codes(folder: Path) -> Codes:
    """The codes of the buckets that are ready; without them none of these buckets can be read."""
    try:
        stored = json.loads((folder / "codes.json").read_text())
    except FileNotFoundError:
        for bucket in folder.glob("[0-9]*-*"):
            shutil.rmtree(bucket)
        return Codes()
    return Codes({kind: tuple(values) for kind, values in stored.items()})


def _state(files: BucketFiles) -> str:
    return hashlib.sha256(json.dumps([VERSION, files]).encode()).hexdigest()[:16]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time makes buckets of a folder ready."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
