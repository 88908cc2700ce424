"""An import: rows come batch by batch, become part of the log in one commit, and never twice."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.catalog import mark
from tangente.contactlog.disk import own_folder, told
from tangente.contactlog.identity import key_for, pseudonyms
from tangente.contactlog.merging import Merge
from tangente.contactlog.schema import TABLES, check
from tangente.contactlog.slices import slices
from tangente.contactlog.store import IMPORT, SCRATCH, LogStore
from tangente.contactlog.waiting import WaitingRows
from tangente.errors import ContactLogError
from tangente.messages import Message

FILLED_IN = {"contacts": frozenset({"contact_id"}), "ratings": frozenset({"rating_id", "response_id"})}
"""Columns that may be empty on arrival: an import gives the rows that lack them ids of its own."""

PSEUDONYMISED = {"contacts": ("customer_id", "employee"), "ratings": ("customer_id",)}
"""Columns of people; each kind of person has pseudonyms of its own, whatever their ids in the source have in common."""


@dataclass(frozen=True)
class Added:
    """What became of the accepted rows of a table: accepted = new + known + changed.

    A changed row took the place of the row of its id, which said something else.
    """

    new: int = 0
    known: int = 0
    changed: int = 0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Import:
    """One delivery of rows, usually a file. Use it in a `with` statement; without `commit` nothing is stored.

    Rows are spread over buckets on disk first, and large buckets over slices, so that memory is bounded by one batch and
    one slice; what the log does not hold is sorted and written slice by slice.

    Args:
        store: the log.
        import_id: of the delivery; a log takes each id once.
        name: of the file, for people.
        mapped_sequence: whether `sequence` comes from the source. If it is only the row's position in the file it does
            not count as content, so that another file with the same row is recognised.
        at: when it happens.
    Attributes:
        refused: how many rows of each table the reader of the file refused; noted with the import if it is told.
    """

    store: LogStore
    import_id: str
    name: str
    mapped_sequence: bool = False
    at: datetime = field(default_factory=_now)
    refused: dict[str, int] = field(default_factory=dict)
    _erased: set[str] = field(init=False, default_factory=set)
    _scratch: ExitStack = field(init=False, default_factory=ExitStack)
    _waiting: dict[str, WaitingRows] = field(init=False, default_factory=dict)

    def __enter__(self) -> Self:
        self._erased = self.store.catalog.erased()
        folder = self._scratch.enter_context(own_folder(self.store.folder, SCRATCH))
        with told(self.store.folder):
            self._waiting = {name: WaitingRows(folder / name) for name in TABLES}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        finally:
            self._scratch.close()

    def add(self, name: str, rows: pa.RecordBatch) -> NDArray[np.bool_]:
        """Take rows of the table `name`: all columns of its schema, people still under the source's ids.

        Returns: which of the rows are refused, since their customers were erased.
        Raises: ContactLogError if they break the contract of the table; its id and `response_id` may be empty. Or if
            the log's folder cannot be written.
        """
        check(rows, name, unset=FILLED_IN[name])
        rows = rows.select(TABLES[name].names)
        for column in PSEUDONYMISED[name]:
            place = rows.schema.get_field_index(column)
            rows = rows.set_column(place, column, pseudonyms(rows.column(place), key_for(column, self.store.key)))
        refused = self._is_erased(rows.column("customer_id"))
        if refused.any():
            rows = rows.filter(pa.array(~refused))
        if rows.num_rows:
            with told(self.store.folder):
                self._waiting[name].add(rows, self._buckets(rows.column("customer_id")))
        return refused

    def _is_erased(self, customers: pa.Array) -> NDArray[np.bool_]:
        if not self._erased:
            return np.zeros(len(customers), bool)
        coded = customers.dictionary_encode()
        erased = np.array([mark(person) in self._erased for person in coded.dictionary.to_pylist()], bool)
        of_rows: NDArray[np.bool_] = erased[coded.indices]
        return of_rows

    def _buckets(self, customers: pa.Array) -> NDArray[np.int32]:
        coded = customers.dictionary_encode()
        transform = BucketTransform(self.store.buckets).pyarrow_transform(StringType())
        buckets: NDArray[np.int32] = transform(coded.dictionary).take(coded.indices).to_numpy()
        return buckets

    def close(self) -> None:
        """Say that all rows have been added, and let go of the files they wait in: of many imports all were open else."""
        with told(self.store.folder):
            for waiting in self._waiting.values():
                waiting.close()

    def commit(self) -> dict[str, Added]:
        """Store what was added, with the import's id, in one commit.

        Returns: what became of the rows of each table that has any. If the log holds the id already it stays as it is.
        """
        return commit_all([self])[0]

    def apply(self) -> dict[str, Added]:
        """Write what the log does not hold; within `LogStore.writing`.

        Raises: ContactLogError if customers were erased since the rows were added, or rows contradict each other.
        """
        self.close()
        if self.store.catalog.erased() - self._erased:
            raise ContactLogError(
                Message(
                    "E-CONFLICT",
                    "Customers were erased while {file} was read; nothing is stored, append it again",
                    file=self.name,
                )
            )
        return {name: self._apply(name, waiting) for name, waiting in self._waiting.items() if waiting.rows}

    def _apply(self, name: str, waiting: WaitingRows) -> Added:
        if self.import_id in self.store.imports(name):
            return Added(known=waiting.rows.total())
        content = [column for column in TABLES[name].names if column != "sequence" or self.mapped_sequence]
        merge = Merge(self.store, name, self.import_id, file=self.name, content=content)
        stored = self.store.data_files(name)
        for bucket, rows in sorted(waiting.rows.items()):
            held = sum(file.record_count for file in stored[bucket])
            merge.merge(stored[bucket], waiting.sliced(bucket, slices(max(rows, held))))
        added = Added(*merge.counts.tolist())
        facts = {**self._facts(name), **asdict(added), "rests_on": sorted(merge.rests_on)}
        for change in merge.changes({IMPORT + self.import_id: json.dumps(facts)}):
            self.store.apply(change)
        return added

    def _facts(self, name: str) -> dict[str, object]:
        at = f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return {"name": self.name, "at": at} | ({"refused": self.refused[name]} if name in self.refused else {})


def commit_all(imports: Sequence[Import]) -> list[dict[str, Added]]:
    """Store several imports of one log together, in one commit: whatever stops it, none is stored.

    Returns: for each import, what became of the rows of each table that has any.
    """
    with imports[0].store.writing():  # what one import sees as unknown, no other may be adding meanwhile
        return [one.apply() for one in imports]
