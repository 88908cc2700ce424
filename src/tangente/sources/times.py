"""Points in time as people write them: ISO 8601 or a declared format, with an offset or in a declared time zone."""

import re
from contextlib import suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tangente.contactlog.schema import TIME
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources import date_forms
from tangente.sources.counted_times import EARLIEST, END, EXCEL, UNIX, excel, unix
from tangente.sources.local_time import to_utc
from tangente.sources.parsed import Mask, Parsed, as_mask, common_shape

Micros = npt.NDArray[np.int64]

LOCAL = pa.timestamp("us")
DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>0?[1-9]|1[0-2])",
    "d": r"(?P<d>0?[1-9]|[12]\d|3[01])",
    "H": r"(?P<H>[01]?\d|2[0-3])",
    "I": r"(?P<I>0?[1-9]|1[0-2])",
    "p": r"(?P<p>[AaPp][Mm])",
    "M": r"(?P<M>[0-5]\d)",
    "S": r"(?P<S>[0-5]\d)",
    "f": r"(?P<f>\d{1,6})",
    "z": r"(?P<z>Z|[+-][01]\d:?[0-5]\d)",
    "%": "%",
}

_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_OFFSET = r"(?:Z|[+-][01]\d(?::?[0-5]\d)?)"
ISO_LOCAL = f"^{_DAY}(?:{_CLOCK})?$"
ISO_ABSOLUTE = f"^{_DAY}{_CLOCK}{_OFFSET}$"

_ALIKE = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
_ALIKE_LOCAL, _ALIKE_UTC = re.compile(f"{_ALIKE}?", re.ASCII), re.compile(f"{_ALIKE}Z", re.ASCII)

