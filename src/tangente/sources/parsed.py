"""The outcome of reading one column of texts as numbers, times or names: values, and what was wrong with which row."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Parsed:
    """Values, null where the row was empty or is wrong; problems say which rows are wrong, and why."""

    values: pa.Array
    problems: list[tuple[Mask, Message]] = field(default_factory=list)

    def but(self, wrong: Mask, reason: Message) -> "Parsed":
        """The same with one more problem."""
        return Parsed(self.values, [*self.problems, (wrong, reason)]) if wrong.any() else self


def as_mask(flags: pa.Array) -> Mask:
    """Arrow booleans as NumPy's; null is False."""
    return np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), dtype=bool)


def keep_matching(texts: pa.Array, pattern: str) -> tuple[pa.Array, Mask]:
    """The texts that match the whole pattern, the others null, and where a text does not match."""
    matches = pc.match_substring_regex(texts, f"^(?:{pattern})$")
    wrong = as_mask(pc.invert(matches))
    return (pc.if_else(matches, texts, None), wrong) if wrong.any() else (texts, wrong)
