"""The ratings of a block of customers while they are made: numbers only, in parallel arrays."""

import math
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.company import NOTHING, code
from tangente.contactlog.simulate.rhythm import DAY, Codes, Moments
from tangente.contactlog.simulate.scores import Floats, thresholds

GIVEN, NEVER_USED, NOT_ANSWERED = 0, 1, 2
CSAT, NPS, RECOMMENDED = 0, 1, 2
AFTER_CONTACT, SHEET, NEW_CUSTOMER = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """A row each. `sheet` numbers the answer sheets, `contact` is a row of the contacts (NOTHING: of none)."""

    sheet: Codes
    customer: Codes
    contact: Codes
    at: Moments
    touchpoint: Codes
    metric: Codes
    answer: Codes
    score: Floats
    survey: Codes

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Codes) -> Self:
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def rated(survey: int, customer: Codes, at: Moments, answer: Codes, score: Floats, **columns: Codes | int) -> Ratings:
    """One rating a sheet, about the company as a whole unless said otherwise."""
    count = len(customer)
    values = {"sheet": np.arange(count), "contact": NOTHING, "touchpoint": NOTHING, "metric": CSAT} | columns
    full = {name: np.broadcast_to(np.asarray(value, np.int64), count) for name, value in values.items()}
    score = np.where(answer == GIVEN, score, math.nan)
    return Ratings(customer=customer, at=at, answer=answer, score=score, survey=np.full(count, survey), **full)


def limits(touchpoint: Codes, at: Moments) -> Floats:
    """The thresholds that hold at a touchpoint at a moment, a row each."""
    means = company.column("satisfaction")
    table = np.array([thresholds(mean) if mean == mean else np.full(4, math.inf) for mean in means])
    rows: NDArray[np.float64] = table[touchpoint]
    for shift in company.SHIFTS:
        then = (at >= shift.first_day * DAY) & (at < shift.end_day * DAY) & (touchpoint == code(shift.key))
        rows[then] = thresholds(float(means[code(shift.key)]) + shift.points)
    return rows
