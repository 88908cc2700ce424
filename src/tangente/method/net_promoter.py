"""Net Promoter Score: share of promoters less share of detractors, in points from -100 to 100."""

from dataclasses import dataclass, replace
from math import ceil, fsum, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError
from tangente.method.quantiles import normal_quantile
from tangente.method.reporting import CONFIDENCE

PROMOTERS_FROM = 9
DETRACTORS_TO = 6
"""Answers from 0 to 10 to "how likely are you to recommend us?": 9 and 10 promote, 0 to 6 detract."""

USUAL_VARIANCE = 0.61
"""Variance of one answer coded 1, 0, -1 at 50 % promoters, 30 % passives, 20 % detractors; at most it is 1."""

_ADDED = (0.75, 1.5, 0.75)  # promoters, passives, detractors of the adjusted Wald interval (Rocks 2016)


@dataclass(frozen=True, kw_only=True)
class NetPromoter:
    """The score in points with both intervals; everything but the counts is None without answers.

    `low` and `high` are the adjusted Wald interval, the one to report. It is centred on the augmented counts, not on
    `value`. The plain one is for comparison with other tools: it has no width where all answers are alike.
    """

    n: int
    promoters: int
    passives: int
    detractors: int
    value: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    plain_low: float | None = None
    plain_high: float | None = None


def net_promoter(promoters: int, passives: int, detractors: int, *, confidence: float = CONFIDENCE) -> NetPromoter:
    """Give the Net Promoter Score of counted answers, with the adjusted Wald interval.

    Args:
        promoters: answers 9 and 10.
        passives: answers 7 and 8.
        detractors: answers 0 to 6.
        confidence: probability that such an interval covers the true score.
    Returns: points from -100 to 100; value and intervals are None without answers.
    Raises: QuestionError if a count is negative.
    Cost: constant.  Source: docs/explanation/net-promoter-score.md

    >>> score = net_promoter(50, 30, 20)
    >>> score.value, round(score.low, 2), round(score.high, 2)
    (30.0, 14.05, 44.2)
    """
    counts = (promoters, passives, detractors)
    if min(counts) < 0:
        raise QuestionError(f"{counts} are no counts of promoters, passives and detractors; each must be 0 or more")
    return _score(counts, counts, confidence)


def net_promoter_groups(scores: ArrayLike) -> tuple[int, int, int]:
    """Count promoters, passives and detractors.

    Args:
        scores: answers from 0 to 10, none missing.
    Returns: promoters, passives, detractors.
    Raises: QuestionError naming the first answer that is not between 0 and 10.
    Cost: linear.  Source: docs/explanation/net-promoter-score.md

    >>> net_promoter_groups([10, 9, 8, 6, 0])
    (2, 1, 2)
    """
    promoters, passives, detractors = (int(group.sum()) for group in _groups(scores))
    return promoters, passives, detractors


def weighted_net_promoter(
    scores: ArrayLike, weights: ArrayLike, *, design_effect: float = 1.0, confidence: float = CONFIDENCE
) -> NetPromoter:
    """Give the survey-weighted Net Promoter Score.

    Unequal weights make n answers worth fewer: (Σw)² / Σw² (Kish). Standard error and intervals are those of that
    many answers in the weighted proportions; with equal weights the result is `net_promoter`.

    Args:
        scores: answers from 0 to 10, none missing.
        weights: survey weight of each answer, 0 or more; an answer of weight 0 does not count.
        design_effect: of several answers of one customer, see `clustered_net_promoter`.
        confidence: probability that such an interval covers the true score.
    Returns: points from -100 to 100; the counts are those of answers; value and intervals are None without answers.
    Raises: QuestionError if an answer is not between 0 and 10, or a weight is negative or missing.
    Cost: linear; exact sums, so the order of the answers does not matter.
    Source: docs/explanation/net-promoter-score.md

    >>> weighted_net_promoter([10, 10, 3], [1, 1, 2]).value
    0.0
    """
    shares = np.asarray(weights, float)
    if not (np.isfinite(shares).all() and (shares >= 0).all()):
        raise QuestionError("a survey weight is negative or missing; every answer needs a weight of 0 or more")
    groups = [group & (shares > 0) for group in _groups(scores)]
    counts = tuple(int(group.sum()) for group in groups)
    if sum(counts) == 0:
        return _score(counts, counts, confidence)
    total = fsum(shares)
    effective_n = total**2 / fsum(shares**2) / design_effect
    return _score(counts, tuple(effective_n * fsum(shares[group]) / total for group in groups), confidence)


