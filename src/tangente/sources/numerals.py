"""Numbers as people write them: exact, in one declared notation, never guessed."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.notation import Notation
from tangente.sources.parsed import Parsed, as_mask, keep_matching

DURATION_UNITS = {"s": (1, 3), "ms": (1, 0), "min": (60, 3), "h": (3600, 3), "h:m:s": (1, 0)}
"""Unit of the file: factor to the log's unit, and places of the log's integer in the file's number."""

AMOUNT_UNITS = {"cent": (1, 4)}
AMOUNT = (1, 6)
THOUSANDTHS = (1, 3)

_EXACT = pa.decimal128(30, 18)
_CLOCK = r"(?P<h>\d{1,4}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)"


def scaled(texts: pa.Array, notation: Notation, factor: int, places: int) -> Parsed:
    """Numbers times factor times ten to the places, as whole numbers: exact, halves to even.

    >>> scaled(pa.array(["1,5", "0,0000005", "x"]), Notation(",", ""), 1, 6).values.to_pylist()
    [1500000, 0, None]
    """
    plain, problems = notation.plain(texts)
    return Parsed(_whole(plain, factor, places), problems)


def _whole(numbers: pa.Array, factor: int, places: int) -> pa.Array:
    """By floating point, whose error is below 2**-12 for products below 2**40; exactly where that could tip the scales."""
    near = pc.cast(numbers, pa.float64()).to_numpy(zero_copy_only=False) * (factor * 10**places)
    whole = np.rint(near)
    sure = (np.abs(near) < 2**40) & (np.abs(near - whole) < 0.5 - 2**-11)
    values = pa.array(np.where(sure, whole, 0).astype(np.int64), mask=np.isnan(near))
    unsure = pa.array(~sure & ~np.isnan(near))
    return pc.replace_with_mask(values, unsure, _exact(numbers.filter(unsure), factor, places))


def _exact(numbers: pa.Array, factor: int, places: int) -> pa.Array:
    exact = pc.cast(numbers, _EXACT)
    if factor != 1:
        exact = pc.multiply(exact, pa.scalar(factor, pa.decimal128(4, 0)))
    rounded = pc.cast(pc.round(exact, places, "half_to_even"), pa.decimal128(24, places))
    return pc.cast(pc.multiply(rounded, pa.scalar(10**places, pa.decimal128(7, 0))), pa.int64())


def amounts(texts: pa.Array, notation: Notation, unit: str | None) -> Parsed:
    """Amounts as whole millionths of the currency unit."""
    return scaled(texts, notation, *AMOUNT_UNITS.get(unit or "", AMOUNT))


def thousandths(texts: pa.Array, notation: Notation) -> Parsed:
    """Scores to the thousandth; the division of whole numbers gives the nearest float there is."""
    return _divided(scaled(texts, notation, *THOUSANDTHS))


def durations(texts: pa.Array, notation: Notation, unit: str | None) -> Parsed:
    """Durations in seconds, to the millisecond."""
    if unit == "h:m:s":
        return _clock(texts)
    return _divided(scaled(texts, notation, *DURATION_UNITS[unit or "s"]))


def _divided(parsed: Parsed) -> Parsed:
    return Parsed(pc.divide(pc.cast(parsed.values, pa.float64()), 1000.0), parsed.problems)


def _clock(texts: pa.Array) -> Parsed:
    hours, minutes, seconds = (
        pc.cast(pc.struct_field(pc.extract_regex(texts, f"^{_CLOCK}$"), part), pa.int64()) for part in "hms"
    )
    total = pc.add(pc.multiply(pc.add(pc.multiply(hours, 60), minutes), 60), seconds)
    wrong = as_mask(pc.and_(pc.is_valid(texts), pc.is_null(total)))
    return Parsed(pc.cast(total, pa.float64())).but(wrong, Message("E-NUM", "not a duration written as 0:04:12"))


def weights(texts: pa.Array, notation: Notation) -> Parsed:
    """Floats as near as floats can be."""
    plain, problems = notation.plain(texts)
    return Parsed(pc.cast(plain, pa.float64()), problems)


def whole_numbers(texts: pa.Array) -> Parsed:
    """Integers of up to 18 digits."""
    kept, wrong = keep_matching(texts, r"-?\d{1,18}")
    return Parsed(pc.cast(kept, pa.int64())).but(wrong, Message("E-NUM", "not a whole number"))
