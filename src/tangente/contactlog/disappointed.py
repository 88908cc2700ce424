"""Disappointed: which contacts with a touchpoint customers rated, and which of these ratings are at the low end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.answers import given_by_customers, satisfaction_measure
from tangente.contactlog.codes import measure_parts
from tangente.contactlog.histories import SCORE_UNITS, Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled
from tangente.errors import QuestionError

UNRATED, CONTENT, DISAPPOINTED = range(3)


@dataclass(frozen=True)
class Judgement:
    """Ratings of a touchpoint by one measure; `worst` and `lowest_third` are scores in thousandths.

    A customer is disappointed who rates in the lowest third of the scale: 1 or 2 of 5, 0 to 3 of 10, 5 or 6 in German
    school grades. That is as many points as the best two of 5 or 7 at the other end.
    """

    touchpoint: int
    measure: int
    worst: int
    best: int

    def marks(self, log: ContactLog, bucket: Bucket, within: int) -> tuple[NDArray[np.int8], int]:
        """What each contact of a bucket was rated, and how many ratings found no contact at most `within` before them."""
        contacts, ratings = bucket.contacts, bucket.ratings
        judged = (ratings["touchpoint"] == self.touchpoint) & (ratings["measure"] == self.measure)
        judged &= given_by_customers(log, bucket)
        customer, at, score = (ratings[name][judged] for name in ("customer", "occurred_at", "score"))
        direction = 1 if self.best > self.worst else -1
        low = 3 * direction * (score.astype(np.int64) - self.worst) < abs(self.best - self.worst)
        rows = np.flatnonzero(contacts["touchpoint"] == self.touchpoint)
        marks = np.zeros(len(contacts["customer"]), np.int8)
        lost = _place(customer, at, low, contacts["customer"][rows], contacts["occurred_at"][rows], rows, within, marks)
        return marks, lost


def judgement(log: ContactLog, touchpoint: str, measure: str | None) -> Judgement:
    """How a touchpoint is judged: by the measure asked for, else by what counts as satisfaction."""
    chosen = measure or satisfaction_measure(log)
    if chosen is None:
        raise QuestionError("The log has no satisfaction with touchpoints, so nobody can be called disappointed")
    code = log.measure_code(chosen)
    _, worst, best = measure_parts(chosen)
    if worst is None or best is None:
        raise QuestionError(f"The scale of {chosen!r} is unknown, so nobody can be called disappointed")
    codes = log.doing_codes(touchpoint)
    if "touchpoint" not in codes:
        raise QuestionError(f"{touchpoint!r} is an outcome; only touchpoints are rated")
    ends = (round(end * SCORE_UNITS) for end in (worst, best))
    return Judgement(codes["touchpoint"], code, *ends)


@compiled
def _place(
    raters: Column,
    rated_at: Column,
    low: Column,
    customer: Column,
    at: Column,
    rows: Column,
    within: int,
    marks: Column,
) -> int:
    """Give each rating to the customer's latest contact at most `within` before it; the lowest rating of one counts.

    Ratings and contacts are in the order of histories. Returns how many ratings found no contact.
    """
    lost = place = 0
    for k in range(len(raters)):
        while place < len(rows) and (
            customer[place] < raters[k] or (customer[place] == raters[k] and at[place] <= rated_at[k])
        ):
            place += 1
        latest = place - 1
        if latest < 0 or customer[latest] != raters[k] or rated_at[k] - at[latest] > within:
            lost += 1
        else:
            marks[rows[latest]] = max(marks[rows[latest]], DISAPPOINTED if low[k] else CONTENT)
    return lost
