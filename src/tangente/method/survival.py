"""Survival: what share of customers is still there after a time, and whether that differs between groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError
from tangente.method.quantiles import chi_square_probability, normal_quantile
from tangente.method.reporting import CONFIDENCE

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Survival:
    """A curve: at each time of an event how many were at risk, how many left, and the share that is left after it.

    low and high are NaN where everyone has left: no interval can be given there.
    """

    time: Numbers
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    share: Numbers
    low: Numbers
    high: Numbers

    @property
    def median(self) -> float | None:
        """The first time after which at most half are left; None if more are left at the end."""
        half = np.flatnonzero(self.share <= 0.5)
        return float(self.time[half[0]]) if len(half) else None

    def at(self, time: float) -> float:
        """The share left after a time."""
        events = int(np.searchsorted(self.time, time, side="right"))
        return float(self.share[events - 1]) if events else 1.0


@dataclass(frozen=True)
class LogRank:
    """How far groups differ: the statistic, its degrees of freedom, and the probability that chance moves it so far."""

    statistic: float
    degrees_of_freedom: int
    probability: float


def kaplan_meier(time: ArrayLike, event: ArrayLike, *, confidence: float = CONFIDENCE) -> Survival:
    """Estimate what share is left after each time, from rows of which some were not followed to the end.

    share(t) = product over the times up to t of 1 - events / at risk. The interval is log(-log)-transformed, from
    Greenwood's variance: it stays inside 0 to 1.

    Args:
        time: how long each row was followed.
        event: whether the event ended that; else the row is censored, at risk up to and including that time.
        confidence: probability that such an interval covers the true share.
    Returns: a `Survival` with the times at which an event happened, in order; without events it is empty.
    Raises: QuestionError if the lengths differ, or if `confidence` is not between 0 and 1.
    Cost: one sort.  Source: docs/explanation/hazard.md; Kaplan & Meier 1958

    >>> curve = kaplan_meier([2, 3, 3, 5], [True, True, False, True])
    >>> curve.time.tolist(), curve.at_risk.tolist(), curve.share.round(4).tolist(), curve.median
    ([2.0, 3.0, 5.0], [4, 3, 1], [0.75, 0.5, 0.0], 3.0)
    """
    times, at_risk, events = _life_table(*_checked(time, event))
    share: Numbers = np.cumprod(1 - events / at_risk, dtype=np.float64)
    left = np.where(share > 0, share, np.nan)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(events / (at_risk * np.where(events < at_risk, at_risk - events, np.nan)))
    error = np.sqrt(greenwood) / np.log(left)
    z = normal_quantile(confidence)
    return Survival(times, at_risk, events, share, left ** np.exp(-z * error), left ** np.exp(z * error))


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike) -> LogRank:
    """Test whether groups leave equally soon: events observed against those expected at equal hazards.

    At each time the events fall on the groups as they are at risk (hypergeometric); the statistic is χ² of the summed
    differences.

    Args:
        time: how long each row was followed.
        event: whether the event ended that.
        group: which group each row is of; any values.
    Returns: a `LogRank`, with one degree of freedom less than there are groups.
    Raises: QuestionError if the lengths differ, or if fewer than two groups were followed until an event.
    Cost: times × groups².  Source: docs/explanation/hazard.md; Mantel 1966

    >>> found = log_rank([1, 2, 3, 4, 5, 6], [True] * 6, list("aaabbb"))
    >>> round(found.statistic, 4), found.degrees_of_freedom, round(found.probability, 4)
    (5.0517, 1, 0.0246)
    """
    followed, happened = _checked(time, event)
    members = np.asarray(group)[None, :] == np.unique(np.asarray(group))[:, None]
    times, n, d = _life_table(followed, happened)
    at_risk = np.array([[(followed[rows] >= at).sum() for at in times] for rows in members], np.float64)
    seen = at_risk.any(axis=1)
    if seen.sum() < 2:
        raise QuestionError("A log-rank test compares at least two groups followed until some event")
    observed, share = np.array([happened[rows].sum() for rows in members]), at_risk / n
    spread = d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    rest = np.flatnonzero(seen)[1:]  # the differences of all groups add up to 0
    difference = (observed - share @ d)[rest]
    statistic = float(difference @ np.linalg.pinv(variance[np.ix_(rest, rest)]) @ difference)
    return LogRank(statistic, len(rest), chi_square_probability(statistic, len(rest)))


def _checked(time: ArrayLike, event: ArrayLike) -> tuple[Numbers, NDArray[np.bool_]]:
    followed, happened = np.asarray(time, np.float64), np.asarray(event, bool)
    if followed.shape != happened.shape:
        raise QuestionError(f"{len(followed)} times and {len(happened)} events; each row needs one of both")
    return followed, happened


def _life_table(followed: Numbers, happened: NDArray[np.bool_]) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64]]:
    """The times of events, and at each how many were at risk and how many had the event."""
    times, events = np.unique(followed[happened], return_counts=True)
    at_risk = len(followed) - np.searchsorted(np.sort(followed), times)
    return times, at_risk.astype(np.int64), events.astype(np.int64)
