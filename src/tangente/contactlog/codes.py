"""Names as small integers: what a pass reads instead of strings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.errors import ContactLogError

LIMIT = 65_535  # a code is 16 bits wide

CONTACT_KINDS = ("touchpoint", "channel", "reason", "direction", "unit", "role", "outcome", "segment")
RATING_KINDS = ("touchpoint", "measure", "answer", "rater", "channel", "reason", "unit", "role", "segment")
KINDS = tuple(dict.fromkeys(CONTACT_KINDS + RATING_KINDS))


@dataclass(frozen=True)
class Codes:
    """For each kind of name (touchpoint, channel, …) its values; the code of a value is its place, 0 is null.

    Codes only ever grow at the end, so columns coded earlier stay valid. Their order carries no meaning: answers are
    sorted by name.
    """

    values: Mapping[str, tuple[str | None, ...]] = field(default_factory=lambda: dict.fromkeys(KINDS, (None,)))

    def __getitem__(self, kind: str) -> tuple[str | None, ...]:
        return self.values[kind]

    def size(self, kind: str) -> int:
        """How many codes there are, null included."""
        return len(self.values[kind])

    def code(self, kind: str, value: str | None) -> int | None:
        """The code of a value; None if it never occurs."""
        known = self.values[kind]
        return known.index(value) if value in known else None

    def ranks(self, kind: str) -> NDArray[np.int64]:
        """For each code the place of its name among all names of the kind in alphabetical order; null comes first."""
        names = self.values[kind]
        ranks = np.empty(len(names), np.int64)
        ranks[sorted(range(len(names)), key=lambda code: names[code] or "")] = np.arange(len(names))
        return ranks

    def by_name(self, kind: str, numbers: NDArray[np.int64], *, but: int = 0) -> dict[str, int]:
        """The number of each code under its name, in alphabetical order, leaving out those that are `but`."""
        names = self.values[kind]
        return dict(sorted((str(names[code]), int(numbers[code])) for code in np.flatnonzero(numbers != but)))

    def with_values(self, kind: str, values: Iterable[str | None]) -> "Codes":
        """These codes and, behind them, the values not yet known, in alphabetical order."""
        known = self.values[kind]
        new = sorted(set(values) - set(known) - {None}, key=str)
        if len(known) + len(new) > LIMIT:
            raise ContactLogError(
                f"{kind} has more than {LIMIT:,} different values, such as {new[0]!r}; a {kind} groups contacts, "
                "so map another column or a value map with fewer values"
            )
        return Codes({**self.values, kind: known + tuple(new)})

    def encode(self, kind: str, column: pa.Array | pa.ChunkedArray) -> NDArray[np.uint16]:
        """The codes of a column of names all of which are known."""
        if column.null_count == len(column):
            return np.zeros(len(column), np.uint16)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        places = pc.index_in(coded.dictionary, pa.array(self.values[kind][1:], pa.string()))
        lookup = np.append(places.to_numpy(zero_copy_only=False).astype(np.int64) + 1, 0).astype(np.uint16)
        codes: NDArray[np.uint16] = lookup[coded.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False)]
        return codes

    def decode(self, kind: str, codes: NDArray[np.integer]) -> pa.Array:
        """The names behind an array of codes."""
        return pa.array(self.values[kind], pa.string()).take(pa.array(codes.astype(np.int32)))


def measure_name(metric: str, low: float | None, high: float | None) -> str:
    """A metric on its scale, as "csat 1..5": only answers of one measure may be averaged."""
    ends = ["?" if end is None else f"{end:g}" for end in (low, high)]
    return f"{metric} {ends[0]}..{ends[1]}"


def measure_parts(measure: str) -> tuple[str, float | None, float | None]:
    """The metric and the two ends of the scale of a measure."""
    metric, _, scale = measure.partition(" ")
    low, _, high = scale.partition("..")
    return metric, None if low == "?" else float(low), None if high == "?" else float(high)


def measures(ratings: pa.Table | pa.RecordBatch) -> pa.Array:
    """The measure of each rating, as a dictionary array."""
    parts = pa.table({name: ratings.column(name) for name in ("metric", "scale_low", "scale_high")})
    distinct = parts.group_by(parts.column_names).aggregate([])
    names: Sequence[str] = [measure_name(*row.values()) for row in distinct.to_pylist()]
    indices = np.full(parts.num_rows, -1, np.int32)
    for place, row in enumerate(distinct.to_pylist()):
        same = np.ones(parts.num_rows, bool)
        for name, value in row.items():
            hit = (
                pc.is_null(parts[name]) if value is None else pc.equal(parts[name], pa.scalar(value, parts[name].type))
            )
            same &= pc.fill_null(hit, False).to_numpy()
        indices[same] = place
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(names, pa.string()))
