"""The log's limits of numbers, told in the units of the file."""

from fractions import Fraction

import pyarrow.compute as pc

from tangente.contactlog.schema import LIMITS
from tangente.sources.numerals import AMOUNT, AMOUNT_UNITS, DURATION_UNITS
from tangente.sources.parsed import Parsed, as_mask


def within_limits(name: str, unit: str | None, parsed: Parsed) -> Parsed:
    """The same, with a problem for numbers beyond what the log holds in its column `name`."""
    limits = next((of_table[name] for of_table in LIMITS.values() if name in of_table), None)
    if limits is None:
        return parsed
    low, high = limits
    below, above = as_mask(pc.less(parsed.values, low)), as_mask(pc.greater(parsed.values, high))
    outside = f"outside {_in_the_file(name, unit, low, high)}, the limits of {name}"
    return parsed.but(below, "negative" if low == 0 else outside).but(above, outside)


def _in_the_file(name: str, unit: str | None, low: float, high: float) -> str:
    """The limits as numbers of the file.

    >>> _in_the_file("duration_s", "min", 0, 1_000_000), _in_the_file("value", None, -50_000_000, 50_000_000)
    ('0 to 16,666.67 min', '-50 to 50')
    """
    size, sign = _unit(name, unit)
    ends = [f"{float(Fraction(end) / size):,.2f}".removesuffix(".00") for end in (low, high)]
    return " to ".join(ends) + sign


def _unit(name: str, unit: str | None) -> tuple[Fraction, str]:
    """What one unit of the file is in the log, and its sign where the mapping or the field names one."""
    match name:
        case "duration_s":
            unit = "s" if unit in (None, "h:m:s") else unit
            factor, places = DURATION_UNITS[unit]
            return Fraction(factor * 10**places, 1000), f" {unit}"
        case "cost" | "value":
            factor, places = AMOUNT_UNITS.get(unit or "", AMOUNT)
            return Fraction(factor * 10**places), f" {unit}" if unit else ""
    return Fraction(1), ""
