"""Shares: k of n with the Wilson score interval."""

from dataclasses import dataclass
from math import sqrt

from tangente.errors import QuestionError
from tangente.method.quantiles import normal_quantile
from tangente.method.reporting import CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class Proportion:
    """k of n, as a share from 0 to 1 with its interval; the three are None if there is nothing to take a share of."""

    n: int
    k: int
    share: float | None
    low: float | None
    high: float | None


def wilson(k: int, n: int, *, confidence: float = CONFIDENCE) -> Proportion:
    """Give the share k/n with Wilson's interval, which stays inside 0 to 1 and keeps a width at k = 0 and k = n.

    Args:
        k: how many of them, 0 to n.
        n: how many in all; they must be independent (customers, not the contacts of few customers).
        confidence: probability that such an interval covers the true share.
    Returns: shares from 0 to 1; share, low and high are None if n is 0.
    Raises: QuestionError if k is not between 0 and n.
    Cost: constant.  Source: docs/explanation/shares-and-means.md

    >>> eight_of_ten = wilson(8, 10)
    >>> eight_of_ten.share, round(eight_of_ten.low, 4), round(eight_of_ten.high, 4)
    (0.8, 0.4902, 0.9433)
    """
    if not 0 <= k <= n:
        raise QuestionError(f"{k} of {n} is no share; the part must lie between 0 and the whole")
    z = normal_quantile(confidence)
    if n == 0:
        return Proportion(n=0, k=0, share=None, low=None, high=None)
    centre = (k + z**2 / 2) / (n + z**2)
    half_width = z * sqrt(k * (n - k) / n + z**2 / 4) / (n + z**2)
    # At the ends the formula gives 0 and 1 but for rounding; they are set, so that no share looks impossible.
    low = centre - half_width if k > 0 else 0.0
    high = centre + half_width if k < n else 1.0
    return Proportion(n=n, k=k, share=k / n, low=low, high=high)
