"""Quantiles and probabilities of the normal, the t and the F distribution: how wide an interval has to be."""

from functools import lru_cache
from statistics import NormalDist
from types import ModuleType

from tangente.errors import QuestionError


def _special() -> ModuleType:
    # The one door to scipy.special: its import costs 0.4 s, which whoever only counts need not wait for.
    from scipy import special  # noqa: PLC0415

    return special  # type: ignore[no-any-return]


def _upper_tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise QuestionError(f"confidence is {confidence}; it must lie between 0 and 1, as 0.95")
    return (1 + confidence) / 2


@lru_cache
def normal_quantile(confidence: float) -> float:
    """Give z so that a normal value lies within ±z standard errors with probability `confidence`.

    Args:
        confidence: probability, between 0 and 1, both excluded.
    Returns: z, in standard errors; never null.
    Raises: QuestionError if `confidence` is not between 0 and 1.
    Cost: constant.  Source: docs/explanation/shares-and-means.md

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return NormalDist().inv_cdf(_upper_tail(confidence))


@lru_cache(maxsize=4096)
def t_quantile(confidence: float, degrees_of_freedom: float) -> float:
    """Give t so that a value of Student's t lies within ±t standard errors with probability `confidence`.

    Args:
        confidence: probability, between 0 and 1, both excluded.
        degrees_of_freedom: more than 0; need not be whole (Welch).
    Returns: t, in standard errors; never null.
    Raises: QuestionError if `confidence` is not between 0 and 1.
    Cost: constant.  Source: docs/explanation/shares-and-means.md

    >>> round(t_quantile(0.95, 29), 4)
    2.0452
    """
    return float(_special().stdtrit(degrees_of_freedom, _upper_tail(confidence)))


def t_probability(statistic: float, degrees_of_freedom: float) -> float:
    """Give the probability that chance alone moves Student's t at least as far from 0 (two-sided p-value).

    Args:
        statistic: an estimate divided by its standard error.
        degrees_of_freedom: more than 0; need not be whole (Welch).
    Returns: probability, 0 to 1; never null.
    Cost: constant.  Source: docs/explanation/comparing-waves.md

    >>> round(t_probability(-2.0452, 29), 4)
    0.05
    """
    return float(2 * _special().stdtr(degrees_of_freedom, -abs(statistic)))


def f_probability(statistic: float, items: float, degrees_of_freedom: float) -> float:
    """Give the probability that chance alone makes the F statistic at least as large.

    Args:
        statistic: explained over unexplained variance, each by its degrees of freedom; 0 or more.
        items: degrees of freedom of the explained variance, more than 0.
        degrees_of_freedom: of the unexplained variance, more than 0.
    Returns: probability, 0 to 1; never null.
    Cost: constant.  Source: docs/explanation/key-drivers.md

    >>> round(f_probability(2.4675, 4, 95), 3)
    0.05
    """
    return float(_special().fdtrc(items, degrees_of_freedom, statistic))


def chi_square_probability(statistic: float, degrees_of_freedom: float) -> float:
    """Give the probability that chance alone makes χ² at least as large.

    Args:
        statistic: 0 or more.
        degrees_of_freedom: more than 0.
    Returns: probability, 0 to 1; never null.
    Cost: constant.  Source: docs/explanation/hazard.md

    >>> round(chi_square_probability(3.841459, 1), 6)
    0.05
    """
    return float(_special().chdtrc(degrees_of_freedom, statistic))
