"""The log made ready for passes: per bucket, coded columns in the order customer, time, sequence, memory-mapped.

A *history* is the contacts of one customer in order. A bucket holds whole histories: a customer lives in exactly one
bucket. Everything here is derived from the record and may be deleted at any time.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.codes import CONTACT_KINDS, RATING_KINDS, Codes, measures
from tangente.contactlog.disk import write_synced
from tangente.contactlog.links import joined, judged_contacts, places

VERSION = 2
"""Of the files and columns below; a bucket made ready under another version is made anew."""

CHECKSUMS = "sha256sums"

Columns = Mapping[str, NDArray[Any]]

NO_AMOUNT = -1  # costs and durations are never negative, so -1 is free for "unknown"
NO_VALUE = -(2**63)  # a value may be negative: goods sent back
NO_SCORE = -(2**31)
SCORE_UNITS = 1_000  # scores are integers, thousandths of a scale point, so that sums are exact
WEIGHT_UNITS = 1_000_000


@dataclass(frozen=True)
class Bucket:
    """Whole histories of some customers, as read-only arrays of equal length per table.

    contacts: customer (int32, place in this bucket), occurred_at (int64, µs UTC), sequence (int64), a code (uint16)
        per kind of `CONTACT_KINDS`, duration_ms, cost (int64, -1 unknown), value (int64, NO_VALUE unknown).
    ratings: customer, sheet (int32, place of the answer sheet in this bucket), occurred_at, a code per kind of
        `RATING_KINDS`, score (int32, thousandths, NO_SCORE unless given), weight (int64, millionths).
    customers: how many customers the bucket has, in either table.
    """

    contacts: Columns
    ratings: Columns
    customers: int


def known_values(contacts: pa.Table, ratings: pa.Table, codes: Codes) -> Codes:
    """The codes extended by every name in the two tables."""
    for kind in CONTACT_KINDS:
        codes = codes.with_values(kind, pc.unique(contacts[kind]).to_pylist())
    for kind in RATING_KINDS:
        if kind in ratings.column_names:
            codes = codes.with_values(kind, pc.unique(ratings[kind]).to_pylist())
    return codes.with_values("measure", measures(ratings).dictionary.to_pylist())


def make_ready(contacts: pa.Table, ratings: pa.Table, codes: Codes) -> Bucket:
    """Code and order the rows of one bucket; `codes` must know all their names."""
    people = pc.unique(pa.chunked_array([*contacts["customer_id"].chunks, *ratings["customer_id"].chunks], pa.string()))
    people = people.take(pc.sort_indices(people))
    met = _contact_columns(contacts, people, codes)
    said = _rating_columns(ratings, people, codes)
    said |= _of_the_contact(ratings, met, codes, judged_contacts(contacts, ratings, met, said))
    return Bucket(
        contacts=_ordered(met, _contact_order(met, codes)),
        ratings=_ordered(said, np.lexsort((said["occurred_at"], said["customer"]))),
        customers=len(people),
    )


def _contact_columns(contacts: pa.Table, people: pa.Array, codes: Codes) -> dict[str, NDArray[Any]]:
    milliseconds = pc.cast(pc.round(pc.multiply(contacts["duration_s"], 1000.0)), pa.int64())
    columns: dict[str, NDArray[Any]] = {
        "customer": places(contacts["customer_id"], people),
        "occurred_at": _integers(contacts["occurred_at"]),
        "sequence": _integers(contacts["sequence"]),
        "duration_ms": _integers(milliseconds, NO_AMOUNT),
        "cost": _integers(contacts["cost"], NO_AMOUNT),
        "value": _integers(contacts["value"], NO_VALUE),
    }
    return columns | {kind: codes.encode(kind, contacts[kind]) for kind in CONTACT_KINDS}


def _rating_columns(ratings: pa.Table, people: pa.Array, codes: Codes) -> dict[str, NDArray[Any]]:
    thousandths = pc.cast(pc.round(pc.multiply(ratings["score"], float(SCORE_UNITS))), pa.int32())
    millionths = pc.cast(pc.round(pc.multiply(ratings["weight"], float(WEIGHT_UNITS))), pa.int64())
    sheets = joined(ratings["customer_id"], ratings["response_id"])
    columns: dict[str, NDArray[Any]] = {
        "customer": places(ratings["customer_id"], people),
        "sheet": places(sheets, pc.unique(sheets)),
        "occurred_at": _integers(ratings["occurred_at"]),
        "score": _integers(thousandths, NO_SCORE).astype(np.int32),
        "weight": _integers(millionths, WEIGHT_UNITS),
        "measure": codes.encode("measure", measures(ratings)),
    }
    return columns | {kind: codes.encode(kind, ratings[kind]) for kind in ("touchpoint", "answer", "rater")}


def _of_the_contact(
    ratings: pa.Table, met: Mapping[str, NDArray[Any]], codes: Codes, judged: NDArray[np.int32]
) -> dict[str, NDArray[Any]]:
    """Channel, reason, unit, role and segment of a rating: its own, else those of the contact it judges."""
    columns = {}
    for kind in ("channel", "reason", "unit", "role", "segment"):
        theirs = np.append(met[kind], np.uint16(0))[judged]
        own = codes.encode(kind, ratings[kind]) if kind in ratings.column_names else np.zeros_like(theirs)
        columns[kind] = np.where(own == 0, theirs, own)
    return columns


def _contact_order(met: Mapping[str, NDArray[Any]], codes: Codes) -> NDArray[np.int64]:
    """Customer, time, sequence. The other columns settle what these do not, so the order of files never matters.

    Rows that agree in all of them are interchangeable.
    """
    keys = (met["sequence"], met["occurred_at"], met["customer"])
    order = np.lexsort(keys)
    same = np.ones(max(len(order) - 1, 0), bool)
    for key in keys:
        same &= np.diff(key[order]) == 0
    if not same.any():
        return order
    names = [codes.ranks(kind)[met[kind]] for kind in CONTACT_KINDS]
    return np.lexsort((met["value"], met["cost"], met["duration_ms"], *reversed(names), *keys))


def _ordered(columns: Mapping[str, NDArray[Any]], order: NDArray[np.int64]) -> Columns:
    return {name: frozen(values[order]) for name, values in columns.items()}


def _integers(column: pa.ChunkedArray, null: int = 0) -> NDArray[np.int64]:
    integers: NDArray[np.int64] = pc.cast(column, pa.int64()).fill_null(null).to_numpy()
    return integers


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """The values contiguous and read-only: a loop is then compiled once, for mapped arrays and others."""
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values


def save(bucket: Bucket, folder: Path) -> None:
    """Write one Arrow IPC file per table and wait for the disk; the caller renames the folder into place."""
    folder.mkdir(parents=True)
    for table, columns in (("contacts", bucket.contacts), ("ratings", bucket.ratings)):
        batch = pa.record_batch({name: pa.array(values) for name, values in columns.items()})
        batch = batch.replace_schema_metadata({"customers": str(bucket.customers)})
        with (folder / f"{table}.arrow").open("wb") as file:
            with pa.ipc.new_file(file, batch.schema) as writer:
                writer.write_batch(batch)
            file.flush()
            os.fsync(file.fileno())
    write_synced(folder / CHECKSUMS, _checksums(folder))


def is_intact(folder: Path) -> bool:
    """Whether a saved bucket is as it was written."""
    return (folder / CHECKSUMS).exists() and (folder / CHECKSUMS).read_bytes() == _checksums(folder)


def _checksums(folder: Path) -> bytes:
    """As `sha256sum` writes and checks them."""
    lines = []
    for path in sorted(folder.glob("*.arrow")):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    return "".join(lines).encode()


def load(folder: Path) -> Bucket:
    """Map a saved bucket into memory: nothing is read before a pass touches it."""
    contacts, ratings = (_mapped(folder / f"{table}.arrow") for table in ("contacts", "ratings"))
    return Bucket(_columns(contacts), _columns(ratings), int(contacts.schema.metadata[b"customers"]))


def _mapped(file: Path) -> pa.RecordBatch:
    return pa.ipc.open_file(pa.memory_map(str(file))).get_batch(0)


def _columns(batch: pa.RecordBatch) -> Columns:
    return {name: batch.column(name).to_numpy() for name in batch.schema.names}
