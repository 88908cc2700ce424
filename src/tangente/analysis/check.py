"""What an import of files would do, without a log: which part fits, what is accepted, what is refused and why."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.analysis.reading import (
    FileRead,
    Progress,
    Reading,
    check_named_once,
    check_refused,
    deliver,
    iso,
    open_delivery,
)
from tangente.contactlog.log import EPOCH
from tangente.contactlog.schema import MICRO
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Table
from tangente.sources.source import Source

ROWS_SHOWN = 5
MOST_NAMES = 10_000
"""Touchpoints counted by name; more of them are a wrong column, and would take memory without bound."""
MERGE_AT = 1 << 16


@dataclass
class Distinct:
    """Counts different values by 64-bit hashes: eight bytes each, and no two alike among millions."""

    _hashes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    _waiting: list[NDArray[np.int64]] = field(default_factory=list)

    def add(self, values: pa.Array) -> None:
        found = pc.unique(values).drop_null().to_pylist()
        self._waiting.append(np.fromiter(map(hash, found), np.int64, len(found)))
        if sum(map(len, self._waiting)) > max(MERGE_AT, len(self._hashes)):
            self._merge()

    def _merge(self) -> None:
        self._hashes = np.unique(np.concatenate([self._hashes, *self._waiting]))
        self._waiting = []

    def __len__(self) -> int:
        self._merge()
        return len(self._hashes)


@dataclass
class Content:
    """What the accepted rows of one table hold; touchpoints beyond MOST_NAMES are not counted, None is the company."""

    rows: int = 0
    first: datetime | None = None
    last: datetime | None = None
    customers: Distinct = field(default_factory=Distinct)
    touchpoints: Counter[str | None] = field(default_factory=Counter)
    shown: list[dict[str, Any]] = field(default_factory=list)

    def add(self, rows: pa.RecordBatch) -> None:
        if not rows.num_rows:
            return
        self.rows += rows.num_rows
        self.customers.add(rows["customer_id"])
        ends = pc.min_max(rows["occurred_at"]).as_py()
        self.first = min(filter(None, (self.first, ends["min"])))
        self.last = max(filter(None, (self.last, ends["max"])))
        for named in pc.value_counts(rows["touchpoint"]).to_pylist():
            if named["values"] in self.touchpoints or len(self.touchpoints) < MOST_NAMES:
                self.touchpoints[named["values"]] += named["counts"]
        self.shown += map(_shown, rows.slice(0, ROWS_SHOWN - len(self.shown)).to_pylist())


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its moment as text and its amounts in units of the currency."""
    amounts = {name: row[name] / MICRO for name in ("cost", "value") if row.get(name) is not None}
    return row | amounts | {"occurred_at": iso(in_micros(row["occurred_at"]))}


def in_micros(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


@dataclass(kw_only=True)
class Check:
    """One file: refused as a whole (`refusal`), or read with a part of a mapping (None: of one that was proposed).

    stopped: why an import would store nothing although the file can be read.
    """

    file: str
    refusal: Message | None = None
    mapping: str | None = None
    part: str = ""
    read: FileRead | None = None
    contents: dict[Table, Content] = field(default_factory=dict)
    stopped: Message | None = None

    @property
    def passes(self) -> bool:
        return self.refusal is None and self.stopped is None


def check(files: Sequence[Path], mappings: Sequence[Path], reading: Reading, progress: Progress) -> list[Check]:
    """Read the files as an import would; what is wrong with one is told, and the next is read.

    Raises: SourceError if a mapping is wrong, or a file is named twice.
    """
    check_named_once(files)
    loaded = [Mapping.load(path) for path in mappings]
    return [_check(path, loaded, reading, progress) for path in files]


def _check(path: Path, mappings: Sequence[Mapping], reading: Reading, progress: Progress) -> Check:
    found = Check(file=path.name)
    try:
        source = open_delivery(deliver(path, None, mappings, reading))
        found.mapping, found.part = source.mapping.name if mappings else None, source.part
        _read(source, found, reading, progress)
    except SourceError as error:
        found.refusal = error.args[0]
    return found


def _read(source: Source, found: Check, reading: Reading, progress: Progress) -> None:
    file = found.read = FileRead(source.path.name, source.rows, source.rejected, source.warnings)
    found.contents = {table: Content() for table in source.tables}
    with closing(source.batches()) as batches:
        for batch in batches:
            file.take(source, batch.refusals, reading)
            for table, rows in batch.tables.items():
                found.contents[table].add(rows)
            progress(f"read {file.name}", max(file.rows.values()))
    try:
        check_refused(file)
    except SourceError as error:
        found.stopped = error.args[0]
