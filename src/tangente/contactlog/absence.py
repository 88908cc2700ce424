"""Rows that data files surely do not hold, told from what was made ready of them, so that the files need not be read."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.bucket_files import DamagedBucket, Keys, intact_keys
from tangente.contactlog.digests import Digests, mixed, text_digests
from tangente.contactlog.ready import made_of
from tangente.contactlog.schema import IDS, TABLES
from tangente.contactlog.splicing import Numbers, histories


class ReadyRows(NamedTuple):
    """The rows of a table in a bucket that is ready: the data files they come from, and the layers they lie in."""

    table: str
    files: frozenset[str]
    layers: list[Keys]

    def may_hold(self, rows: pa.Table) -> NDArray[np.bool_]:
        """Which of some rows with ids these files may hold; the others they surely do not."""
        customers = rows["customer_id"].cast(pa.string())
        people = pc.unique(customers)
        people = people.take(pc.sort_indices(people))
        wanted = mixed(pc.index_in(customers, people).to_numpy(), text_digests(rows[IDS[self.table]]))
        base, *apart = self.layers
        before, known = _places(base.people, people)
        held = [_digests(base, before[known], np.flatnonzero(known))]
        for changed in apart:
            also_before, added = _places(changed.people, people)
            known |= added
            held.append(_digests(changed, (before + also_before)[known], np.flatnonzero(known)))
        among: NDArray[np.bool_] = pc.is_in(pa.array(wanted), pa.array(np.concatenate(held))).to_numpy(
            zero_copy_only=False
        )
        return among


def _digests(keys: Keys, numbers: Numbers, people: NDArray[np.intp]) -> Digests:
    """Customer and id of each row of the customers who have these numbers in a layer."""
    found = histories({name: keys.columns[name] for name in ("customer", "id")}, numbers)
    return mixed(people[np.searchsorted(numbers, found["customer"])], found["id"])


def _places(among: pa.Array, people: pa.Array) -> tuple[Numbers, NDArray[np.bool_]]:
    """How many of some stand before each of these people, both in order, and who of them is one of them."""
    before, behind = (pc.search_sorted(among, people, side=side).to_numpy() for side in ("left", "right"))
    return before.astype(np.int32), behind > before


def ready_rows(folder: Path, bucket: int, table: str) -> ReadyRows | None:
    """What is ready of the rows of a bucket; None if nothing is, or not as it was written.

    No lock is held: what is ready has a name of its own and never changes, but it may go at any moment.
    """
    for place in folder.glob(f"{bucket:05d}-*"):
        try:
            files = made_of(place)
            if files:
                return ReadyRows(table, frozenset(files[[*TABLES].index(table)]), intact_keys(place, table))
        except (OSError, DamagedBucket):  # gone, or damaged
            continue
    return None