NO_DAY = Message("E-DATE", "there is no such day")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How local times of a part are understood."""

    timezone: str | None
    ambiguous: str | None
    nonexistent: str | None
    part: str

    @property
    def no_zone(self) -> Message:
        return Message(
            "E-ASK", 'no UTC offset; name the time zone in [{part}], as timezone = "Europe/Berlin"', part=self.part
        )

    @property
    def twice(self) -> Message:
        return Message(
            "E-ASK",
            'this local time occurs twice in {zone}; answer it in [{part}] by ambiguous = "earliest" or "latest"',
            zone=self.timezone,
            part=self.part,
        )

    @property
    def skipped(self) -> Message:
        return Message(
            "E-GAP",
            'this local time is skipped in {zone}; answer it in [{part}] by nonexistent = "shift"',
            zone=self.timezone,
            part=self.part,
        )


def check_format(form: str, where: str) -> str:
    """The format itself, if every directive is known and it says at least year, month and day."""
    if form in UNIX or form in EXCEL:
        return form
    used = re.findall("%(.?)", form)
    for directive in used:
        if directive not in DIRECTIVES:
            raise SourceError(
                Message(
                    "E-MAPPING",
                    "{where}: the format '{form}' uses %{directive}; allowed are {known}",
                    where=where,
                    form=form,
                    directive=directive,
                    known=[*(f"%{each}" for each in DIRECTIVES), *UNIX, *EXCEL],
                )
            )
    if not (("Y" in used or "y" in used) and "m" in used and "d" in used):
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}: the format '{form}' must hold year, month and day, as %d.%m.%Y",
                where=where,
                form=form,
            )
        )
    if len(set(used) - {"%"}) != len([d for d in used if d != "%"]) or ("I" in used) != ("p" in used):
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}: the format '{form}' must name each directive once, and %I together with %p",
                where=where,
                form=form,
            )
        )
    return form


def times(texts: pa.Array | None, at: pa.Array | None, form: str | None, clock: Clock) -> Parsed:
    """Instants in UTC, of each cell from its typed time or else from its text."""
    if texts is None or at is None:
        return _in_range(_typed(at, clock) if texts is None else _written(texts, form, clock))
    untyped = pc.if_else(pc.is_valid(at), None, texts)
    return _in_range(_either(_typed(at, clock), _written(untyped, form, clock)))


def _written(texts: pa.Array, form: str | None, clock: Clock) -> Parsed:
    if form in UNIX:
        counted = unix(texts, form)
        return Parsed(pc.cast(counted.values, TIME), counted.problems)
    if form in EXCEL:
        counted = excel(texts, form)
        return _either(
            _localised(pc.cast(counted.values, LOCAL), clock), Parsed(pa.nulls(len(texts), TIME), counted.problems)
        )
    return _formatted(texts, form, clock) if form else _iso(texts, clock)


def _typed(at: pa.Array, clock: Clock) -> Parsed:
    return Parsed(pc.cast(at, TIME)) if at.type.tz else _localised(pc.cast(at, LOCAL), clock)


def _either(first: Parsed, second: Parsed) -> Parsed:
    return Parsed(pc.coalesce(first.values, second.values), first.problems + second.problems)


def _in_range(parsed: Parsed) -> Parsed:
    micros, valid = _micros(parsed.values)
    outside = valid & ((micros < EARLIEST) | (micros >= END))
    return parsed.but(outside, Message("E-RANGE", "the year is outside 1900 to 2100"))


def _iso(texts: pa.Array, clock: Clock) -> Parsed:
    alike = _iso_alike(texts)
    if alike is not None:
        return Parsed(alike) if alike.type == TIME else _localised(alike, clock)
    absolute = pc.match_substring_regex(texts, ISO_ABSOLUTE)
    local = pc.match_substring_regex(texts, ISO_LOCAL)
    instants = _cast(_to_micros(pc.if_else(absolute, texts, None)), TIME)
    wall = _cast(_to_micros(pc.if_else(local, texts, None)), LOCAL)
    read = _either(Parsed(instants), _localised(wall, clock))
    unread = as_mask(pc.and_(pc.is_valid(texts), pc.and_(pc.is_null(instants), pc.is_null(wall))))
    return _explained(read, unread, texts, as_mask(pc.or_(absolute, local))) if unread.any() else read


def _iso_alike(texts: pa.Array) -> pa.Array | None:
    """The times, if all texts are of one shape, in local time or UTC, and there are such times; else None.

    Arrow checks months, days, hours, minutes and seconds; it reads other shapes too, which we do not.
    """
    shape = common_shape(texts)
    for kind, pattern in ((LOCAL, _ALIKE_LOCAL), (TIME, _ALIKE_UTC)):
        if shape is not None and pattern.fullmatch(shape):
            with suppress(pa.ArrowInvalid):
                return pc.cast(texts, kind)
    return None


def _explained(read: Parsed, unread: Mask, texts: pa.Array, shaped: Mask) -> Parsed:
    """With the reason why texts are no ISO dates; where only the day is wrong they are `shaped` as such."""
    read = read.but(unread & shaped, NO_DAY)
    unread = unread & ~shaped
    for doubtful, question in date_forms.questions(pc.if_else(pa.array(unread), texts, None)):
        read = read.but(doubtful, question)
        unread &= ~doubtful
    return read.but(
        unread, Message("E-DATE", "not an ISO date or time, as 2026-01-31 14:30; another form needs format = …")
    )


def _to_micros(texts: pa.Array) -> pa.Array:
    """Without the digits beyond the microsecond, which some systems write."""
    if not pc.any(pc.match_substring_regex(texts, r"\.\d{7}")).as_py():
        return texts
    return pc.replace_substring_regex(texts, r"(\.\d{6})\d+", r"\1")


def _cast(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """Texts of the right shape as times; one that names no date (30 February) becomes null."""
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:  # Arrow casts all or nothing
        places = {"Y": (0, 4), "m": (5, 7), "d": (8, 10)}
        _, exists = _day({name: pc.utf8_slice_codeunits(texts, *place) for name, place in places.items()})
        return pc.cast(pc.if_else(pa.array(exists), texts, None), kind)


def _formatted(texts: pa.Array, form: str, clock: Clock) -> Parsed:
    pattern = "".join(
        DIRECTIVES[piece[1]] if piece.startswith("%") else re.escape(piece) for piece in re.findall("%.|[^%]", form)
    )
    parts = pc.extract_regex(texts, f"^{pattern}$")
    names = [field.name for field in parts.type]
    groups = {name: pc.struct_field(parts, name) for name in names}
    read = as_mask(pc.is_valid(groups[names[0]]))
    day, exists = _day(groups)
    micros = pa.array(day + _time_of_day(groups), mask=~(read & exists))
    unread = as_mask(pc.is_valid(texts)) & ~read
    if "z" in groups:
        instants = Parsed(pc.cast(pc.subtract(micros, _offset(groups["z"])), TIME))
    else:
        instants = _localised(pc.cast(micros, LOCAL), clock)
    return instants.but(read & ~exists, NO_DAY).but(
        unread, Message("E-DATE", "not a date of the form {form}", form=form)
    )


def _numbers(digits: pa.Array | None) -> Micros | int:
    if digits is None:
        return 0
    return np.asarray(pc.fill_null(pc.cast(digits, pa.int64()), 1).to_numpy(zero_copy_only=False))


def _day(groups: dict[str, pa.Array]) -> tuple[Micros, Mask]:
    """Midnight in microseconds, and whether that day exists: 31 February runs into March."""
    if "Y" in groups:
        years = np.asarray(_numbers(groups["Y"]))
    else:
        short = np.asarray(_numbers(groups["y"]))
        years = np.where(short < 69, 2000 + short, 1900 + short)
    months = ((years - 1970) * 12 + _numbers(groups["m"]) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (np.asarray(_numbers(groups["d"])) - 1).astype("timedelta64[D]")
    return days.astype("datetime64[us]").astype(np.int64), days.astype("datetime64[M]") == months


def _time_of_day(groups: dict[str, pa.Array]) -> Micros:
    if "I" in groups:
        afternoon = as_mask(pc.equal(pc.utf8_upper(groups["p"]), "PM"))
        hours = np.asarray(_numbers(groups["I"])) % 12 + 12 * afternoon
    else:
        hours = np.asarray(_numbers(groups.get("H")))
    fraction = pc.utf8_rpad(groups["f"], 6, "0") if "f" in groups else None
    minutes = hours * 60 + _numbers(groups.get("M"))
    return np.asarray((minutes * 60 + _numbers(groups.get("S"))) * 1_000_000 + _numbers(fraction))


def _offset(zones: pa.Array) -> pa.Array:
    """UTC offsets in microseconds; few are distinct."""
    coded = zones.dictionary_encode()
    micros = [_offset_micros(zone) for zone in coded.dictionary.to_pylist()]
    return pa.array(micros, pa.int64()).take(coded.indices)


def _offset_micros(zone: str) -> int:
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return (-1 if zone[0] == "-" else 1) * minutes * 60_000_000


def _localised(wall: pa.Array, clock: Clock) -> Parsed:
    micros, valid = _micros(wall)
    if not valid.any():
        return Parsed(pc.cast(pc.cast(wall, pa.int64()), TIME))
    if clock.timezone is None:
        return Parsed(pa.nulls(len(wall), TIME)).but(valid, clock.no_zone)
    local = to_utc(micros, valid, ZoneInfo(clock.timezone))
    parsed = Parsed(pc.cast(pa.array(local.utc(clock.ambiguous == "latest"), mask=~valid), TIME))
    if clock.ambiguous is None:
        parsed = parsed.but(local.doubled, clock.twice)
    if clock.nonexistent is None:
        parsed = parsed.but(local.skipped, clock.skipped)
    return parsed


def _micros(instants: pa.Array) -> tuple[Micros, Mask]:
    """Microseconds since 1970, 0 where there is none, and where there is one."""
    micros = pc.fill_null(pc.cast(instants, pa.int64()), 0).to_numpy(zero_copy_only=False)
    return micros, as_mask(pc.is_valid(instants))
