"""Links between rows: which contact a rating judges."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Coded = Mapping[str, NDArray[Any]]


def judged_contacts(contacts: pa.Table, ratings: pa.Table, met: Coded, said: Coded) -> NDArray[np.int32]:
    """For each rating the row of the contact it judges, -1 where unknown; `met` and `said` are the coded columns.

    It is the contact the rating names. Where it names none, as in a file without ids whose rows give a contact and a
    rating each, it is the contact of its customer at its moment and touchpoint, if there is exactly one.
    """
    judged = np.full(ratings.num_rows, -1, np.int32)
    named = pc.is_valid(ratings["contact_id"]).to_numpy()
    if named.any():
        keys = joined(ratings["customer_id"], ratings["contact_id"]).filter(pa.array(named))
        judged[named] = places(keys, joined(contacts["customer_id"], contacts["contact_id"]))
    if not named.all():
        moments = _moments(met).dictionary_encode()
        codes = moments.indices.to_numpy()
        rows = np.full(len(moments.dictionary) + 1, -1, np.int32)  # the last one is of a moment without contact
        rows[codes] = np.arange(len(codes))
        rows[:-1][np.bincount(codes, minlength=len(moments.dictionary)) > 1] = -1
        judged[~named] = rows[places(_moments(said).filter(pa.array(~named)), moments.dictionary)]
    return judged


def _moments(coded: Coded) -> pa.Array:
    """Customer, touchpoint and time of each row as one value."""
    packed = np.empty(len(coded["customer"]), [("customer", "i4"), ("touchpoint", "i4"), ("occurred_at", "i8")])
    for name in ("customer", "touchpoint", "occurred_at"):
        packed[name] = coded[name]
    return pa.Array.from_buffers(pa.binary(packed.itemsize), len(packed), [None, pa.py_buffer(packed)])


def joined(customers: pa.ChunkedArray, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ids that hold among all customers: one alone is unique within its customer only."""
    return pc.binary_join_element_wise(customers, ids, "/")


def places(values: pa.Array | pa.ChunkedArray, among: pa.Array | pa.ChunkedArray) -> NDArray[np.int32]:
    """Where each value first stands among others; -1 where it does not."""
    if isinstance(among, pa.ChunkedArray):
        among = among.combine_chunks()
    found: NDArray[np.int32] = pc.index_in(values, among).fill_null(-1).to_numpy().astype(np.int32)
    return found
