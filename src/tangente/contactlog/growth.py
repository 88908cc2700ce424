"""A bucket made ready grows by new rows: the histories they touch are arranged anew, all others stay as they lie."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import (
    Bucket,
    arranged,
    contact_columns,
    new_places,
    numbers,
    people_of,
    rating_columns,
    said_themselves,
)
from tangente.contactlog.splicing import Columns, Numbers, histories


def grown(base: Bucket, changed: Bucket | None, contacts: pa.Table, ratings: pa.Table, codes: Codes) -> Bucket:
    """What differs from a bucket when rows are added: the whole histories of the customers who have new ones.

    Args:
        base: the bucket.
        changed: what differs from it already; None: nothing.
        contacts, ratings: the new rows.
        codes: that know all names of the bucket and of the new rows.
    Returns: these histories, numbered as all customers are now; `people` are those whom `base` has not.
    """
    changed = changed or _nothing(base)
    added = _added(base.people, changed.people, people_of(contacts, ratings))
    customers = base.customers + len(added)
    of_base = np.delete(np.arange(customers, dtype=np.int32), new_places(base.people, added))
    of_changed = _numbers_now(base, changed, added, of_base)
    met = contact_columns(contacts, numbers(contacts, base.people, added), codes)
    said = rating_columns(ratings, numbers(ratings, base.people, added), codes)
    had = of_changed[np.concatenate([changed.contacts["customer"], changed.ratings["customer"]])]
    touched = np.setdiff1d(np.concatenate([met["customer"], said["customer"]]), had)
    places = np.flatnonzero(np.isin(of_base, touched)).astype(np.int32)  # of those of them whom `base` has
    parts = (
        _renumbered(changed.contacts, changed.ratings, of_changed),
        _renumbered(histories(base.contacts, places), histories(base.ratings, places), of_base),
        (met, said),
    )
    contacts_now, ratings_now = map(_joined, zip(*parts, strict=True))
    return Bucket(*arranged(contacts_now, ratings_now, codes), customers, added)


def _nothing(base: Bucket) -> Bucket:
    nobody = np.array([], np.int32)
    return Bucket(histories(base.contacts, nobody), histories(base.ratings, nobody), base.customers)


def _added(known: pa.Array, added: pa.Array, people: pa.Array) -> pa.Array:
    """Those already added, and of these people those not known, in order."""
    new = people.filter(pa.array(~(_are_among(people, known) | _are_among(people, added))))
    both = pa.concat_arrays([added, new])
    return both.take(pc.sort_indices(both))


def _are_among(people: pa.Array, some: pa.Array) -> NDArray[np.bool_]:
    """Which people are some of those; both are in order, so a table of all, who are many, need not be made."""
    before, behind = (pc.search_sorted(some, people, side=side).to_numpy() for side in ("left", "right"))
    among: NDArray[np.bool_] = behind > before
    return among


def _numbers_now(base: Bucket, changed: Bucket, added: pa.Array, of_base: Numbers) -> Numbers:
    """For each number of a customer in `changed` the one they have now."""
    places = new_places(base.people, changed.people)
    now = np.empty(changed.customers, np.int32)
    now[np.delete(np.arange(changed.customers), places)] = of_base
    now[places] = new_places(base.people, added)[pc.index_in(changed.people, added).to_numpy()]
    return now


def _renumbered(contacts: Columns, ratings: Columns, now: Numbers) -> tuple[Columns, Columns]:
    ratings = said_themselves(ratings)
    return {**contacts, "customer": now[contacts["customer"]]}, {**ratings, "customer": now[ratings["customer"]]}


def _joined(tables: tuple[Columns, ...]) -> Columns:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[-1]}
