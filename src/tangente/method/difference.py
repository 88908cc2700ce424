"""Two waves or two groups: by how much a mean or a share differs, and whether that is more than noise."""

from dataclasses import dataclass
from math import sqrt

from tangente.errors import QuestionError
from tangente.method.mean import Mean
from tangente.method.proportion import Proportion
from tangente.method.quantiles import t_probability, t_quantile
from tangente.method.reporting import CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Later mean less earlier mean, in scale points, with its interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p_value: float
    beyond_noise: bool


def difference(before: Mean, after: Mean, *, confidence: float = CONFIDENCE) -> Difference | None:
    """Compare the means of two independent waves of the same question on the same scale (Welch).

    Args:
        before: the earlier mean with its standard error.
        after: the later one.
        confidence: of the interval.
    Returns: scale points; beyond_noise says whether the interval excludes 0. None if either mean has no standard
        error. Where many touchpoints are compared at once, use `benjamini_hochberg` on the p-values.
    Raises: QuestionError if `confidence` is not between 0 and 1.
    Cost: constant.  Source: docs/explanation/comparing-waves.md

    >>> from tangente.method.mean import mean_of_counts
    >>> change = difference(mean_of_counts([5, 10, 20, 40, 25]), mean_of_counts([2, 6, 17, 42, 33]))
    >>> round(change.value, 2), round(change.low, 2), round(change.high, 2), change.beyond_noise
    (0.28, -0.01, 0.57, False)
    """
    if before.mean is None or before.standard_error is None or before.degrees_of_freedom is None:
        return None
    if after.mean is None or after.standard_error is None or after.degrees_of_freedom is None:
        return None
    value = after.mean - before.mean
    first, second = before.standard_error**2, after.standard_error**2
    error = sqrt(first + second)
    if error == 0:  # every answer alike in both waves: nothing shows any noise
        return Difference(value=value, low=value, high=value, p_value=float(value == 0), beyond_noise=value != 0)
    freedom = (first + second) ** 2 / (first**2 / before.degrees_of_freedom + second**2 / after.degrees_of_freedom)
    margin = t_quantile(confidence, freedom) * error
    return Difference(
        value=value,
        low=value - margin,
        high=value + margin,
        p_value=t_probability(value / error, freedom),
        beyond_noise=abs(value) > margin,
    )


@dataclass(frozen=True, kw_only=True)
class ShareDifference:
    """Second share less first share, from -1 to 1, with its interval."""

    value: float
    low: float
    high: float


def share_difference(first: Proportion, second: Proportion, *, both: int | None = None) -> ShareDifference | None:
    """Compare two shares, of different customers or of the same ones.

    Newcombe's interval, made of the two Wilson intervals: unlike the plain one it keeps a width where nobody or everybody
    did it, and never leaves -1 to 1.

    Args:
        first: the share to compare with.
        second: the share compared.
        both: where both shares are of the same customers, how many of them count in both; None: different customers.
    Returns: second less first; None if one of them has no share.
    Raises: QuestionError if `both` cannot be part of both.
    Cost: constant.  Source: docs/explanation/before-and-after.md

    >>> from tangente.method.proportion import wilson
    >>> change = share_difference(wilson(48, 80), wilson(56, 70))
    >>> round(change.value, 4), round(change.low, 4), round(change.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one, other = _margins(first), _margins(second)
    if one is None or other is None:
        return None
    alike = 0.0 if both is None else _correlation(first, second, both)
    value = other.share - one.share
    return ShareDifference(
        value=value,
        low=value - _length(other.below, one.above, alike),
        high=value + _length(other.above, one.below, alike),
    )


@dataclass(frozen=True)
class _Margins:
    """A share and how far its interval reaches."""

    share: float
    below: float
    above: float


def _margins(of: Proportion) -> _Margins | None:
    if of.share is None or of.low is None or of.high is None:
        return None
    return _Margins(of.share, of.share - of.low, of.high - of.share)


def _length(one: float, other: float, correlation: float) -> float:
    return sqrt(one**2 - 2 * correlation * one * other + other**2)


def _correlation(first: Proportion, second: Proportion, both: int) -> float:
    """Of two things the same customers do or not; a positive one is lowered by Newcombe's correction for small n."""
    n, a = first.n, both
    b, c = first.k - both, second.k - both
    d = n - a - b - c
    if second.n != n or min(a, b, c, d) < 0:
        raise QuestionError(f"{both} cannot be part of both {first.k} of {first.n} and {second.k} of {second.n}")
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    product = a * d - b * c
    return (max(product - n / 2, 0) if product > 0 else product) / sqrt(margins)
