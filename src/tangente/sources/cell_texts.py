"""Typed cells (Parquet, XLSX) as the texts a CSV file in the same notation would hold."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.records import Column

PLACES = 18
"""As many decimals as are read."""

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_EXPONENT = re.compile(r"[+-]?\d(?:\.\d{1,17})?[eE][+-]?\d{1,3}")
_WHOLE = re.compile(r"\.0+$")


def column_of_array(array: pa.Array, decimal: str, name: str) -> Column:
    """A typed Arrow column; points in time stay typed beside their text."""
    if pa.types.is_dictionary(array.type):
        array = pc.cast(array, array.type.value_type)
    kind = array.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Column(array, at=_micros(array))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        texts = pc.replace_substring(_plain(pc.cast(array, pa.string())), ".", decimal)
        return Column(texts, numbers=pa.repeat(True, len(texts)))
    if pa.types.is_time(kind):
        return Column(pc.replace_substring_regex(pc.cast(array, pa.string()), r"\.0+$", ""))
    if _reads_as_text(kind):
        return Column(pc.cast(array, pa.string()))
    raise SourceError(
        Message(
            "E-TYPE",
            "the column '{column}' holds {kind}; Tangente reads texts, numbers, dates and timestamps",
            column=name,
            kind=str(kind),
        )
    )


def is_readable(kind: pa.DataType) -> bool:
    """Whether cells of this type can be read."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    checks = (pa.types.is_timestamp, pa.types.is_date, pa.types.is_time, pa.types.is_floating, pa.types.is_decimal)
    return any(check(kind) for check in (*checks, _reads_as_text))


def _micros(array: pa.Array) -> pa.Array:
    zone = array.type.tz if pa.types.is_timestamp(array.type) else None
    return pc.cast(array, pa.timestamp("us", zone), safe=False)


def _reads_as_text(kind: pa.DataType) -> bool:
    return any(
        check(kind)
        for check in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_integer,
            pa.types.is_boolean,
            pa.types.is_null,
        )
    )


def _plain(numbers: pa.Array) -> pa.Array:
    """Without exponents and endless decimals, which are rare: 0.0000001 instead of 1e-7."""
    if not pc.any(pc.match_substring_regex(numbers, r"\d[eE]|\.\d{19}")).as_py():
        return numbers
    return pa.array([each if each is None else plain_number(each) for each in numbers.to_pylist()], pa.string())


def plain_number(number: str) -> str:
    """A number in digits, to at most 18 decimals; 3.0 is 3.

    >>> plain_number("1e-07"), plain_number("3.0"), plain_number("inf")
    ('0.0000001', '3', 'inf')
    """
    exact = Decimal(number)
    if not exact.is_finite():
        return number
    if exact == exact.to_integral_value():
        return f"{exact.to_integral_value():f}"
    digits = f"{exact:f}"
    return digits if len(digits.partition(".")[2]) <= PLACES else f"{round(exact, PLACES):f}"


class Number(str):
    """A number of the file itself, not a text that may be one, as the file's notation writes it."""


def number_text(number: str, decimal: str) -> str:
    """A number written with a point, maybe with an exponent, in the notation of the file; other texts as they are.

    >>> number_text("17.0", ","), number_text("4.50", ","), number_text("1e-7", ","), number_text("1e9999", ",")
    ('17', '4,50', '0,0000001', '1e9999')
    """
    if _EXPONENT.fullmatch(number):
        number = plain_number(number)
    return Number(_WHOLE.sub("", number).replace(".", decimal)) if _NUMBER.fullmatch(number) else number


def column_of_cells(cells: Sequence[str | None]) -> Column:
    """Texts and numbers, one beside the other."""
    numbers = [isinstance(cell, Number) for cell in cells]
    return Column(pa.array(cells, pa.string()), numbers=pa.array(numbers, pa.bool_()) if any(numbers) else None)


def cell_text(cell: object, decimal: str) -> str | None:
    """A cell of a worksheet."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return plain_number(str(cell)).replace(".", decimal)


def typed_time(cell: object) -> datetime | None:
    """The point in time of a date cell."""
    if isinstance(cell, datetime):
        return cell
    return datetime.combine(cell, time()) if isinstance(cell, date) else None
