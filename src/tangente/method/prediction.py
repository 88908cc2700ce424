"""Prediction: whether one further value fits a series, or is further off than chance would put it."""

from collections.abc import Sequence
from math import fsum, sqrt

from tangente.method.quantiles import t_probability


def prediction_p_value(earlier: Sequence[float], value: float) -> float | None:
    """Test whether a value belongs to the series before it (two-sided, the test behind a prediction interval).

    Args:
        earlier: the series it is held against, any unit.
        value: the further value, in the same unit.
    Returns: how often a value of the same series lies at least so far from the mean of the earlier ones, 0 to 1; None
        below two earlier values, or where they are all alike and so show no noise.
    Cost: one look at each value.  Source: docs/explanation/control-charts.md

    >>> round(prediction_p_value([12, 9, 10, 13, 8, 14], 23), 4)
    0.0054
    """
    n = len(earlier)
    mean = fsum(earlier) / n if n else 0.0
    squares = fsum((one - mean) ** 2 for one in earlier)
    if n < 2 or squares <= 1e-18 * (1 + mean * mean):
        return None
    return t_probability((value - mean) / sqrt(squares / (n - 1) * (1 + 1 / n)), n - 1)
