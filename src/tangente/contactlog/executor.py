"""What an executor of Spark does: make the buckets it is sent ready from their data files, and run passes over them.

What is ready lies in the executor's own folders for as long as it lives, so that the next question reads no data file;
what the log no longer consists of goes with the next task. Nothing here needs Spark, which only carries these functions.
"""

import hashlib
import importlib
import json
import os
import pickle
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from tangente.contactlog.bucket_files import load, save
from tangente.contactlog.codes import KINDS, Codes
from tangente.contactlog.damage import RecordError
from tangente.contactlog.files import Checksum
from tangente.contactlog.histories import UNREAD, VERSION, Bucket, known_values, make_ready
from tangente.contactlog.passes import cache_folder
from tangente.contactlog.ready import REPEATED, read_rows
from tangente.contactlog.schema import TABLES
from tangente.errors import ContactLogError, TangenteError
from tangente.messages import Message

_NAMED = {*KINDS, "metric", "scale_low", "scale_high"}  # the last three make a measure
_NAMES = tuple(pa.schema([column for column in table if column.name in _NAMED]) for table in TABLES.values())
_ROWS = tuple(pa.schema([column for column in table if column.name not in UNREAD]) for table in TABLES.values())
"""The columns that hold names, and those that are made ready, of both tables."""


@dataclass(frozen=True)
class StoredBucket:
    """A bucket as it is stored: its data files, and what each held when it was written."""

    index: int
    contacts: dict[str, Checksum]
    ratings: dict[str, Checksum]

    def names(self) -> Codes:
        """Codes of its names alone."""
        contacts, ratings = self._read(_NAMES)
        return known_values(contacts, ratings, Codes())

    def made_ready(self, codes: Codes) -> Bucket:
        """The bucket of these files. Raises: ContactLogError if one is not there, or not as it was written."""
        for path, checksum in (self.contacts | self.ratings).items():
            if Path(path).exists() and not checksum.fits(Path(path)):
                raise RecordError(path)
        contacts, ratings = self._read(_ROWS)
        return make_ready(contacts, ratings, codes)

    def named(self, codes: str) -> str:
        """The name under which it lies ready with these codes: its place, and what tells its files from all others."""
        return f"{self.index:05d}-{digest([VERSION, self.contacts, self.ratings, codes])}"

    def _read(self, schemas: Iterable[pa.Schema]) -> list[pa.Table]:
        for path in (*self.contacts, *self.ratings):
            if not Path(path).exists():
                raise ContactLogError(
                    Message(
                        "E-REACH",
                        "{file} is not there on {machine}, where an executor of Spark looked for it; keep the log in a "
                        "folder that all machines see under the same name, and name it with --log",
                        file=path,
                        machine=socket.gethostname(),
                    )
                )
        files = self.contacts, self.ratings
        return [read_rows(list(paths), schema, REPEATED) for paths, schema in zip(files, schemas, strict=True)]


class _Sent(Protocol):
    """Something that an executor is sent once, when it first asks for it."""

    @property
    def value(self) -> Codes: ...


@dataclass(frozen=True)
class Shared:
    """What all tasks for a log need: its name, the codes of all buckets, and under which name each bucket is ready."""

    log: str
    codes: _Sent
    names: Sequence[str]


def shared(folder: Path, buckets: Sequence[StoredBucket], codes: Codes, sent: _Sent) -> Shared:
    """For the log in a folder; its codes are sent along."""
    state = digest(dict(codes.values))
    return Shared(digest(str(folder.absolute())), sent, [bucket.named(state) for bucket in buckets])


class Refused(NamedTuple):
    """A refusal on its way from an executor to whoever asked, where it is raised."""

    sentence: str


Work = Callable[[Iterable[StoredBucket]], Iterator[Any]]


def told(work: Work, buckets: Iterable[StoredBucket]) -> Iterator[Any]:
    """What work yields, and at its end what it refused."""
    try:
        yield from work(buckets)
    except TangenteError as error:
        yield Refused(error.args[0])


def accepted(result: Any) -> Any:
    """A result as it is. Raises: ContactLogError if it is a refusal."""
    if isinstance(result, Refused):
        raise ContactLogError(result.sentence)
    return result


def added(one: Any, other: Any) -> Any:
    """The sum of two summaries; what was refused wins."""
    refused = [result for result in (one, other) if isinstance(result, Refused)]
    return refused[0] if refused else one + other


def names(asker: str, buckets: Iterable[StoredBucket]) -> Iterator[Codes]:
    """The names in each bucket, if this executor runs the asker's code, for other code may answer otherwise."""
    if asker != code_state():
        raise ContactLogError(
            Message(
                "E-SPARK",
                "{machine} runs another version of Tangente than this machine does; install the same on all",
                machine=socket.gethostname(),
            )
        )
    return (files.names() for files in buckets)


def folded(job: bytes, shared: Shared, buckets: Iterable[StoredBucket]) -> Iterator[Any]:
    """The summary of some buckets."""
    log, start, visit = pickle.loads(job)  # noqa: S301  (from whoever also sends the code that runs here)
    summary = start()
    for files in buckets:
        visit(summary, log.seen(_bucket(files, shared)))
    yield summary


def gathered(job: bytes, shared: Shared, buckets: Iterable[StoredBucket]) -> Iterator[tuple[int, Any]]:
    """What is made of each bucket, with its place among all."""
    log, visit = pickle.loads(job)  # noqa: S301
    return ((files.index, visit(log.seen(_bucket(files, shared)))) for files in buckets)


def _bucket(files: StoredBucket, shared: Shared) -> Bucket:
    """The bucket as it lies in a folder of this executor; buckets that the log no longer consists of are removed."""
    disks = _disks()
    for disk in disks:
        _remove_others(disk, shared)
    disk = disks[files.index % len(disks)]
    ready = disk / shared.log / shared.names[files.index]
    with suppress(FileNotFoundError):  # not there, or a task for another state of the log removes it now
        return load(ready)
    ready.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=disk) as making:
        made = Path(making, ready.name)
        save(files.made_ready(shared.codes.value), made)
        bucket = load(made)
        with suppress(OSError):  # another task of this executor was faster
            made.rename(ready)
    return bucket


def _remove_others(disk: Path, shared: Shared) -> None:
    """Remove what holds customers who may be erased meanwhile; it is moved first, so that no task finds half of it."""
    for name in {path.name for path in disk.glob(f"{shared.log}/*")}.difference(shared.names):
        with tempfile.TemporaryDirectory(dir=disk) as removing, suppress(FileNotFoundError):  # another task does it
            (disk / shared.log / name).rename(Path(removing, name))


def _disks() -> list[Path]:
    """A folder on each disk that Spark gave to this executor; it removes them with the executor."""
    given = os.environ.get("SPARK_LOCAL_DIRS")
    return [Path(disk, "tangente") for disk in (given.split(",") if given else [_own_folder().name])]


@cache
def _own_folder() -> tempfile.TemporaryDirectory[str]:
    """Where nobody gave any: it is removed when this process ends."""
    return tempfile.TemporaryDirectory(prefix="tangente-")


def loop(module: str, name: str) -> Callable[..., Any]:
    """A compiled loop by its name."""
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def code_state() -> str:
    """What tells our sources from other versions of them: the name of the folder of what is compiled."""
    return cache_folder().name


def digest(content: object) -> str:
    """Equal for equal content."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
