"""One weekly series of a touchpoint and what a control chart says of its latest weeks, as report.json holds it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class SignalRow:
    """One weekly series of a touchpoint: whether its latest weeks are beyond what chance explains.

    Weeks begin on Monday in the reporting time zone; only complete ones count. Where `unknown` says why, nothing is judged.
    """

    touchpoint: str
    measure: str  # contacts (a week) or satisfaction (mean of a week with at least 30 answers)
    weeks: int  # points of the series
    week: str | None  # Monday of the latest week
    latest: float | None  # value of the latest week
    centre: float | None  # mean of the weeks before the latest four, at most a year
    lower: float | None  # limits of the control chart that rests on these weeks
    upper: float | None  # see lower
    side: str | None  # high or low: where the latest weeks lie; null where the chart shows no signal
    p_value: float | None  # adjusted for all series of the report, which are tested at once
    beyond_chance: bool  # whether the chart shows a signal and p_value is at most 0.05
    recent: list[float] = field(default_factory=list)  # values of the latest weeks, at most 26, oldest first
    unknown: str | None = None  # short (below 12 weeks) or few (below 5 contacts or 30 answers a week)
