"""The log's limits of numbers, told in the units of the file."""

from fractions import Fraction

import pyarrow.compute as pc

from tangente.contactlog.schema import LIMITS
from tangente.messages import Message
from tangente.sources.numerals import AMOUNT, AMOUNT_UNITS, DURATION_UNITS
from tangente.sources.parsed import Parsed, as_mask


def within_limits(name: str, unit: str | None, parsed: Parsed) -> Parsed:
    """The same, with a problem for numbers beyond what the log holds in its column `name`."""
    limits = next((of_table[name] for of_table in LIMITS.values() if name in of_table), None)
    if limits is None:
        return parsed
    low, high = limits
    below, above = as_mask(pc.less(parsed.values, low)), as_mask(pc.greater(parsed.values, high))
    if not (below | above).any():
        return parsed
    outside = _outside(name, unit, low, high)
    return parsed.but(below, Message("E-RANGE", "negative") if low == 0 else outside).but(above, outside)


def _outside(name: str, unit: str | None, low: float, high: float) -> Message:
    """The limits as numbers of the file.

    >>> _outside("duration_s", "min", 0, 1_000_000), _outside("value", None, -50_000_000, 50_000_000)
    ('outside 0 to 16,666.67 min, the limits of duration_s', 'outside -50 to 50, the limits of value')
    """
    size, sign = _unit(name, unit)
    lowest, highest = (_short(Fraction(end) / size) for end in (low, high))
    return Message(
        "E-RANGE",
        "outside {low:,} to {high:,}{unit}, the limits of {name}",
        low=lowest,
        high=highest,
        unit=sign,
        name=name,
    )


def _short(number: Fraction) -> float:
    return int(number) if number.denominator == 1 else round(float(number), 2)


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
