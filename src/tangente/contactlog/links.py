"""Links between rows: which contact a rating judges."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.digests import Digests, mixed

Coded = Mapping[str, NDArray[Any]]


def judged_contacts(met: Coded, said: Coded) -> NDArray[np.int32]:
    """For each rating the row of the contact it judges, -1 where unknown; `met` and `said` are coded columns.

    It is the contact the rating names. Where it names none, as in a file without ids whose rows give a contact and a
    rating each, it is the contact of its customer at its moment and touchpoint, if there is exactly one.
    """
    named = said["named"] != 0
    judged = np.full(len(named), -1, np.int32)
    for these, in_contacts, in_ratings in ((named, "id", "named"), (~named, "moment", "moment")):
        if these.any():
            judged[these] = _only(_places(met, in_contacts), _places(said, in_ratings)[these])
    return judged


def _places(coded: Coded, by: str) -> Digests:
    """Customer and `by`, or customer, touchpoint and time of each row as one value."""
    names = ("occurred_at", "touchpoint") if by == "moment" else (by,)
    return mixed(coded["customer"], *(coded[name] for name in names))


def _only(contacts: Digests, wanted: Digests) -> NDArray[np.int32]:
    """For each value wanted the row among the contacts if exactly one has it, else -1."""
    distinct = pc.unique(pa.array(wanted))
    found = pc.index_in(pa.array(contacts), distinct)
    rows, which = np.flatnonzero(found.is_valid()), found.drop_null().to_numpy()
    only = np.full(len(distinct), -1, np.int32)
    only[which] = rows
    only[np.bincount(which, minlength=len(distinct)) > 1] = -1
    judged: NDArray[np.int32] = only[pc.index_in(pa.array(wanted), distinct).to_numpy()]
    return judged


def joined(customers: pa.ChunkedArray, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ids that hold among all customers: one alone is unique within its customer only."""
    return pc.binary_join_element_wise(customers, ids, "/")


def places(values: pa.Array | pa.ChunkedArray, among: pa.Array | pa.ChunkedArray) -> NDArray[np.int32]:
    """Where each value first stands among others; -1 where it does not."""
    if isinstance(among, pa.ChunkedArray):
        among = among.combine_chunks()
    found: NDArray[np.int32] = pc.index_in(values, among).fill_null(-1).to_numpy().astype(np.int32)
    return found
