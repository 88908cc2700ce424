"""The first rows of a file, column by column, to judge what the columns mean."""

import re
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.guesses import MISSING, MOST, NEVER_USED, NOT_ANSWERED, numbers_in
from tangente.sources.parquet_file import ParquetFile
from tangente.sources.records import TableFile, trimmed

GLANCE = 20_000
"""Cells looked at one by one."""
NO_SCORES = {word.lower() for word in (*MISSING, *NEVER_USED, *NOT_ANSWERED)}
_SCORE = re.compile(r"-?\d{1,6}(?:[.,]\d{1,6})?")


@dataclass(frozen=True)
class Sample:
    """Cells of one column; `at` has those that are typed as points in time."""

    heading: str
    texts: pa.Array
    at: pa.Array | None

    @cached_property
    def known(self) -> list[str]:
        known: list[str] = self.texts.drop_null()[:GLANCE].to_pylist()
        return known

    @property
    def example(self) -> str:
        return next(iter(self.known), "")[:40]

    @cached_property
    def is_numeric(self) -> bool:
        said = [text for text in self.known if text.lower() not in NO_SCORES]
        return len(numbers_in(said)) > MOST * len(said)

    @cached_property
    def scores(self) -> list[float]:
        return [float(text.replace(",", ".")) for text in self.known if _SCORE.fullmatch(text)]

    @property
    def is_typed_time(self) -> bool:
        return self.at is not None and self.at.null_count < MOST * len(self.at)

    @property
    def untyped(self) -> pa.Array | None:
        """The texts beside cells that are typed as points in time; None if there are no such cells."""
        if self.at is None or self.at.null_count == len(self.at):
            return None
        return self.texts.filter(pc.is_null(self.at)).drop_null()

    @property
    def is_unique(self) -> bool:
        return len(set(self.known)) == len(self.known) and not self.texts.null_count

    def mostly(self, pattern: str) -> bool:
        return sum(re.fullmatch(pattern, text) is not None for text in self.known) > MOST * len(self.known)


def samples(table: TableFile, file: str) -> dict[str, Sample]:
    """A sample of every column that has a name of its own and can be read."""
    names = [name for name in table.headers if name and table.headers.count(name) == 1]
    if isinstance(table, ParquetFile):
        names = table.readable(names)
    records = next((records for records in table.records(names) if len(records)), None)
    if records is None:
        raise SourceError(
            Message("E-NOROWS", "{file} has column names, but no rows below them that can be read", file=file)
        )
    return {name: Sample(name, trimmed(column.texts), column.at) for name, column in records.columns.items()}
