"""Local time to UTC, without guessing at the hours that clocks skip or repeat."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

DAY = 86_400_000_000
MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST = np.datetime64("0002-01-01", "us").astype(np.int64)
_LAST = np.datetime64("9998-12-31", "us").astype(np.int64)

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LocalTimes:
    """Local times with the UTC offset before and after a change of the clocks nearby; elsewhere the two are equal."""

    wall: Micros
    before: Micros
    after: Micros

    @property
    def doubled(self) -> Mask:
        return self.before > self.after

    @property
    def skipped(self) -> Mask:
        return self.before < self.after

    def utc(self, latest: bool) -> Micros:
        """Doubled times as their first or latest reading, skipped ones shifted by the change."""
        return self.wall - np.where(self.doubled & latest, self.after, self.before)


def to_utc(wall: Micros, valid: Mask, zone: ZoneInfo) -> LocalTimes:
    """Look up the offsets once a day, and time by time on the few days on which clocks change."""
    wall = np.where(valid, np.clip(wall, _FIRST, _LAST), 0)
    days, day_of = np.unique(wall // DAY, return_inverse=True)
    starts = [_offsets(int(day) * DAY, zone) for day in days]
    ends = [_offsets((int(day) + 1) * DAY, zone) for day in days]
    before = np.array([offset for offset, _ in starts])[day_of]
    after = before.copy()
    changes = np.array([{*start, *end} != {start[0]} for start, end in zip(starts, ends, strict=True)])[day_of]
    for i in np.flatnonzero(changes):
        before[i], after[i] = _offsets(int(wall[i]), zone)
    return LocalTimes(wall, before, after)


def _offsets(wall: int, zone: ZoneInfo) -> tuple[int, int]:
    """The offsets of the two readings of a local time (PEP 495); equal but where clocks change."""
    local = _EPOCH + wall * MICROSECOND
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first // MICROSECOND, second // MICROSECOND
