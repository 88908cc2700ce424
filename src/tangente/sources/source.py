"""A file that gives typed batches of the contact log, whichever process looks into it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Part, Table
from tangente.sources.records import Places
from tangente.sources.rejects import Refusal


@dataclass(frozen=True)
class Batch:
    """Some rows of the file: what is accepted of each table it feeds, with the lines of these, and what is refused.

    Columns of names may be coded.
    """

    contacts: pa.RecordBatch | None
    ratings: pa.RecordBatch | None
    lines: dict[Table, Places]
    refusals: list[Refusal]

    @property
    def tables(self) -> dict[Table, pa.RecordBatch]:
        """The accepted rows of the tables that the file feeds."""
        rows: dict[Table, pa.RecordBatch | None] = {"contacts": self.contacts, "ratings": self.ratings}
        return {table: accepted for table, accepted in rows.items() if accepted is not None}


class Source(ABC):
    """One file, to be read with the part of the mapping that fits it.

    `rows` and `rejected` count the rows of each table so far: rows = accepted + rejected. `warnings` is what the user
    should know besides, complete when the file has been read. `name` is what the file is called by, set anew where it
    lies under another one.
    """

    def __init__(self, path: Path, mapping: Mapping, part: Part) -> None:
        self.path, self.mapping = path, mapping
        self.name = path.name
        self.part = part.name
        self.tables = part.tables
        self.has_sequence = any("sequence" in row.fields for row in part.rows)
        self.rows: dict[str, int] = dict.fromkeys(part.tables, 0)
        self.rejected: dict[str, int] = dict.fromkeys(part.tables, 0)
        self.warnings: list[Message] = []
        self._found = _state(path)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the file and the mapping say."""
        with self.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        return hashlib.sha256(f"{content} {self.mapping.digest}".encode()).hexdigest()

    def batches(self) -> Generator[Batch, None, None]:
        """Read the file from its start, in its order. Raises: SourceError, at the end, if it changed since it was found.

        Else its digest could be that of another state than the rows, as while another program writes the file.
        """
        yield from self.read()
        if _state(self.path) != self._found:
            raise SourceError(
                Message(
                    "E-CHANGED",
                    "{file} changed while it was read, so nothing of it is stored; append it again when it is complete",
                    file=self.name,
                )
            )

    @abstractmethod
    def read(self) -> Generator[Batch, None, None]:
        """The batches, whatever becomes of the file meanwhile."""


def _state(path: Path) -> tuple[int, ...] | None:
    """What changes when a file is written or replaced."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
