"""When things happen: two years of local time with weeks, seasons, holidays and opening hours.

Inside the simulation a moment is a number of seconds of local (wall clock) time since the first midnight.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]
Codes = NDArray[np.int64]

TIMEZONE = "Europe/Berlin"
FIRST_DAY = date(2024, 10, 1)
DAYS = 730
DAY = 86_400
HOUR = 3_600
END = DAYS * DAY
YEAR = 365 * DAY

HOURS = {"always": (0, 24, 7), "hotline": (7, 22, 6), "office": (8, 18, 5), "shop": (10, 19, 6), "field": (8, 17, 5)}
"""Opens at, closes at, days a week from Monday on."""

_HOLIDAYS = ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1), (5, 1), (10, 3))
_HOLIDAY_WEIGHT = 0.35
_WINTER = 0.12  # the season's swing, highest in the middle of January
_WINTER_PEAK = 107  # days after FIRST_DAY


class Rhythm:
    """How the load is spread over the days of the two years and the hours of a day."""

    def __init__(self, weekdays: tuple[float, ...], hours: tuple[float, ...]) -> None:
        days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
        weights = np.array([weekdays[day.weekday()] for day in days])
        weights *= np.where([(day.month, day.day) in _HOLIDAYS for day in days], _HOLIDAY_WEIGHT, 1.0)
        weights *= 1 + _WINTER * np.cos(2 * np.pi * (np.arange(DAYS) - _WINTER_PEAK) / 365)
        self._days = np.concatenate([[0.0], np.cumsum(weights * DAYS / weights.sum())])
        self._hours = np.concatenate([[0.0], np.cumsum(hours)]) / sum(hours)

    def load(self, at: Moments) -> NDArray[np.float64]:
        """Load from the beginning to each moment; DAYS in all."""
        load: NDArray[np.float64] = np.interp(at / DAY, np.arange(DAYS + 1), self._days)
        return load

    def moments(self, rng: np.random.Generator, load: NDArray[np.float64]) -> Moments:
        """The moment of each load: its day, and an hour of the day by chance."""
        day = np.searchsorted(self._days, load, side="right") - 1
        return np.minimum(day, DAYS - 1) * DAY + self.second_of_day(rng, len(load))

    def second_of_day(self, rng: np.random.Generator, count: int) -> Moments:
        hour = np.interp(rng.random(count), self._hours, np.arange(len(self._hours)))
        return (hour * HOUR).astype(np.int64)


@cache
def digital() -> Rhythm:
    """Evenings and week-ends too."""
    by_hour = (2, 1, 1, 1, 1, 2, 5, 9, 12, 14, 15, 15, 16, 15, 14, 15, 17, 20, 24, 27, 27, 23, 15, 7)
    return Rhythm((1.03, 1.0, 1.0, 0.98, 0.9, 0.92, 1.17), by_hour)


@cache
def service() -> Rhythm:
    """When people call: Mondays, mornings, after work; never on Sundays."""
    by_hour = (0, 0, 0, 0, 0, 0, 0, 4, 10, 15, 16, 14, 11, 11, 12, 13, 14, 15, 12, 8, 5, 3, 0, 0)
    return Rhythm((1.38, 1.22, 1.15, 1.12, 1.08, 0.52, 0.0), by_hour)


def arrivals(
    rng: np.random.Generator, rhythm: Rhythm, since: Moments, until: Moments, per_year: NDArray[np.float64] | float
) -> tuple[Codes, Moments]:
    """Who and when: for each person a Poisson process of that rate between two moments, in that rhythm."""
    first, last = rhythm.load(since), rhythm.load(until)
    count = rng.poisson(per_year / 365 * np.maximum(last - first, 0))
    who = np.repeat(np.arange(len(since)), count)
    at = rhythm.moments(rng, first[who] + rng.random(len(who)) * (last - first)[who])
    inside = (at >= since[who]) & (at < until[who])
    return who[inside], at[inside]


def opened(rng: np.random.Generator, at: Moments, hours: str) -> Moments:
    """Each moment itself if we are open, else some time after we next open."""
    opens, closes, days = HOURS[hours]
    if hours == "always":
        return at
    day, second = np.divmod(at, DAY)
    missed = (weekday(day) >= days) | (second >= closes * HOUR)
    opening = day + missed
    opening += np.where(weekday(opening) >= days, 7 - weekday(opening), 0)
    waits = missed | (second < opens * HOUR)
    queued = opening * DAY + opens * HOUR + rng.integers(0, 3 * HOUR, len(at))
    return np.where(waits, queued, at)


def weekday(day: Moments) -> Moments:
    """0 is Monday."""
    return (day + FIRST_DAY.weekday()) % 7


def utc(at: Moments) -> Moments:
    """Local moments as seconds since 1970, UTC. A night when clocks change counts with the offset of its day."""
    return at + _midnights()[np.clip(at // DAY, 0, DAYS)]


@cache
def _midnights() -> Moments:
    """What to add to the local moments of each day."""
    zone = ZoneInfo(TIMEZONE)
    noons = [datetime.combine(FIRST_DAY + timedelta(days=n), time(12), zone) for n in range(DAYS + 1)]
    return np.array([noon.timestamp() - n * DAY - DAY // 2 for n, noon in enumerate(noons)], np.int64)


def iso(day: int) -> str:
    """The midnight at which a day of the simulated time begins, in UTC."""
    midnight = int(utc(np.array([day * DAY]))[0])
    return datetime.fromtimestamp(midnight, UTC).isoformat().replace("+00:00", "Z")
