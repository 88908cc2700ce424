"""The log made ready for passes: per bucket, coded columns in the order customer, time, sequence, memory-mapped.

A *history* is the contacts of one customer in order. A bucket holds whole histories: a customer lives in exactly one
bucket. Everything here is derived from the record and may be deleted at any time.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.codes import CONTACT_KINDS, RATING_KINDS, Codes, measures
from tangente.contactlog.digests import mixed, text_digests
from tangente.contactlog.links import judged_contacts, places
from tangente.contactlog.once import once
from tangente.contactlog.splicing import Columns, Numbers, Spliced, frozen

VERSION = 4
"""Of the files and columns below; a bucket made ready under another version is made anew."""

NO_AMOUNT = -1  # costs and durations are never negative, so -1 is free for "unknown"
NO_VALUE = -(2**63)  # a value may be negative: goods sent back
NO_SCORE = -(2**31)
SCORE_UNITS = 1_000  # scores are integers, thousandths of a scale point, so that sums are exact
WEIGHT_UNITS = 1_000_000

PART_ROWS = 1 << 17
"""About so many rows has a part of a bucket: its columns, put together, still lie in the processor's cache when they are read."""

UNREAD = frozenset({"employee", "source", "question", "wave"})
"""Columns of the record that no question asks for."""

FROM_THE_CONTACT = ("channel", "reason", "unit", "role", "segment")
"""What a rating that does not say it itself takes from the contact it judges."""


@dataclass(frozen=True)
class Bucket:
    """Whole histories of some customers, as read-only arrays of equal length per table.

    contacts: customer (int32, place in this bucket), occurred_at (int64, µs UTC), sequence (int64), a code (uint16)
        per kind of `CONTACT_KINDS`, duration_ms, cost (int64, -1 unknown), value (int64, NO_VALUE unknown), id (uint64,
        digest of contact_id).
    ratings: customer, sheet (int32, row of the first rating of the answer sheet), occurred_at, a code per kind of
        `RATING_KINDS`, score (int32, thousandths, NO_SCORE unless given), weight (int64, millionths), id, response, named
        (uint64, digests of rating_id, response_id, contact_id; 0 none), own (uint8, a bit for each of
        `FROM_THE_CONTACT` that the rating says itself).
    customers: how many customers the bucket has, in either table.
    people: their pseudonyms in order, a customer's number being their place among them; no question asks for them.
    """

    contacts: Columns
    ratings: Columns
    customers: int
    people: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    @property
    def rows(self) -> int:
        """How many rows both tables have."""
        return len(self.contacts["customer"]) + len(self.ratings["customer"])

    @once
    def spans(self) -> list[tuple[int, int] | None]:
        """First and last moment of contacts, and of ratings, in µs UTC, found once; None where there are none."""
        moments = [table["occurred_at"] for table in (self.contacts, self.ratings)]
        return [(int(at.min()), int(at.max())) if len(at) else None for at in moments]

    @once
    def is_timed(self) -> bool:
        """Whether any contact tells how long it took; found once, for many logs tell nowhere."""
        return bool(self.contacts["duration_ms"].max(initial=NO_AMOUNT) > NO_AMOUNT)


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
    people = people_of(contacts, ratings)
    met = contact_columns(contacts, numbers(contacts, people), codes)
    said = rating_columns(ratings, numbers(ratings, people), codes)
    return Bucket(*arranged(met, said, codes), len(people), people)


def people_of(contacts: pa.Table, ratings: pa.Table) -> pa.Array:
    """The pseudonyms of two tables in order."""
    both = pa.chunked_array([pc.unique(table["customer_id"]).cast(pa.string()) for table in (contacts, ratings)])
    people = pc.unique(both)
    return people.take(pc.sort_indices(people))


def numbers(table: pa.Table, *people: pa.Array) -> Numbers:
    """For each row the number of its customer, who is one of some people; those of each array are in order."""
    coded = table["customer_id"].combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    before = [pc.search_sorted(some, coded.dictionary).to_numpy() for some in people]
    places: Numbers = np.sum(before, axis=0).astype(np.int32)[coded.indices.to_numpy()]
    return places


def contact_columns(contacts: pa.Table, customers: Numbers, codes: Codes) -> Columns:
    """The columns of contacts, coded but in no order yet."""
    columns: dict[str, NDArray[Any]] = {
        "customer": customers,
        "occurred_at": _integers(contacts["occurred_at"]),
        "sequence": _integers(contacts["sequence"]),
        "duration_ms": _scaled(contacts["duration_s"], 1_000, NO_AMOUNT),
        "cost": _integers(contacts["cost"], NO_AMOUNT),
        "value": _integers(contacts["value"], NO_VALUE),
        "id": text_digests(contacts["contact_id"]),
    }
    return columns | {kind: codes.encode(kind, contacts[kind]) for kind in CONTACT_KINDS}


def rating_columns(ratings: pa.Table, customers: Numbers, codes: Codes) -> Columns:
    """The columns of ratings, coded but in no order yet, each row with only what it says itself."""
    columns: dict[str, NDArray[Any]] = {
        "customer": customers,
        "occurred_at": _integers(ratings["occurred_at"]),
        "score": _scaled(ratings["score"], SCORE_UNITS, NO_SCORE).astype(np.int32),
        "weight": _scaled(ratings["weight"], WEIGHT_UNITS, WEIGHT_UNITS),
        "id": text_digests(ratings["rating_id"]),
        "response": text_digests(ratings["response_id"]),
        "named": text_digests(ratings["contact_id"]),
        "measure": codes.encode("measure", measures(ratings)),
    }
    for kind in RATING_KINDS:
        if kind in ratings.column_names:
            columns[kind] = codes.encode(kind, ratings[kind])
    silent = np.zeros(len(customers), np.uint16)
    return {kind: silent for kind in FROM_THE_CONTACT} | columns


