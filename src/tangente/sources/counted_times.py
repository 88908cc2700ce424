"""Times as numbers: seconds since 1970, or the days that spreadsheets count."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.parsed import Parsed, as_mask

UNIX = {"unix": 1_000_000, "unix_ms": 1_000}
"""Microseconds of a unit; the times are in UTC."""

EXCEL = {"excel_1900": "1899-12-30", "excel_1904": "1904-01-01"}
"""The day that is 0; the times are local. Excel counts 29 February 1900, which never was, so earlier days are off by one."""

FIRST_SURE_DAY = 61
DAY_MS = 86_400_000
EARLIEST = np.datetime64("1900-01-01", "us").astype(np.int64)
END = np.datetime64("2101-01-01", "us").astype(np.int64)


def unix(texts: pa.Array, form: str) -> Parsed:
    """Microseconds since 1970."""
    exact = pc.match_substring_regex(texts, r"^-?\d{1,14}(?:\.\d{1,6})?$")
    count = pc.cast(pc.if_else(exact, texts, None), pa.decimal128(20, 6))
    micros = _micros(count, UNIX[form])
    return Parsed(micros).but(as_mask(pc.invert(exact)), Message("E-DATE", "not a number of seconds since 1970"))


def excel(texts: pa.Array, form: str) -> Parsed:
    """Microseconds since 1970 of local times, to the millisecond."""
    exact = pc.match_substring_regex(texts, r"^\d{1,7}(?:\.\d{1,15})?$")
    days = pc.cast(pc.if_else(exact, texts, None), pa.decimal128(22, 15))
    zero = np.datetime64(EXCEL[form], "us").astype(np.int64)
    millis = pc.cast(pc.round(pc.multiply(days, pa.scalar(DAY_MS, pa.decimal128(8, 0))), 0), pa.int64())
    parsed = Parsed(pc.add(pc.multiply(millis, 1000), int(zero)))
    wrong = as_mask(pc.invert(exact))
    if form == "excel_1900":
        early = as_mask(pc.less(days, pa.scalar(FIRST_SURE_DAY, days.type)))
        parsed = parsed.but(early, Message("E-RANGE", "a day before 1 March 1900, which Excel counts wrongly"))
    return parsed.but(wrong, Message("E-DATE", "not a number of days, as Excel counts them"))


def _micros(count: pa.Array, factor: int) -> pa.Array:
    """Moments too far away for 64 bits as the nearest outside the range, for which they are refused."""
    scaled = pc.multiply(count, pa.scalar(factor, pa.decimal128(7, 0)))
    whole = pc.cast(pc.round(scaled, 0), pa.decimal128(28, 0))
    latest, earliest = (pa.scalar(int(end), whole.type) for end in (END, EARLIEST - 1))
    clamped = pc.max_element_wise(pc.min_element_wise(whole, latest, skip_nulls=False), earliest, skip_nulls=False)
    return pc.cast(clamped, pa.int64())
