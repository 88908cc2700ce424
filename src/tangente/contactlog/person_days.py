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
from tangente.contactlog.passes import Column, compiled, fold, inlined
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


class _Contacts(NamedTuple):
    """The columns of a bucket that are read."""

    customer: Column
    at: Column
    touchpoint: Column
    unit: Column
    outcome: Column


class _History(NamedTuple):
    """The rows of a customer's history, from the first up to the exit or the end; how many days it lasts; whether it begins
    with the entry, and whether it ends with the exit."""

    first: int
    stop: int
    days: int
    enters: bool
    leaves: bool


class _Model(NamedTuple):
    """Which covariate each touchpoint is, handover and silence, 0 for none; their effects; how much a day weighs without."""

    covariate: Column
    handover: int
    silence: int
    effects: Column
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
def _follow(contacts: _Contacts, rules: Rules, model: _Model, exposed: Column, sums: Column) -> None:
    """Follow each customer from the day after the entry, or else the first contact, day 1, to that of the exit or the end."""
    first = 0
    while first < len(contacts.customer):
        end = first + 1
        while end < len(contacts.customer) and contacts.customer[end] == contacts.customer[first]:
            end += 1
        history = _history(contacts, rules, first, end)
        if history.days > 0:
            exposed[MET, 0], exposed[TIMES, 0] = contacts.customer[first], 1
            exposed[EVER, 0] += 1
            _live(contacts, history, rules, model, exposed, sums[int(history.enters)])
            exposed[TIMES] = 0
        first = end


@inlined
def _history(contacts: _Contacts, rules: Rules, first: int, end: int) -> _History:
    """The history of the customer whose contacts are from one row up to another."""
    stop = begin = first
    while stop < end and contacts.outcome[stop] != rules.outcome:
        stop += 1
    while begin < stop and contacts.outcome[begin] != rules.entry:
        begin += 1
    enters, leaves = begin < stop, stop < end
    begin = begin if enters else first
    until = contacts.at[stop] if leaves else rules.end
    return _History(begin, stop, (until - contacts.at[begin]) // DAY, enters, leaves)


@inlined
def _live(contacts: _Contacts, history: _History, rules: Rules, model: _Model, exposed: Column, sums: Column) -> None:
    """Count a customer's days by what happened on earlier ones; days in a row that are alike are counted at once."""
    day, known, over = 1, history.first, history.first
    latest = comes = 0  # days of the latest contact and of the next one; the last day that the oldest one exposes
    ends = rules.within
    while day <= history.days:
        while comes < day:
            _expose(model.covariate[contacts.touchpoint[known]], exposed)
            _expose(_handover(contacts, history, known, rules, model), exposed)
            latest, known = comes, known + 1
            comes = _day(contacts, history, known)
        while ends < day:
            _release(model.covariate[contacts.touchpoint[over]], exposed)
            _release(_handover(contacts, history, over, rules, model), exposed)
            over += 1
            ends = _day(contacts, history, over) + rules.within
        silent = model.silence if day > latest + rules.silence else 0
        period = min((day - 1) // PERIOD, len(sums) - 1)
        alike = min(min(history.days, comes), min(ends, day - 1 + PERIOD - (day - 1) % PERIOD))
        if day <= latest + rules.silence:
            alike = min(alike, latest + rules.silence)
        _expose(silent, exposed)
        _weigh(alike + 1 - day, history.leaves and alike == history.days, model, exposed, sums[period])
        _release(silent, exposed)
        day = alike + 1


@compiled
def _day(contacts: _Contacts, history: _History, row: int) -> int:
    """How many whole days after the first contact another one is; beyond all days if there is none."""
    return (contacts.at[row] - contacts.at[history.first]) // DAY if row < history.stop else BEYOND


@compiled
def _handover(contacts: _Contacts, history: _History, row: int, rules: Rules, model: _Model) -> int:
    """The covariate of handover if a contact is with another department than the one before it, not too long ago."""
    unit, at = contacts.unit, contacts.at
    if row == history.first or unit[row] == 0 or unit[row - 1] == 0 or unit[row] == unit[row - 1]:
        return 0
    return model.handover if at[row] - at[row - 1] <= rules.within * DAY else 0


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


@inlined
def _weigh(days: int, leaves: bool, model: _Model, exposed: Column, sums: Column) -> None:
    """Add the weight of some days, and of the exit on the last, to each two covariates the customer is exposed to."""
    listed, effect = exposed[TIMES, 0], 0
    for k in range(listed):
        effect += model.effects[exposed[LISTED, k]]
    weight = exp(min(effect * 2.0**-EFFECT_BITS, MOST_TOGETHER)) * model.unit
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
    model = _Model(place[:names], int(place[names]), int(place[names + 1]), whole, unit)

    def visit(summary: PersonDays, bucket: Bucket) -> None:
        exposed = np.zeros((ROWS, size), np.int64)
        exposed[MET] = -1
        _follow(_Contacts(*(bucket.contacts[name] for name in COLUMNS)), rules, model, exposed, summary.sums)
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
