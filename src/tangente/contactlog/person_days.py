"""Person-days: what each customer was exposed to on each day, added up as sums over risk sets for a Cox regression.

Weights, and effects while they are added up, are whole numbers. So the sums are exact in any order: the same for any
buckets, threads and codes.
"""

from dataclasses import dataclass
from math import exp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import DAY, ContactLog
from tangente.contactlog.passes import Column, compiled, fold
from tangente.method.cox import AT_RISK, LEAVING, Numbers

COLUMNS = ("customer", "occurred_at", "touchpoint", "unit", "outcome")
BEYOND = 1 << 40  # more days than there are
PERIOD = 30  # days; customers are compared in the same month of their life
NOBODY = -1  # the code of an entry that makes no one a customer

EFFECT_BITS = 40
WEIGHT_BITS = 42  # of all days together, if nothing had an effect
MOST_TOGETHER = 14.0  # effects of all exposures of a day, as a logarithm, so that no sum can overflow


class Rules(NamedTuple):
    """What begins and ends a history, when observation ends (µs), for how many days a contact exposes, and after how many
    comes silence."""

    entry: int
    outcome: int
    end: int
    within: int
    silence: int


class _Weights(NamedTuple):
    """Which covariates handover and silence are, 0 for none; how much a day weighs without effects."""

    handover: int
    silence: int
    unit: float


# What a customer is exposed to, a column per covariate: how often at once; the list of it, which begins with covariate 0,
# the constant; the place in the list; who was exposed last, so that a customer counts once; how many ever were. Of
# covariate 0: how long the list is, and the customer of now.
TIMES, LISTED, PLACE, MET, EVER, ROWS = range(6)


@dataclass(frozen=True)
class PersonDays:
    """Per covariate the customers ever exposed; sums of the weights of days and of exits, of all and, where there is an
    entry, of those it made customers apart: strata × periods × 2 × the lower triangle of covariates²."""

    customers: NDArray[np.int64]
    sums: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        return self.sums.nbytes

    def weights(self) -> NDArray[np.int64]:
        """Per covariate the weight of all days and that of all exits: the diagonals."""
        diagonal = np.cumsum(np.arange(1, len(self.customers) + 1)) - 1
        weights: NDArray[np.int64] = self.sums.sum(axis=(0, 1))[:, diagonal]
        return weights

    def __add__(self, other: "PersonDays") -> "PersonDays":
        return PersonDays(self.customers + other.customers, self.sums + other.sums)


@compiled
def _follow(
    customer: Column,
    at: Column,
    touchpoint: Column,
    unit: Column,
    outcome: Column,
    rules: Rules,
    covariate: Column,
    effects: Column,
    weights: _Weights,
    exposed: Column,
    sums: Column,
) -> None:
    """Follow each customer from the day after the entry, or else the first contact, day 1, to that of the exit or the end."""
    row = int(np.int64(0))  # not of type »literal 0«, for which all would be compiled once more
    while row < len(customer):
        first, stop, stratum = row, row, 0
        while row < len(customer) and customer[row] == customer[first]:
            if stop == row and outcome[row] != rules.outcome:
                if stratum == 0 and outcome[row] == rules.entry:
                    first, stratum = row, 1
                stop += 1
            row += 1
        days = ((at[stop] if stop < row else rules.end) - at[first]) // DAY
        if days > 0:
            exposed[MET, 0], exposed[TIMES, 0] = customer[first], 1
            exposed[EVER, 0] += 1
            _live(
                at,
                touchpoint,
                unit,
                first,
                stop,
                days,
                bool(stop < row),
                rules,
                covariate,
                effects,
                weights,
                exposed,
                sums[stratum],
            )
            exposed[TIMES] = 0


