"""Two waves: by how much a mean moved, and whether that is more than noise."""

from dataclasses import dataclass
from math import sqrt

from tangente.method.mean import Mean
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
