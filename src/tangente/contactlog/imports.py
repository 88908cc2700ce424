"""An import: rows come batch by batch, become part of the log in one commit, and never twice."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.catalog import mark
from tangente.contactlog.coded import coded, each_its_own
from tangente.contactlog.disk import own_folder, told
from tangente.contactlog.identity import Pseudonyms, in_digits, key_for
from tangente.contactlog.merging import Merge, Merged
from tangente.contactlog.schema import REPLACED, TABLES, check
from tangente.contactlog.slices import slices
from tangente.contactlog.snapshot import IMPORT
from tangente.contactlog.store import SCRATCH, Change, LogStore
from tangente.contactlog.waiting import WaitingRows
from tangente.errors import ContactLogError
from tangente.messages import Message

FILLED_IN = {"contacts": frozenset({"contact_id"}), "ratings": frozenset({"rating_id", "response_id"})}
"""Columns that may be empty on arrival: an import gives the rows that lack them ids of its own."""

PSEUDONYMISED = {"contacts": {"customer_id", "employee"}, "ratings": {"customer_id"}}
"""Columns of people; each kind of person has pseudonyms of its own, whatever their ids in the source have in common."""

MOST_THREADS = 4
"""Each holds some slices of a bucket, which takes memory."""


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

    Rows are spread over buckets on disk first, and large buckets over slices, so that memory is bounded by two runs of
    rows and, for each of up to four threads, some slices of a bucket; what the log lacks is written slice by slice.

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
    _pseudonyms: dict[str, Pseudonyms] = field(init=False, default_factory=dict)

    def __enter__(self) -> Self:
        self._erased = self.store.catalog.erased()
        folder = self._scratch.enter_context(own_folder(self.store.folder, SCRATCH))
        with told(self.store.folder):
            self._waiting = {name: WaitingRows(folder / name) for name in TABLES}
        columns = set(chain.from_iterable(PSEUDONYMISED.values()))
        self._pseudonyms = {
            column: Pseudonyms(key_for(column, self.store.key), self.store.buckets) for column in columns
        }
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
        columns = TABLES[name].names
        bare, in_buckets = self._pseudonyms["customer_id"].with_buckets(each_its_own(rows.column("customer_id")))
        people = {"customer_id": bare.dictionary.take(bare.indices)}
        for column in PSEUDONYMISED[name] - people.keys():
            people[column] = in_digits(self._pseudonyms[column].of(rows.column(column)))
        table = coded(pa.table({column: people.get(column, rows.column(column)) for column in columns}))
        refused, buckets = self._is_erased(bare), in_buckets[bare.indices]
        if refused.any():
            table, buckets = table.filter(pa.array(~refused)), buckets[~refused]
        if table.num_rows:
            with told(self.store.folder):
                self._waiting[name].add(table, buckets)
        return refused

    def _is_erased(self, bare: pa.DictionaryArray) -> NDArray[np.bool_]:
        if not self._erased:
            return np.zeros(len(bare), bool)
        customers = in_digits(bare)
        erased = np.array([mark(person) in self._erased for person in customers.dictionary.to_pylist()], bool)
        of_rows: NDArray[np.bool_] = erased[customers.indices]
        return of_rows

    def close(self) -> None:
        """Say that all rows have been added, and let go of the files they wait in: of many imports all were open else."""
        self._pseudonyms.clear()
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

        def merged(bucket: int) -> Merged:
            return merge.merge(stored[bucket], waiting.sliced(bucket, slices(waiting.rows[bucket])))

        found = _each(merged, sorted(waiting.rows))
        added = Added(*np.sum([one.counts for one in found], axis=0).tolist())
        facts = {
            **self._facts(name),
            **asdict(added),
            "rests_on": sorted(set().union(*(one.rests_on for one in found))),
        }
        add, remove, old = (list(chain.from_iterable(files)) for files in zip(*(one[2:] for one in found), strict=True))
        self.store.apply(Change(name, add=add, remove=remove, properties={IMPORT + self.import_id: json.dumps(facts)}))
        self.store.apply(Change(REPLACED[name], add=old))
        return added

    def _facts(self, name: str) -> dict[str, object]:
        at = f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return {"name": self.name, "at": at} | ({"refused": self.refused[name]} if name in self.refused else {})


def _each(work: Callable[[int], Merged], buckets: Sequence[int]) -> list[Merged]:
    """The work on each bucket, several at a time; whatever stops one, no other goes on when this returns."""
    if len(buckets) == 1:
        return [work(buckets[0])]
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as threads:
        return list(threads.map(work, buckets))


def commit_all(imports: Sequence[Import]) -> list[dict[str, Added]]:
    """Store several imports of one log together, in one commit: whatever stops it, none is stored.

    Returns: for each import, what became of the rows of each table that has any.
    """
    with imports[0].store.writing():  # what one import sees as unknown, no other may be adding meanwhile
        return [one.apply() for one in imports]
