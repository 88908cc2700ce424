"""Means with a t interval: of independent answers, of answers clustered by customer, of weighted answers.

Sums come in whole numbers, which Python divides without a rounding before the last, so that a mean depends neither on
the order of the rows nor on the number of threads that added them up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from operator import index

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError
from tangente.method.quantiles import t_quantile
from tangente.method.reporting import CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Mean of n answers in scale points; the interval and what it rests on are None where nothing shows the spread."""

    n: int
    mean: float | None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    degrees_of_freedom: int | None = None


def independent_mean(
    n: int, total: int, squares: int, *, units_per_point: int = 1, confidence: float = CONFIDENCE
) -> Mean:
    """Give the mean and t interval of answers that are independent: one answer a customer.

    Args:
        n: answers.
        total: their sum, in whole units (thousandths of a point: `units_per_point=1000`).
        squares: the sum of their squares, in the same units, squared.
        units_per_point: units to one scale point.
        confidence: probability that such an interval covers the true mean.
    Returns: scale points; mean is None without answers, the interval is None below two.
    Raises: QuestionError if `confidence` is not between 0 and 1; TypeError if a sum is not a whole number.
    Cost: constant.  Source: docs/explanation/shares-and-means.md

    >>> four = independent_mean(n=4, total=16, squares=66)  # the answers 3, 4, 4, 5
    >>> four.mean, round(four.low, 3), round(four.high, 3)
    (4.0, 2.701, 5.299)
    """
    n, total, squares = index(n), index(total), index(squares)  # Python's integers: NumPy's would overflow unnoticed
    if n == 0:
        return Mean(n=0, mean=None)
    variance = (n * squares - total**2) / (n**2 * (n - 1) * units_per_point**2) if n > 1 else None
    return _with_interval(n, total / (n * units_per_point), variance, n - 1, confidence)


def clustered_mean(
    *,
    n: int,
    total: int,
    customers: int,
    squared_totals: int,
    cross_products: int,
    squared_counts: int,
    units_per_point: int = 1,
    confidence: float = CONFIDENCE,
) -> Mean:
    """Give the mean and t interval of answers of which one customer may have given several.

    Two answers of one customer say less than two answers of two. The mean is a ratio (points by answers), its
    variance is that of a ratio over customers: Σ(S_c - m·n_c)² / n² · C / (C - 1), with C - 1 degrees of freedom.
    Where everyone answers once it is the ordinary t interval. With c a customer, S_c the sum of his n_c answers:

    Args:
        n: answers, Σ n_c.
        total: Σ S_c, in whole units (thousandths of a point: `units_per_point=1000`).
        customers: C, customers with at least one answer.
        squared_totals: Σ S_c².
        cross_products: Σ n_c·S_c.
        squared_counts: Σ n_c².
        units_per_point: units to one scale point.
        confidence: probability that such an interval covers the true mean.
    Returns: scale points; mean is None without answers, the interval is None below two customers.
    Raises: QuestionError if `confidence` is not between 0 and 1; TypeError if a sum is not a whole number.
    Cost: constant; each argument but the last two adds up over parts of the data that share no customer.
    Source: docs/explanation/shares-and-means.md

    >>> # anna: 5 5, ben: 2, cem: 4
    >>> mean = clustered_mean(
    ...     n=4, total=16, customers=3, squared_totals=120, cross_products=26, squared_counts=6)
    >>> mean.mean, round(mean.standard_error, 4), mean.degrees_of_freedom
    (4.0, 0.866, 2)
    """
    n, total, customers = index(n), index(total), index(customers)
    if n == 0:
        return Mean(n=0, mean=None)
    residual_squares = (
        n**2 * index(squared_totals) - 2 * n * total * index(cross_products) + total**2 * index(squared_counts)
    )
    variance = residual_squares * customers / (n**4 * (customers - 1) * units_per_point**2) if customers > 1 else None
    return _with_interval(n, total / (n * units_per_point), variance, customers - 1, confidence)


def mean_of_counts(counts: Sequence[int], *, lowest: int = 1, confidence: float = CONFIDENCE) -> Mean:
    """Give the mean and t interval of independent answers that are counted by scale point.

    Args:
        counts: answers at each point of the scale, lowest point first.
        lowest: the number of the lowest point.
        confidence: probability that such an interval covers the true mean.
    Returns: as `independent_mean`.
    Cost: the points of the scale.  Source: docs/explanation/shares-and-means.md

    >>> mean_of_counts([0, 0, 1, 2, 1]).mean
    4.0
    """
    points = range(lowest, lowest + len(counts))
    total = sum(count * point for count, point in zip(counts, points, strict=True))
    squares = sum(count * point**2 for count, point in zip(counts, points, strict=True))
    return independent_mean(sum(counts), total, squares, confidence=confidence)


def weighted_mean(
    scores: ArrayLike, weights: ArrayLike, *, customers: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> Mean:
    """Give the survey-weighted mean with a t interval from linearisation.

    The weighted mean is a ratio of two sums, Σwx / Σw; its variance is that of the linearised residuals w·(x - m),
    added up within customers: Σ_c(…)² / (Σw)² · C / (C - 1). With equal weights it is `clustered_mean`.

    Args:
        scores: one answer each, in scale points, none missing.
        weights: survey weights, 0 or more; an answer of weight 0 does not count.
        customers: who gave each answer; None: every answer is another customer's.
        confidence: probability that such an interval covers the true mean.
    Returns: scale points; n is the number of answers, not of weights; mean is None without answers, the interval is
        None below two customers.
    Raises: QuestionError if a score is missing or a weight is negative or missing.
    Cost: sorts the answers; exact sums, so their order does not matter.
    Source: docs/explanation/shares-and-means.md

    >>> mean = weighted_mean([5, 3, 4], [1, 1, 2])
    >>> mean.mean, round(mean.standard_error, 4)
    (4.0, 0.433)
    """
    points, shares = np.asarray(scores, float), np.asarray(weights, float)
    if not (np.isfinite(points).all() and np.isfinite(shares).all() and (shares >= 0).all()):
        raise QuestionError(
            "a weighted mean needs a score and a weight of 0 or more for every answer; leave others out"
        )
    clusters = np.arange(len(points)) if customers is None else np.unique(np.asarray(customers), return_inverse=True)[1]
    counted = shares > 0
    points, shares, clusters = points[counted], shares[counted], clusters[counted]
    n = len(points)
    if n == 0:
        return Mean(n=0, mean=None)
    totals, sizes = _cluster_sums(points, shares, clusters)
    mean = fsum(totals) / fsum(sizes)
    variance = None
    if len(totals) > 1:
        residual_squares = fsum((totals - mean * sizes) ** 2)
        variance = residual_squares / fsum(sizes) ** 2 * len(totals) / (len(totals) - 1)
    return _with_interval(n, mean, variance, len(totals) - 1, confidence)


def _cluster_sums(
    points: NDArray[np.float64], weights: NDArray[np.float64], clusters: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Sorted by content within a customer: floating-point sums then run in one order whatever the order of the rows.
    order = np.lexsort((weights, points, clusters))
    first = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    return np.add.reduceat((weights * points)[order], first), np.add.reduceat(weights[order], first)


def _with_interval(n: int, mean: float, variance: float | None, freedom: int, confidence: float) -> Mean:
    if variance is None:
        return Mean(n=n, mean=mean)
    error = sqrt(variance)
    margin = t_quantile(confidence, freedom) * error
    return Mean(
        n=n,
        mean=mean,
        low=mean - margin,
        high=mean + margin,
        standard_error=error,
        degrees_of_freedom=freedom,
    )