@compiled
def _live(
    at: Column,
    touchpoint: Column,
    unit: Column,
    first: int,
    stop: int,
    days: int,
    leaves: bool,
    rules: Rules,
    covariate: Column,
    effects: Column,
    weights: _Weights,
    exposed: Column,
    sums: Column,
) -> None:
    """Count a customer's days by what happened on earlier ones; days in a row that are alike are counted at once."""
    day, known, over = 1, first, first
    latest = comes = 0  # days of the latest contact and of the next one; the last day that the oldest one exposes
    ends = rules.within
    while day <= days:
        while comes < day:
            _expose(covariate[touchpoint[known]], exposed)
            _expose(_handover(at, unit, first, known, rules, weights), exposed)
            latest, known = comes, known + 1
            comes = _day(at, first, known, stop)
        while ends < day:
            _release(covariate[touchpoint[over]], exposed)
            _release(_handover(at, unit, first, over, rules, weights), exposed)
            over += 1
            ends = _day(at, first, over, stop) + rules.within
        silent = weights.silence if day > latest + rules.silence else 0
        period = min((day - 1) // PERIOD, len(sums) - 1)
        alike = min(min(days, comes), min(ends, day - 1 + PERIOD - (day - 1) % PERIOD))
        if day <= latest + rules.silence:
            alike = min(alike, latest + rules.silence)
        _expose(silent, exposed)
        _weigh(alike + 1 - day, leaves and alike == days, effects, weights, exposed, sums[period])
        _release(silent, exposed)
        day = alike + 1


@compiled
def _day(at: Column, first: int, row: int, stop: int) -> int:
    """How many whole days after the first contact another one is; beyond all days if there is none."""
    return (at[row] - at[first]) // DAY if row < stop else BEYOND


@compiled
def _handover(at: Column, unit: Column, first: int, row: int, rules: Rules, weights: _Weights) -> int:
    """The covariate of handover if a contact is with another department than the one before it, not too long ago."""
    if row == first or unit[row] == 0 or unit[row - 1] == 0 or unit[row] == unit[row - 1]:
        return 0
    return weights.handover if at[row] - at[row - 1] <= rules.within * DAY else 0


@compiled
def _expose(covariate: int, exposed: Column) -> None:
    """Expose the customer to a covariate, 0 for none, once or once more."""
    if covariate == 0:
        return
    exposed[TIMES, covariate] += 1
    if exposed[TIMES, covariate] == 1:
        exposed[EVER, covariate] += exposed[MET, covariate] != exposed[MET, 0]
        exposed[MET, covariate] = exposed[MET, 0]
        place = exposed[TIMES, 0]
        exposed[LISTED, place], exposed[PLACE, covariate] = covariate, place
        exposed[TIMES, 0] += 1


@compiled
def _release(covariate: int, exposed: Column) -> None:
    """Take one exposure back; where it was the last, the end of the list takes its place."""
    if covariate == 0:
        return
    exposed[TIMES, covariate] -= 1
    if exposed[TIMES, covariate] == 0:
        exposed[TIMES, 0] -= 1
        last, place = exposed[LISTED, exposed[TIMES, 0]], exposed[PLACE, covariate]
        exposed[LISTED, place], exposed[PLACE, last] = last, place


@compiled
def _weigh(days: int, leaves: bool, effects: Column, weights: _Weights, exposed: Column, sums: Column) -> None:
    """Add the weight of some days, and of the exit on the last, to each two covariates the customer is exposed to."""
    listed, effect = exposed[TIMES, 0], 0
    for k in range(listed):
        effect += effects[exposed[LISTED, k]]
    weight = exp(min(effect * 2.0**-EFFECT_BITS, MOST_TOGETHER)) * weights.unit
    all_days, last_day = int(days * weight + 0.5), int(weight + 0.5)
    for j in range(listed):
        for k in range(j + 1):
            row, column = max(exposed[LISTED, j], exposed[LISTED, k]), min(exposed[LISTED, j], exposed[LISTED, k])
            place = row * (row + 1) // 2 + column
            sums[AT_RISK, place] += all_days
            if leaves:
                sums[LEAVING, place] += last_day


def person_days(
    log: ContactLog, rules: Rules, chosen: NDArray[np.integer], effects: Numbers, *, unit: float, periods: int
) -> PersonDays:
    """Follow all customers; a day weighs `unit` times the exponential of the effects of what is exposed to on it.

    Args:
        chosen: the covariates behind the constant: codes of touchpoints; behind the last of them handover and silence.
        effects: of each.
        periods: how many there are in a stratum; days beyond are in the last one.
    """
    names, size = log.codes.size("touchpoint"), len(chosen) + 1
    place = np.zeros(names + 2, np.int64)
    place[chosen] = np.arange(1, size)
    whole = np.round(np.append(0, effects.clip(-1_000, 1_000)) * 2.0**EFFECT_BITS).astype(np.int64)
    weights = _Weights(int(place[names]), int(place[names + 1]), unit)

    def visit(summary: PersonDays, bucket: Bucket) -> None:
        customer, at, touchpoint, unit, outcome = (bucket.contacts[name] for name in COLUMNS)
        exposed = np.zeros((ROWS, size), np.int64)
        exposed[MET] = -1
        _follow(customer, at, touchpoint, unit, outcome, rules, place[:names], whole, weights, exposed, summary.sums)
        summary.customers[:] += exposed[EVER]

    def start() -> PersonDays:
        strata = 1 if rules.entry == NOBODY else 2
        return PersonDays(np.zeros(size, np.int64), np.zeros((strata, periods, 2, size * (size + 1) // 2), np.int64))

    return fold(log, start, visit)


def risk_sets(days: PersonDays, *, unit: float) -> Numbers:
    """The sums as `method.cox.fit` asks for them, in place of the whole numbers: there is no room for both."""
    whole = days.sums.reshape(-1, *days.sums.shape[2:])
    weights = whole.view(np.float64)
    for time, numbers in enumerate(whole):
        weights[time] = numbers / unit
    return weights.swapaxes(0, 1)


def fine_unit(days: int) -> float:
    """A weight so fine that rounding does not show, and so coarse that the sum over all days cannot overflow."""
    return 2.0 ** (WEIGHT_BITS - days.bit_length())
