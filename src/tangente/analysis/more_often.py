"""Whether who met a touchpoint has an outcome more often than others who could have met it, and could have it, too."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tangente.analysis.inventory import Inventory
from tangente.analysis.populations import PURCHASE, of_buyers, of_customers
from tangente.contactlog.attribution import CONVERSIONS, PATHS, count_paths
from tangente.contactlog.combinations import count_pairs
from tangente.contactlog.log import ContactLog
from tangente.contactlog.outcome_paths import NOT_REACHED, REACHED, until
from tangente.method.mantel_haenszel import CommonOdds, Stratum, common_odds
from tangente.method.reporting import FEW
from tangente.method.screening import benjamini_hochberg

FALSE_DISCOVERIES = 0.05  # of what is told as beyond chance, all being tested at once


@dataclass(frozen=True)
class _Group:
    """People who are alike: how many, and how many with the outcome; per touchpoint how many met it before, and how many of
    them have the outcome; per two touchpoints how many met both."""

    people: int
    outcome: int
    met: NDArray[np.int64]
    both: NDArray[np.int64]
    together: NDArray[np.int64]

    def __sub__(self, part: "_Group") -> "_Group":
        return _Group(
            self.people - part.people,
            self.outcome - part.outcome,
            self.met - part.met,
            self.both - part.both,
            self.together - part.together,
        )

    def strata(self) -> list[Stratum]:
        """Per touchpoint who could meet it: not who lacks a step that nobody with it or with the outcome lacks."""
        needed = np.flatnonzero((self.both == self.outcome) & (self.outcome > 0))
        passed = np.where(self.together[:, needed] == self.met[:, None], self.met[needed], self.people)
        people = passed.min(axis=1, initial=self.people)
        rows = zip(people.tolist(), self.met.tolist(), self.both.tolist(), strict=True)
        return [Stratum(people=n, exposed=met, outcome=self.outcome, both=both) for n, met, both in rows]


def more_often(
    log: ContactLog, outcome: str, visited: Collection[str], inventory: Inventory | None
) -> dict[str, bool | None]:
    """Per touchpoint whether who met it has the outcome more often, beyond chance; None: too few to say.

    All touchpoints are tested at once. Whether the log tells who could have the outcome is for the caller to know.
    """
    strata = list(zip(*(group.strata() for group in _groups(log, outcome, visited, inventory)), strict=True))[1:]
    found = [_compared(of_one) for of_one in strata]
    adjusted = benjamini_hochberg([None if odds is None else odds.p_value for odds in found])
    names = log.codes["touchpoint"][1:]
    return {
        str(name): _verdict(odds, p_value, of_one)
        for name, odds, p_value, of_one in zip(names, found, adjusted, strata, strict=True)
    }


def _verdict(odds: CommonOdds | None, p_value: float | None, strata: tuple[Stratum, ...]) -> bool | None:
    if odds is None or p_value is None:
        return None if any(one.exposed for one in strata) else False  # met by nobody is a count, not a gap
    return odds.ratio > 1 and p_value <= FALSE_DISCOVERIES


def _compared(strata: tuple[Stratum, ...]) -> CommonOdds | None:
    """None where too few have the outcome, or, of the groups that have it, too few met the touchpoint or did not."""
    said = [one for one in strata if one.outcome]
    met, others = sum(one.exposed for one in said), sum(one.people - one.exposed for one in said)
    return common_odds(said) if min(met, others, sum(one.outcome for one in said)) >= FEW else None


def _groups(log: ContactLog, outcome: str, visited: Collection[str], inventory: Inventory | None) -> list[_Group]:
    """Who could have the outcome; of customers those who became one in the log, and the others, each among themselves."""
    if outcome == PURCHASE:
        return [_counted(of_buyers(log, visited, inventory), outcome)]
    customers = of_customers(log, visited, inventory)
    everyone = _counted(customers, outcome)
    if not log.codes.code("outcome", PURCHASE):
        return [everyone]
    new = _counted(customers.where(customers_with_outcome=[PURCHASE]), outcome)
    return [new, everyone - new]


def _counted(log: ContactLog, outcome: str) -> _Group:
    to = until(log, outcome, closing=False, every=False)
    summary = count_paths(log, to)
    size = len(summary)
    ends, met = summary[:, size + REACHED : size + NOT_REACHED + 1].sum(axis=0), summary[:, size + PATHS]
    together = count_pairs(log, to)[0] + np.diag(met)
    return _Group(int(ends.sum()), int(ends[REACHED]), met, summary[:, size + CONVERSIONS], together)