def arranged(met: Columns, said: Columns, codes: Codes) -> tuple[Columns, Columns]:
    """Whole histories in order, and their ratings with what they take from the contacts they judge."""
    contacts = _ordered(met, _contact_order(met, codes))
    ratings = dict(_ordered(said, np.lexsort((said["id"], said["occurred_at"], said["customer"]))))
    ratings |= _of_the_contact(contacts, ratings)
    return contacts, {name: frozen(values) for name, values in (ratings | {"sheet": _sheets(ratings)}).items()}


def said_themselves(ratings: Columns) -> Columns:
    """The columns of ratings as they were before they were arranged."""
    own = {
        kind: np.where(ratings["own"] & np.uint8(1 << place), ratings[kind], np.uint16(0))
        for place, kind in enumerate(FROM_THE_CONTACT)
    }
    return {name: values for name, values in ratings.items() if name not in ("sheet", "own")} | own


def _of_the_contact(met: Columns, said: Columns) -> Columns:
    """Channel, reason, unit, role and segment of a rating: its own, else those of the contact it judges."""
    judged, own = judged_contacts(met, said), np.zeros(len(said["customer"]), np.uint8)
    columns = {}
    for place, kind in enumerate(FROM_THE_CONTACT):
        says = said[kind] != 0
        own |= says.astype(np.uint8) << np.uint8(place)
        columns[kind] = np.where(says, said[kind], np.append(met[kind], np.uint16(0))[judged])
    return columns | {"own": own}


def _sheets(said: Columns) -> NDArray[np.int32]:
    """For each rating the row of the first one of its sheet; a sheet is one customer's."""
    sheets = mixed(said["customer"], said["response"])
    return places(pa.array(sheets), pa.array(sheets))


def _contact_order(met: Columns, codes: Codes) -> NDArray[np.intp]:
    """Customer, time, sequence. The other columns settle what these do not, so the order of files never matters."""
    order = np.argsort(met["customer"], kind="stable")  # quick: data files are in order already, mostly
    customers, at, sequence = (met[key][order] for key in ("customer", "occurred_at", "sequence"))
    later = (at[1:] > at[:-1]) | ((at[1:] == at[:-1]) & (sequence[1:] > sequence[:-1]))
    unsettled = np.zeros(int(customers.max(initial=-1)) + 1, bool)
    unsettled[customers[1:][~later & (customers[1:] == customers[:-1])]] = True
    rows = np.flatnonzero(unsettled[customers])
    order[rows] = _full_order(met, order[rows], codes)
    return order


def _full_order(met: Columns, rows: NDArray[np.intp], codes: Codes) -> NDArray[np.intp]:
    names = [codes.ranks(kind)[met[kind][rows]] for kind in CONTACT_KINDS]
    numbers = ("id", "value", "cost", "duration_ms"), ("sequence", "occurred_at", "customer")
    least, most = ([met[key][rows] for key in keys] for keys in numbers)
    return rows[np.lexsort((*least, *reversed(names), *most))]


def _ordered(columns: Columns, order: NDArray[np.intp]) -> Columns:
    if (order[1:] > order[:-1]).all():  # as after an import into an empty log
        return {name: frozen(values) for name, values in columns.items()}
    return {name: frozen(values[order]) for name, values in columns.items()}


def _scaled(column: pa.ChunkedArray, units: int, null: int) -> NDArray[np.int64]:
    """Numbers as whole ones, so many to a unit."""
    empty = column.null_count == len(column)
    return _integers(column if empty else pc.round(pc.multiply(column, float(units))), null)


def _integers(column: pa.ChunkedArray, null: int = 0) -> NDArray[np.int64]:
    if column.null_count == len(column):
        return np.full(len(column), null)
    known = column.fill_null(null) if column.null_count else column
    integers: NDArray[np.int64] = pc.cast(known, pa.int64()).to_numpy()
    return integers


def spliced(base: Bucket, changed: Bucket) -> Bucket:
    """A bucket with the histories of another in the place of its own; `changed.people` are those new to it."""
    numbers, places = _numbers_now(base, changed), new_places(base.people, changed.people)
    order = pa.array(np.argsort(np.append(numbers, places)))
    people = pa.concat_arrays([base.people, changed.people]).take(order)
    return replace(_part(base, changed, numbers, 0, changed.customers), people=people)


def parts(base: Bucket, changed: Bucket, rows: int = PART_ROWS) -> list[Bucket]:
    """The same in parts of about so many rows, as small buckets of whole histories; who their people are they do not say."""
    numbers = _numbers_now(base, changed)
    bounds = np.linspace(0, changed.customers, 1 + max(1, base.rows // rows)).astype(int).tolist()
    return [_part(base, changed, numbers, first, end) for first, end in pairwise(bounds)]


def _numbers_now(base: Bucket, changed: Bucket) -> Numbers:
    """Of each customer of `base`."""
    return np.delete(np.arange(changed.customers, dtype=np.int32), new_places(base.people, changed.people))


def _part(base: Bucket, changed: Bucket, numbers: Numbers, first: int, end: int) -> Bucket:
    contacts, ratings = (
        Spliced(old, new, numbers, first, end)
        for old, new in ((base.contacts, changed.contacts), (base.ratings, changed.ratings))
    )
    return Bucket(contacts, ratings, end - first)


def new_places(people: pa.Array, new: pa.Array) -> NDArray[np.intp]:
    """The places among both of people who are new; both are in order."""
    places: NDArray[np.intp] = pc.search_sorted(people, new).to_numpy().astype(np.intp) + np.arange(len(new))
    return places
