"""What changed beyond noise: weekly series of each touchpoint, judged by control charts, all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from math import sqrt
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from tangente.analysis.signal_row import SignalRow
from tangente.contactlog.extent import Extent, extent
from tangente.contactlog.log import EPOCH, ContactLog
from tangente.contactlog.profile import profile
from tangente.method.control_chart import ENOUGH, ControlChart, individuals_chart
from tangente.method.prediction import prediction_p_value
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.method.screening import benjamini_hochberg

FALSE_DISCOVERIES = 0.05  # of the series said to have changed
JUDGED = 4
"""The latest weeks that are judged, against those before."""
YEAR = 52
"""Weeks they are held against at most: a year, so that its seasons are part of the noise."""
DRAWN = 26
WEEK = timedelta(days=7)
QUESTIONS = 2  # asked of each series: the latest week, and the latest four together


@dataclass(frozen=True)
class Series:
    """One measure of one touchpoint, a value a week, oldest first; `until`: Monday of the latest week.

    few: whether too little stands behind a week to judge it.
    """

    touchpoint: str
    measure: str
    until: date | None
    values: Sequence[float]
    few: bool


def signals(log: ContactLog) -> list[SignalRow]:
    """Judge the latest weeks of each touchpoint: contacts, and satisfaction where there are answers.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: one row per touchpoint and measure; what is beyond chance first, then the surest.
    """
    return judged(list(weekly_series(log)))


def judged(series: Sequence[Series]) -> list[SignalRow]:
    """All series are tested at once, so that of those said to have changed one in twenty is false on average."""
    found = [_judged(one) for one in series]
    adjusted = benjamini_hochberg([row.p_value for row in found])
    rows = [
        replace(row, p_value=p, beyond_chance=p is not None and p <= FALSE_DISCOVERIES)
        for row, p in zip(found, adjusted, strict=True)
    ]
    return sorted(rows, key=lambda row: (not row.beyond_chance, 2.0 if row.p_value is None else row.p_value))


def _judged(series: Series) -> SignalRow:
    values = list(series.values[-YEAR - JUDGED :])
    row = SignalRow(
        touchpoint=series.touchpoint,
        measure=series.measure,
        weeks=len(series.values),
        week=None if series.until is None else series.until.isoformat(),
        latest=values[-1] if values else None,
        centre=None,
        lower=None,
        upper=None,
        side=None,
        p_value=None,
        beyond_chance=False,
        recent=values[-DRAWN:],
        unknown=_unknown(series),
    )
    if row.unknown:
        return row
    chart = individuals_chart(values, baseline=range(len(values) - JUDGED))
    if chart.centre is None or chart.lower is None or chart.upper is None:
        return row
    lower = max(0.0, chart.lower[0]) if series.measure == "contacts" else chart.lower[0]
    side, p_value = _change(values, chart, of_counts=series.measure == "contacts")
    return replace(row, centre=chart.centre, lower=lower, upper=chart.upper[0], side=side, p_value=p_value)


def _unknown(series: Series) -> str | None:
    if series.few:
        return "few"
    return "short" if len(series.values) < ENOUGH else None


def _change(values: Sequence[float], chart: ControlChart, *, of_counts: bool) -> tuple[str | None, float | None]:
    """The side on which the chart shows a signal in the latest weeks, and the p-value; 1 where it shows none.

    A p-value that is only ever made larger stays one, so the rate of false discoveries holds with the chart's rules too.
    Counts are tested as their roots, which vary alike whatever their size and lie evenly around their mean.
    """
    told = {signal.side for signal in chart.signals if signal.place >= len(values) - JUDGED}
    side = "high" if values[-1] > (chart.centre or 0.0) else "low"
    p_value = _p_value([sqrt(value) for value in values] if of_counts else values)
    if p_value is None:
        return None, None
    return (side, p_value) if side in told else (None, 1.0)


def _p_value(values: Sequence[float]) -> float | None:
    """Of two questions, the latest week and the latest four together, the smaller p-value, doubled.

    The four are held against fours: weeks that lie close are alike, so their mean varies more than single weeks suggest.
    """
    before = values[:-JUDGED]
    fours = [sum(before[end - JUDGED : end]) / JUDGED for end in range(len(before), JUDGED - 1, -JUDGED)]
    tests = prediction_p_value(before, values[-1]), prediction_p_value(fours, sum(values[-JUDGED:]) / JUDGED)
    known = [p for p in tests if p is not None]
    return min(1.0, QUESTIONS * min(known)) if known else None


def weekly_series(log: ContactLog) -> Iterator[Series]:
    """Contacts of each touchpoint a week, weeks without any put in as 0, and satisfaction where there are answers."""
    extents = extent(log)
    met, said = (complete_weeks(extents[table], log.timezone) for table in ("contacts", "ratings"))
    rows = profile(log, by=("touchpoint",), period="week").select(
        ["touchpoint", "period", "contacts", "satisfaction_n", "satisfaction_mean"]
    )
    for touchpoint, cells in groupby(rows.to_pylist(), itemgetter("touchpoint")):
        weeks = {cell["period"]: cell for cell in cells}
        if touchpoint is None:  # what was judged is the company
            continue
        if any(cell["contacts"] for cell in weeks.values()):
            yield _contacts(touchpoint, weeks, met)
        if any(cell["satisfaction_n"] for cell in weeks.values()):
            yield _satisfaction(touchpoint, weeks, said)


def complete_weeks(size: Extent, timezone: str) -> list[date]:
    """The Mondays of the weeks that lie wholly between the days of the first and the last row of a table."""
    if size.first is None or size.last is None:
        return []
    first, last = (_day(at, timezone) for at in (size.first, size.last))
    monday = first + timedelta(days=-first.weekday() % 7)
    weeks = ((last - monday).days + 1) // 7
    return [monday + WEEK * k for k in range(weeks)]


def _day(at: int, timezone: str) -> date:
    moment: datetime = EPOCH + timedelta(microseconds=at)
    return moment.astimezone(ZoneInfo(timezone)).date()


def _contacts(touchpoint: str, weeks: dict[date, dict[str, Any]], complete: Sequence[date]) -> Series:
    values = [float(weeks[week]["contacts"]) if week in weeks else 0.0 for week in complete]
    before = values[-YEAR - JUDGED : -JUDGED]
    few = sum(before) < SMALLEST_CELL * len(before)
    return Series(touchpoint, "contacts", complete[-1] if complete else None, values, few)


def _satisfaction(touchpoint: str, weeks: dict[date, dict[str, Any]], complete: Sequence[date]) -> Series:
    """Weeks with too few answers are left out; the latest one must not be."""
    said = [week for week in complete if week in weeks and weeks[week]["satisfaction_n"] >= FEW]
    few = len(complete) >= ENOUGH and (len(said) < ENOUGH or said[-1] != complete[-1])
    values = [float(weeks[week]["satisfaction_mean"]) for week in said]
    return Series(touchpoint, "satisfaction", said[-1] if said else None, values, few)
