"""Small foreign files for tests, and what is read from them."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tangente.contactlog.schema import check
from tangente.sources.mapping import Mapping
from tangente.sources.reading import open_source
from tangente.sources.rejects import Refusal
from tangente.sources.source import Source

CONTACTS = """
[contacts]
timezone = "Europe/Berlin"
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
"""

RATINGS = """
[ratings]
timezone = "Europe/Berlin"
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
metric = { constant = "csat" }
score = "score"
scale_low = 1
scale_high = 5
"""

Row = dict[str, Any]


@dataclass
class Outcome:
    """Everything that one file gives."""

    contacts: list[Row]
    ratings: list[Row]
    refusals: list[Refusal]
    source: Source

    @property
    def reasons(self) -> list[tuple[int, str, str, str]]:
        return [(each.line, each.column, each.value, each.reason) for each in self.refusals]


def write(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def write_table(folder: Path, table: pa.Table, kind: str) -> Path:
    """The table as a file of that kind; XLSX and Parquet keep its types."""
    path = folder / f"file.{kind}"
    if kind == "parquet":
        pq.write_table(table, path)
        return path
    book = openpyxl.Workbook()
    book.active.append(table.column_names)
    for row in table.to_pylist():
        book.active.append(list(row.values()))
    book.save(path)
    return path


def read(path: Path, mapping: str) -> Outcome:
    """Read a file whole; every batch keeps to the schema but for ids that the store fills in."""
    source = open_source(path, Mapping.from_text(mapping))
    outcome = Outcome([], [], [], source)
    for batch in source.batches():
        for table, rows in (("contacts", batch.contacts), ("ratings", batch.ratings)):
            if rows is not None:
                check(with_ids(rows), table)
                getattr(outcome, table).extend(rows.to_pylist())
        outcome.refusals += batch.refusals
    return outcome


def with_ids(rows: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        column.fill_null("id") if name in ("contact_id", "rating_id", "response_id") else column
        for name, column in zip(rows.schema.names, rows.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)
