"""The outcome of reading one column of texts as numbers, times or names: values, and what was wrong with which row."""

import re
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

    def take(self, places: npt.NDArray[np.int64]) -> "Parsed":
        """Of some of the rows."""
        return Parsed(self.values.take(places), [(wrong[places], reason) for wrong, reason in self.problems])


def as_mask(flags: pa.Array) -> Mask:
    """Arrow booleans as NumPy's; null is False."""
    return np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), dtype=bool)


def keep_matching(texts: pa.Array, pattern: str) -> tuple[pa.Array, Mask]:
    """The texts that match the whole pattern, the others null, and where a text does not match."""
    matches = pc.match_substring_regex(texts, f"^(?:{pattern})$")
    wrong = as_mask(pc.invert(matches))
    return (pc.if_else(matches, texts, None), wrong) if wrong.any() else (texts, wrong)


def letters(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """All bytes of the texts, one text after the other."""
    _, offsets, data = texts.buffers()
    if data is None:
        return np.empty(0, np.uint8)
    first, last = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
    return np.frombuffer(data, np.uint8)[first:last]


def common_shape(texts: pa.StringArray) -> str | None:
    """The first text, if all are of its shape: as long, with digits where it has some, and the same letters elsewhere."""
    texts = texts.drop_null()
    if not len(texts):
        return None
    shape = texts[0].as_py().encode()
    found = letters(texts)
    lengths = pc.binary_length(texts)
    if not shape or pc.any(pc.not_equal(lengths, len(shape))).as_py():
        return None
    low, high = (np.frombuffer(re.sub(rb"\d", digit, shape), np.uint8) for digit in (b"0", b"9"))
    found = found.reshape(-1, len(shape))
    return shape.decode() if ((found >= low) & (found <= high)).all() else None
