"""Rows delivered to a log folder, as a source delivers them."""

from typing import Any

import pyarrow as pa

from tangente.contactlog.imports import Added, Import
from tangente.contactlog.schema import TABLES
from tangente.contactlog.store import LogStore
from tangente.contactlog.testing import START

Row = dict[str, Any]

CONTACT = {"customer_id": "anna", "occurred_at": START, "touchpoint": "shop"}
RATING = CONTACT | {"metric": "csat", "score": 4.0, "scale_low": 1.0, "scale_high": 5.0, "answer": "given"}
RATING |= {"rater": "customer"}


def batch(name: str, rows: list[Row]) -> pa.RecordBatch:
    """Rows in the columns of a table; what the import fills in may be empty."""
    return pa.RecordBatch.from_pylist(rows, pa.schema([field.with_nullable(True) for field in TABLES[name]]))


def positions(rows: list[Row]) -> list[Row]:
    """As a source without `sequence` gives them: numbered by their place in the file."""
    return [{"sequence": place} | row for place, row in enumerate(rows)]


def deliver(
    store: LogStore,
    contacts: list[Row] = (),
    ratings: list[Row] = (),
    *,
    import_id: str,
    name: str = "",
    batches: int = 1,
    mapped_sequence: bool = False,
    **settings: Any,
) -> dict[str, Added]:
    """Import rows in some batches and commit."""
    with Import(
        store, import_id, name or f"{import_id}.csv", mapped_sequence, **({"at": START} | settings)
    ) as delivery:
        for table, rows in (("contacts", positions(contacts)), ("ratings", list(ratings))):
            size = -(-len(rows) // batches) or 1
            for begin in range(0, len(rows), size):
                delivery.add(table, batch(table, rows[begin : begin + size]))
        return delivery.commit()


def stored_rows(store: LogStore, name: str) -> list[Row]:
    """The rows of a table as any reader of Iceberg sees them."""
    return store.table(name).scan().to_arrow().to_pylist()
