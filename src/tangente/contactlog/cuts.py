"""Cuts: by what a profile is cut (touchpoint, month, channel, …), and the group each row falls into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, reduce
from operator import add
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.log import NAMED, ContactLog, midnight
from tangente.contactlog.passes import Column, compiled, pieces
from tangente.contactlog.splicing import Columns
from tangente.errors import QuestionError

PERIODS = ("day", "week", "month", "quarter", "year")
CELLS = 4_000_000  # about 130 bytes each, on each thread

Numbers = NDArray[np.uint32]
"""Without a sign they are looked up in less time: none can count from the end."""

# In µs. Since 1972 every time zone's offset is a multiple of it, so no quarter of an hour holds a midnight.
QUARTER_HOUR = 900_000_000


@dataclass(frozen=True)
class Calendar:
    """The periods from the first to the last moment of a log, in its reporting time zone.

    starts: first day of each period; `of` maps each quarter of an hour from `origin` on to its period. Without periods
    there is one start, without a day, and nothing to map.
    """

    starts: list[date | None]
    origin: int
    of: Numbers


def calendar(period: str | None, timezone: str, first: int, last: int) -> Calendar:
    """Days, weeks (from Monday), months, quarters or years that touch the span in µs; None: one without limits."""
    if period is None:
        return Calendar([None], 0, np.zeros(0, np.uint32))
    if first > last:  # nothing happened, so any one period will do
        return Calendar([date.min], 0, np.zeros(0, np.uint32))
    zone = ZoneInfo(timezone)
    day = _start_of(period, datetime.fromtimestamp(first // 1_000_000, UTC).astimezone(zone).date())
    starts, begins = list[date | None](), []
    while (begin := midnight(day, timezone)) <= last:
        starts.append(day)
        begins.append(begin)
        day = _next(period, day)
    quarters = np.arange(first // QUARTER_HOUR, last // QUARTER_HOUR + 1) * QUARTER_HOUR
    return Calendar(starts, first // QUARTER_HOUR, (np.searchsorted(begins, quarters, "right") - 1).astype(np.uint32))


@compiled
def _date(
    customer: Column, at: Column, origin: int, period_of: Column, groups: Column, reached: Column, last: Column
) -> None:
    """Move the group of each row on to its period; a customer is new to a period if it did not see them last."""
    for i in range(len(at)):
        period = 0
        if len(period_of):
            since = np.uint64(at[i] - origin * QUARTER_HOUR)  # without a sign it is divided in half the time
            period = period_of[since // np.uint64(QUARTER_HOUR)]
        groups[i] += period
        reached[period] += last[period] != customer[i]
        last[period] = customer[i]


def _start_of(period: str, day: date) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[period]


def _next(period: str, day: date) -> date:
    days = {"day": 1, "week": 7, "month": 31, "quarter": 93, "year": 366}[period]
    return _start_of(period, day + timedelta(days=days))


@dataclass(frozen=True)
class Cut:
    """Groups by zero or more kinds of names and a calendar; the group of a row is a number below `cells`."""

    log: ContactLog
    by: tuple[str, ...]
    calendar: Calendar

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many values each kind has, then how many periods there are."""
        return (*(self.log.codes.size(kind) for kind in self.by), len(self.calendar.starts))

    @cached_property
    def _weights(self) -> list[np.uint32]:
        """How far apart the groups of two neighbouring codes of each kind are."""
        return [np.uint32(np.prod(self.sizes[k + 1 :])) for k in range(len(self.by))]

    @cached_property
    def cells(self) -> int:
        """How many groups there could be."""
        cells = int(np.prod(self.sizes, dtype=object))
        if cells > CELLS:
            raise QuestionError(
                f"A profile by {', '.join(self.by)} and period would have {cells:,} cells; at most {CELLS:,} are "
                "possible: leave out a cut, take longer periods, or filter the log"
            )
        return cells

    def pieces(self, columns: Columns, reached: NDArray[np.int64] | None = None) -> Iterator[tuple[slice, Numbers]]:
        """The rows of a table piece by piece, with the group of each row; `reached` gets the customers per period."""
        customer, at, kinds = columns["customer"], columns["occurred_at"], [columns[kind] for kind in self.by]
        origin, of, last = self.calendar.origin, self.calendar.of, np.full(self.sizes[-1], -1, np.int32)
        reached = np.zeros(len(last), np.int64) if reached is None else reached
        for first, end in pieces(len(at)):
            rows = slice(first, end)
            products = [codes[rows] * weight for codes, weight in zip(kinds, self._weights, strict=True)]
            groups = reduce(add, products) if products else np.zeros(end - first, np.uint32)
            _date(customer[rows], at[rows], origin, of, groups, reached, last)
            yield rows, groups

    def names(self, found: NDArray[np.int64]) -> tuple[dict[str, pa.Array], NDArray[np.int64]]:
        """The columns that name the groups found, and the order of these groups by name, then period."""
        *codes, periods = np.unravel_index(found, self.sizes)
        ranks = [self.log.codes.ranks(kind)[code] for kind, code in zip(self.by, codes, strict=True)]
        order = np.lexsort((periods, *reversed(ranks)))
        columns = {kind: self.log.codes.decode(kind, code[order]) for kind, code in zip(self.by, codes, strict=True)}
        if self.calendar.starts != [None]:
            columns["period"] = pa.array([self.calendar.starts[k] for k in periods[order]], pa.date32())
        return columns, order


def checked(by: Sequence[str], period: str | None) -> tuple[str, ...]:
    """The kinds to cut by. Raises: QuestionError naming the first that is none."""
    for kind in by:
        if kind not in NAMED:
            raise QuestionError(f"by has {kind!r}; a profile can be cut by {', '.join(NAMED)}")
    if len(set(by)) < len(by):
        raise QuestionError(f"by names a cut twice: {', '.join(by)}")
    if period not in (None, *PERIODS):
        raise QuestionError(f"period is {period!r}; allowed are {', '.join(PERIODS)}")
    return tuple(by)