def clustered_net_promoter(
    scores: ArrayLike, customers: ArrayLike, *, weights: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> NetPromoter:
    """Give the Net Promoter Score of answers of which one customer may have given several.

    Answers of one customer are alike, so they say less than as many answers of different customers. By how much is
    the design effect: the variance of the mean of promoters (1), passives (0) and detractors (-1) with whole customers
    as units, over that with answers as units. The intervals are those of n / design effect independent answers; with
    one answer a customer the result is `net_promoter`.

    Args:
        scores: answers from 0 to 10, none missing.
        customers: who gave each answer.
        weights: survey weight of each answer, 0 or more; None: all alike.
        confidence: probability that such an interval covers the true score.
    Returns: as `net_promoter`, or as `weighted_net_promoter` with weights.
    Raises: as these.
    Cost: sorts the answers.  Source: docs/explanation/net-promoter-score.md; Kish 1965

    >>> four_people_twice = clustered_net_promoter([10, 10, 9, 9, 2, 2, 7, 7], [1, 1, 2, 2, 3, 3, 4, 4])
    >>> four_people_twice.value, four_people_twice.low < net_promoter(4, 2, 2).low
    (25.0, True)
    """
    promoters, _, detractors = _groups(scores)
    effect = _design_effect(promoters.astype(int) - detractors.astype(int), np.asarray(customers))
    if weights is None:
        counts = net_promoter_groups(scores)
        found = _score(counts, tuple(count / effect for count in counts), confidence)
        return replace(found, value=net_promoter(*counts).value)  # to the last digit that of the whole counts
    return weighted_net_promoter(scores, weights, design_effect=effect, confidence=confidence)


def _design_effect(points: NDArray[np.int64], customers: NDArray[np.generic]) -> float:
    """How many times wider than n independent answers the answers scatter, as a ratio of variances; 1 if unknown."""
    places, sizes = np.unique(customers, return_inverse=True, return_counts=True)[1:]
    n, people = len(points), len(sizes)
    if n == people or people < 2:
        return 1.0
    totals = np.zeros(people, np.int64)
    np.add.at(totals, places, points)
    total = int(points.sum())
    within = n * int((points**2).sum()) - total**2  # n² times the variance of one answer
    pairs = zip(totals.tolist(), sizes.tolist(), strict=True)
    between = sum((n * own - total * size) ** 2 for own, size in pairs)  # n² times Σ(T_c - m·n_c)²
    return between * people * (n - 1) / ((people - 1) * within * n**2) if within else 1.0


def wave_z(before: NetPromoter, after: NetPromoter) -> float | None:
    """Say by how many standard errors the score moved between two independent waves; ±1.96 is the 95 % limit.

    Args:
        before: the earlier wave.
        after: the later wave, same wording and scale.
    Returns: standard errors, positive if the score rose; None if a wave is empty or no answer differs from another.
    Cost: constant.  Source: docs/explanation/net-promoter-score.md

    >>> round(wave_z(net_promoter(50, 30, 20), net_promoter(60, 25, 15)), 3)
    1.394
    """
    if before.value is None or before.standard_error is None or after.value is None or after.standard_error is None:
        return None
    error = sqrt(before.standard_error**2 + after.standard_error**2)
    return (after.value - before.value) / error if error > 0 else None


def answers_for_margin(margin: float, *, variance: float = USUAL_VARIANCE, confidence: float = CONFIDENCE) -> int:
    """Say how many answers give an interval of ± `margin` points.

    Args:
        margin: half the width of the interval, in points, more than 0.
        variance: of one answer coded 1, 0, -1; more than 0, at most 1.
        confidence: of the interval.
    Returns: answers, rounded up.
    Raises: QuestionError if `margin` or `variance` is out of range.
    Cost: constant.  Source: docs/explanation/net-promoter-score.md

    >>> answers_for_margin(10), answers_for_margin(10, variance=0.8)
    (235, 308)
    """
    _check_plan(margin, variance)
    return ceil(variance * (100 * normal_quantile(confidence) / margin) ** 2)


def answers_for_change(
    change: float, *, variance: float = USUAL_VARIANCE, power: float = 0.8, confidence: float = CONFIDENCE
) -> int:
    """Say how many answers each of two waves needs to prove a change of `change` points.

    Args:
        change: difference of the true scores, in points, more than 0.
        variance: of one answer coded 1, 0, -1, in both waves; more than 0, at most 1.
        power: probability to find the change if it is there, between 0 and 1.
        confidence: 1 less the probability to find a change that is not there (two-sided).
    Returns: answers per wave, rounded up.
    Raises: QuestionError if an argument is out of range.
    Cost: constant.  Source: docs/explanation/net-promoter-score.md

    >>> answers_for_change(10)
    958
    """
    _check_plan(change, variance)
    if not 0 < power < 1:
        raise QuestionError(f"power is {power}; it must lie between 0 and 1, as 0.8")
    quantiles = normal_quantile(confidence) + NormalDist().inv_cdf(power)
    return ceil(2 * variance * (100 * quantiles / change) ** 2)


def _groups(scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    points = np.asarray(scores, float)
    strange = points[~((points >= 0) & (points <= 10))]
    if strange.size:
        raise QuestionError(
            f"an answer is {strange[0]:g}; a recommendation is rated from 0 to 10, others must be left out"
        )
    promoters, detractors = points >= PROMOTERS_FROM, points <= DETRACTORS_TO
    return promoters, ~(promoters | detractors), detractors


def _check_plan(points: float, variance: float) -> None:
    if points <= 0:
        raise QuestionError(f"{points} points cannot be planned for; the number must be more than 0")
    if not 0 < variance <= 1:
        raise QuestionError(f"variance is {variance}; an answer coded 1, 0, -1 has one above 0 and at most 1")


def _score(counts: tuple[int, ...], sizes: tuple[float, ...], confidence: float) -> NetPromoter:
    promoters, passives, detractors = counts
    z = normal_quantile(confidence)
    n = sum(counts)
    if n == 0:
        return NetPromoter(n=0, promoters=0, passives=0, detractors=0)
    value, error = _value_and_error(sizes)
    centre, adjusted_error = _value_and_error(tuple(size + more for size, more in zip(sizes, _ADDED, strict=True)))
    return NetPromoter(
        n=n,
        promoters=promoters,
        passives=passives,
        detractors=detractors,
        value=value,
        standard_error=error,
        low=max(-100.0, centre - z * adjusted_error),
        high=min(100.0, centre + z * adjusted_error),
        plain_low=max(-100.0, value - z * error),
        plain_high=min(100.0, value + z * error),
    )


def _value_and_error(sizes: tuple[float, ...]) -> tuple[float, float]:
    promoters, _, detractors = sizes
    n = sum(sizes)
    score = (promoters - detractors) / n
    variance = max(0.0, (promoters + detractors) / n - score**2)  # all alike: 0, but for rounding
    return 100 * (promoters - detractors) / n, 100 * sqrt(variance / n)
