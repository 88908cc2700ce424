"""What an executor of Spark does: make the buckets it is sent ready from their data files, and run passes over them.

What is ready lies in the executor's own folder for as long as it lives, so that the next question reads no data file.
Nothing here needs Spark, which only carries these functions.
"""

import hashlib
import importlib
import json
import os
import pickle
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from tangente.contactlog.codes import KINDS, Codes
from tangente.contactlog.files import Checksum, RecordError
from tangente.contactlog.histories import UNREAD, VERSION, Bucket, known_values, load, make_ready, save
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

    def state(self) -> str:
        """What tells these files from all others."""
        return digest([VERSION, self.contacts, self.ratings])

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
class SharedCodes:
    """The codes of all buckets; `state` tells them from others."""

    state: str
    sent: _Sent


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


def folded(job: bytes, codes: SharedCodes, buckets: Iterable[StoredBucket]) -> Iterator[Any]:
    """The summary of some buckets."""
    log, start, visit = pickle.loads(job)  # noqa: S301  (from whoever also sends the code that runs here)
    summary = start()
    for files in buckets:
        visit(summary, log.seen(_bucket(files, codes)))
    yield summary


def gathered(job: bytes, codes: SharedCodes, buckets: Iterable[StoredBucket]) -> Iterator[tuple[int, Any]]:
    """What is made of each bucket, with its place among all."""
    log, visit = pickle.loads(job)  # noqa: S301
    return ((files.index, visit(log.seen(_bucket(files, codes)))) for files in buckets)


def _bucket(files: StoredBucket, codes: SharedCodes) -> Bucket:
    """The bucket as it lies in this executor's folder, which Spark removes with the executor."""
    folder = Path(os.environ["SPARK_LOCAL_DIRS"].split(",")[0], "tangente")
    ready = folder / f"{files.state()}-{codes.state}"
    if not ready.exists():
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as making:
            save(files.made_ready(codes.sent.value), Path(making, "bucket"))
            with suppress(OSError):  # another task of this executor was faster
                Path(making, "bucket").rename(ready)
    return load(ready)


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
