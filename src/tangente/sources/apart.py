"""Foreign files, looked into by a child process only: what propose.py and reading.py do, at a safe distance."""

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from itertools import islice
from operator import index
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.child import broken, limited
from tangente.sources.child_frames import BadFrame, from_json
from tangente.sources.coded_rows import received
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Table
from tangente.sources.records import Places
from tangente.sources.rejects import Refusal
from tangente.sources.source import Batch, Source

NO_SENSE = "its answers make no sense"

READERS = "tangente.sources.readers"
"""The module a child calls; it is not imported here, for it imports all that reads files."""

SPOILT = (
    BadFrame,
    AttributeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    StopIteration,
    RecursionError,
    OSError,
    pa.ArrowException,
)
"""How it shows that a child sent something else than it should; Arrow raises EOFError and OSError, too."""


def propose_apart(path: Path, **home: str) -> str:
    """`propose` in a child; `home` says currency and timezone where others are to be assumed than usual."""
    return _answer({}, path, "proposed", home)


def open_apart(path: Path, mapping: Mapping, *, meant: Table | None = None) -> "SourceApart":
    """`open_source` in a child."""
    parts = {str(part.name): part for part in mapping.parts}
    found = _answer(parts, path, "fitting", mapping.text, mapping.name, meant)
    return SourceApart(path, mapping, parts[found])


def _answer(among: Collection[str], path: Path, work: str, *arguments: Any) -> str:
    """The one text that a child says, among some if there are any. Raises: SourceError if it says something else."""
    told = [*islice(limited(f"{READERS}:{work}", path, *arguments), 2)]
    if len(told) != 1 or not isinstance(told[0], str) or (among and told[0] not in among):
        raise SourceError(broken(path, NO_SENSE))
    return told[0]


class SourceApart(Source):
    """A file that a child looks into; its batches come checked."""

    def read(self) -> Generator[Batch, None, None]:
        with closing(limited(f"{READERS}:batches", self.path, self.mapping.text, self.part)) as told:
            for head in told:
                yield self.take(head, told)

    def take(self, head: Any, told: Iterator[Any]) -> Batch:
        """A batch of what the child tells. Raises: SourceError if it is not what a sound child would."""
        try:
            return self._batch(head, told)
        except SPOILT as error:
            raise SourceError(broken(self.path, NO_SENSE)) from error

    def _batch(self, head: Any, told: Iterator[Any]) -> Batch:
        self.rows, self.rejected = (self._counts(head[kind]) for kind in ("rows", "rejected"))
        self.warnings, reasons = ([_message(said) for said in head[kind]] for kind in ("warnings", "reasons"))
        refusals = [
            Refusal(self.name, self._own(table), index(line), str(column), str(value), reasons[reason])
            for table, line, column, value, reason in from_json(next(told))
        ]
        accepted: dict[Table, pa.RecordBatch] = {}
        lines: dict[Table, Places] = {}
        for table, form in head["tables"].items():
            lines[table] = np.frombuffer(next(told), np.int64)
            accepted[table] = received(form, next(told), next(told), self._own(table), len(lines[table]))
        return Batch(accepted.get("contacts"), accepted.get("ratings"), lines, refusals)

    def _counts(self, said: Any) -> dict[str, int]:
        return {table: index(said[table]) for table in self.tables}

    def _own(self, table: Any) -> Table:
        return self.tables[self.tables.index(table)]


def _message(said: Any) -> Message:
    if not isinstance(said, Message):
        raise BadFrame("a reason that is no message")
    return said
