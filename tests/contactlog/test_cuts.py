from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import cuts
from tangente.contactlog.cuts import PERIODS, Cut, calendar, checked
from tangente.contactlog.log import EPOCH, midnight
from tangente.contactlog.testing import journeys
from tangente.errors import QuestionError
from tests.contactlog.strategies import examples, utc

MICROSECOND = timedelta(microseconds=1)
ZONES = ["Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Chatham", "America/Havana", "UTC"]


def plain_period(at, period, zone):
    """The first day of the period a moment lies in, by the local calendar."""
    day = at.astimezone(ZoneInfo(zone)).date()
    first = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}
    first["quarter"] = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    first["year"] = day.replace(month=1, day=1)
    return first[period]


def found_periods(moments, period, zone):
    at = np.array([(moment - EPOCH) // MICROSECOND for moment in moments])
    periods = calendar(period, zone, int(at[0]), int(at[-1]))
    pieces = Cut(journeys(), (), periods).pieces({"customer": np.zeros(len(at), np.int32), "occurred_at": at})
    return [periods.starts[group] for _, groups in pieces for group in groups]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("period", PERIODS)
def test_calendar_puts_each_side_of_every_midnight_of_a_year_into_its_period(period, zone):
    days = [date(2025, 12, 20) + timedelta(days=k) for k in range(380)]
    midnights = [EPOCH + timedelta(microseconds=midnight(day, zone)) for day in days]
    moments = sorted([*midnights, *(at - MICROSECOND for at in midnights)])
    assert found_periods(moments, period, zone) == [plain_period(at, period, zone) for at in moments]


@examples
@given(
    st.lists(st.integers(0, 70 * 366 * 86_400).map(lambda s: EPOCH + timedelta(seconds=s)), min_size=1, max_size=5),
    st.sampled_from(ZONES),
)
def test_calendar_knows_the_month_of_any_moment(moments, zone):
    moments = sorted(moments)
    assert found_periods(moments, "month", zone) == [plain_period(at, "month", zone) for at in moments]


def test_midnight_is_local_when_clocks_change_on_that_day():
    assert midnight(date(2026, 3, 29), "Europe/Berlin") == (utc("2026-03-28T23:00") - EPOCH) // MICROSECOND
    assert midnight(date(2026, 3, 30), "Europe/Berlin") == (utc("2026-03-29T22:00") - EPOCH) // MICROSECOND


def test_midnight_that_clocks_skip_is_the_moment_they_change():
    assert midnight(date(2026, 3, 8), "America/Havana") == (utc("2026-03-08T05:00") - EPOCH) // MICROSECOND


@pytest.mark.parametrize(
    ("by", "period", "message"),
    [
        (
            ["touchpoint", "phase"],
            None,
            "by has 'phase'; a profile can be cut by touchpoint, channel, reason, unit, role, segment",
        ),
        (["unit", "unit"], None, "by names a cut twice: unit, unit"),
        ([], "hour", "period is 'hour'; allowed are day, week, month, quarter, year"),
    ],
)
def test_checked_refuses_what_is_no_cut(by, period, message):
    with pytest.raises(QuestionError) as refusal:
        checked(by, period)
    assert str(refusal.value) == message


def test_cut_refuses_more_cells_than_fit(monkeypatch):
    monkeypatch.setattr(cuts, "CELLS", 8)
    cut = Cut(journeys("anna: a b(channel=x)"), ("touchpoint", "channel"), calendar("year", "UTC", 0, 10**15))
    with pytest.raises(QuestionError, match=r"by touchpoint, channel and period would have 192 cells; at most 8 are"):
        _ = cut.cells
