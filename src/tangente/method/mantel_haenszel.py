"""Two by two tables of several strata: whether an outcome goes with an exposure among those who are alike otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist

from tangente.errors import QuestionError


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """People who are alike, how many of them are exposed, how many have the outcome, and how many both."""

    people: int
    exposed: int
    outcome: int
    both: int


@dataclass(frozen=True, kw_only=True)
class CommonOdds:
    """How many times as high the odds of the exposed are in every stratum, and the two-sided p-value of 1."""

    ratio: float
    p_value: float


def common_odds(strata: Iterable[Stratum]) -> CommonOdds | None:
    """Compare the odds of the outcome within each stratum, and pool: the common odds ratio of Mantel and Haenszel.

    A stratum in which nobody has the outcome, or everybody, or nobody is exposed, or everybody, says nothing. The test is
    that of Cochran, Mantel and Haenszel, without correction for continuity.

    Args:
        strata: people counted once each, in the stratum they belong to.
    Returns: the ratio, 0 and more, infinite if none of the unexposed has the outcome or all of the exposed; None if no
        stratum says anything.
    Raises: QuestionError if the counts of a stratum cannot be part of each other.
    Cost: constant per stratum.  Source: docs/explanation/priority.md

    >>> new = Stratum(people=100, exposed=50, outcome=30, both=20)
    >>> old = Stratum(people=300, exposed=30, outcome=0, both=0)
    >>> found = common_odds([new, old])
    >>> round(found.ratio, 3), round(found.p_value, 3)
    (2.667, 0.03)
    """
    for_, against, more, variance = 0.0, 0.0, 0.0, 0.0
    for one in strata:
        neither = _neither(one)
        n, unexposed, without = one.people, one.people - one.exposed, one.people - one.outcome
        if not (one.exposed and unexposed and one.outcome and without):
            continue
        for_ += one.both * neither / n
        against += (one.exposed - one.both) * (one.outcome - one.both) / n
        more += one.both - one.exposed * one.outcome / n
        variance += one.exposed * unexposed * one.outcome * without / (n * n * (n - 1))
    if variance == 0:
        return None
    p_value = 2 * NormalDist().cdf(-abs(more) / sqrt(variance))
    return CommonOdds(ratio=for_ / against if against else inf, p_value=p_value)


def _neither(one: Stratum) -> int:
    neither = one.people - one.exposed - one.outcome + one.both
    if min(one.both, one.exposed - one.both, one.outcome - one.both, neither) < 0:
        raise QuestionError(
            f"{one.both} cannot be part of both {one.exposed} exposed and {one.outcome} with the outcome of {one.people}"
        )
    return neither
