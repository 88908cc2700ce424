"""Profile: what a touchpoint is like, in any cut: contacts, customers, cost, handling time, satisfaction."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.answers import given_by_customers, satisfaction_measure
from tangente.contactlog.cuts import Cut, calendar, checked
from tangente.contactlog.extent import span
from tangente.contactlog.histories import SCORE_UNITS, Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, fold
from tangente.contactlog.quantiles import Emitted, exact_quantiles
from tangente.contactlog.schema import MICRO
from tangente.contactlog.sums import LOW, WORD, multiplied, squared
from tangente.method.mean import Mean, clustered_mean

# Rows of the summary, a column per group: of contacts, then of answers.
CONTACTS, CUSTOMERS, TIMED, COSTED, COST, ANSWERS, TOTAL, PEOPLE, SIZES = range(9)
# Of customers' totals, in two words: squares, and products with their numbers of answers.
HIGH_HIGH, HIGH_LOW, LOW_LOW, HIGH_SIZE, LOW_SIZE = range(9, ROWS := 14)


@compiled
def _count(customer: Column, group: Column, duration: Column, cost: Column, counts: Column, last: Column) -> None:
    """Counts and exact sums; a customer is new to a group if the group did not see them last."""
    for i in range(len(group)):
        g = group[i]
        counts[CONTACTS, g] += 1
        if last[g] != customer[i]:
            last[g] = customer[i]
            counts[CUSTOMERS, g] += 1
        if duration[i] >= 0:
            counts[TIMED, g] += 1
        if cost[i] >= 0:
            counts[COSTED, g] += 1
            counts[COST, g] += cost[i]


@compiled
def _judge(
    customer: Column, group: Column, score: Column, counts: Column, last: Column, own_answers: Column, own_total: Column
) -> None:
    """Answers and scores of a group, and of each of its customers the sums that tell how alike their answers are."""
    for i in range(len(group)):
        g = group[i]
        if last[g] != customer[i]:
            _close(g, counts, own_answers, own_total)
            last[g] = customer[i]
        own_answers[g] += 1
        own_total[g] += score[i]
    for g in range(counts.shape[1]):
        _close(g, counts, own_answers, own_total)


@compiled
def _close(g: int, counts: Column, own_answers: Column, own_total: Column) -> None:
    """Add what one customer said to the sums of a group, and make ready for the next customer."""
    n, total = own_answers[g], own_total[g]
    if n:
        counts[ANSWERS, g] += n
        counts[TOTAL, g] += total
        counts[PEOPLE, g] += 1
        counts[SIZES, g] += n * n
        high, low = total >> WORD, total & LOW
        counts[HIGH_HIGH, g] += high * high
        counts[HIGH_LOW, g] += high * low
        counts[LOW_LOW, g] += low * low
        counts[HIGH_SIZE, g] += high * n
        counts[LOW_SIZE, g] += low * n
        own_answers[g] = own_total[g] = 0


def profile(
    log: ContactLog, *, by: Sequence[str] = ("touchpoint",), period: str | None = None, measure: str | None = None
) -> pa.Table:
    """Describe each touchpoint, or any other cut, by what happened there and how customers judged it.

    Args:
        log: the contact log, filtered as the caller likes.
        by: any of touchpoint, channel, reason, unit, role, segment; a rating takes what it lacks from its contact.
        period: day, week, month, quarter or year, in the log's reporting time zone; None: the whole time.
        measure: which ratings count as satisfaction, as "csat 1..5"; None: the one most often answered.
    Returns: one row per cut that occurs, by name: the columns of `by` (string, null where unknown), period (date32, first
        day; only with `period`), contacts, customers (int64, distinct), reach_share (float64, of the customers with any
        contact in that period), cost (float64, currency units; null if no contact has a cost), costed (int64, contacts
        that have one), cost_per_contact (float64, of these), duration_median_s, duration_p90_s (float64, s, exact),
        satisfaction_n (int64, given answers of customers about touchpoints), satisfaction_mean, _low, _high (float64,
        scale points, 95 %, robust to several answers of one customer; null where they cannot be computed).
        Without contacts, contacts are 0 and what is measured of them null.
    Raises: QuestionError for an unknown cut, period or measure, or too many cells.
    Cost: three passes over the log, two more where handling times are known.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import journeys
    >>> table = profile(journeys("anna: ad shop=4 shop=5", "ben: ad shop=2", "cem: ad(cost=0.5)"))
    >>> table.select(["touchpoint", "contacts", "customers", "cost", "satisfaction_mean"]).to_pylist()[0]
    {'touchpoint': 'ad', 'contacts': 3, 'customers': 3, 'cost': 0.5, 'satisfaction_mean': None}
    """
    names = checked(by, period)
    periods = calendar(period, log.timezone, *(span(log) if period else (0, 0)))
    cut, everyone = Cut(log, names, periods), Cut(log, (), periods)
    judged = satisfaction_measure(log) if measure is None else measure
    counts = _counts(cut, judged)
    found = np.flatnonzero(counts[CONTACTS] + counts[ANSWERS])
    columns, order = cut.names(found)
    found = found[order]
    counted, durations = counts[:, found], _durations(cut, counts[TIMED])[found]
    reached = _counts(everyone, None)[CUSTOMERS, found % len(periods.starts)]
    return pa.table(columns | _measured(counted, reached) | _handling(durations) | _satisfaction(counted))


def _measured(counts: NDArray[np.int64], reached: NDArray[np.int64]) -> dict[str, pa.Array]:
    return {
        "contacts": pa.array(counts[CONTACTS]),
        "customers": pa.array(counts[CUSTOMERS]),
        "reach_share": _ratio(counts[CUSTOMERS], np.where(counts[CONTACTS] > 0, reached, 0)),
        "cost": _ratio(counts[COST], np.where(counts[COSTED] > 0, MICRO, 0)),
        "costed": pa.array(counts[COSTED]),
        "cost_per_contact": _ratio(counts[COST], counts[COSTED] * MICRO),
    }


def _handling(durations: NDArray[np.float64]) -> dict[str, pa.Array]:
    seconds = durations / 1_000
    return {
        name: pa.array(seconds[:, k], mask=np.isnan(seconds[:, k]))
        for k, name in enumerate(("duration_median_s", "duration_p90_s"))
    }


def _satisfaction(counts: NDArray[np.int64]) -> dict[str, pa.Array]:
    answered = counts[ANSWERS] > 0
    means = [_mean(cell) for cell in counts.T[answered].tolist()]
    return {"satisfaction_n": pa.array(counts[ANSWERS])} | {
        f"satisfaction_{name}": _where(answered, [getattr(mean, name) for mean in means])
        for name in ("mean", "low", "high")
    }


def _mean(cell: list[int]) -> Mean:
    return clustered_mean(
        n=cell[ANSWERS],
        total=cell[TOTAL],
        customers=cell[PEOPLE],
        squared_totals=squared(*cell[HIGH_HIGH : LOW_LOW + 1]),
        cross_products=multiplied(*cell[HIGH_SIZE : LOW_SIZE + 1]),
        squared_counts=cell[SIZES],
        units_per_point=SCORE_UNITS,
    )


def _where(cells: NDArray[np.bool_], values: list[float | None]) -> pa.Array:
    """The values in the cells they are of, null in the others."""
    return pa.array(values, pa.float64()).take(pa.array(np.cumsum(cells) - 1, mask=~cells))


def _ratio(numerator: NDArray[np.int64], denominator: NDArray[np.int64]) -> pa.Array:
    known = denominator > 0
    return pa.array(numerator / np.where(known, denominator, 1), mask=~known)


def _counts(cut: Cut, measure: str | None) -> NDArray[np.int64]:
    groups = cut.cells
    judged = None if measure is None else cut.log.measure_code(measure)

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        contacts, unseen = bucket.contacts, np.full(groups, -1, np.int32)
        duration, cost = contacts["duration_ms"], contacts["cost"]
        _count(contacts["customer"], cut.groups(contacts), duration, cost, summary, unseen)
        if judged is not None:
            ratings = bucket.ratings
            asked = given_by_customers(cut.log, bucket) & (ratings["measure"] == judged) & (ratings["touchpoint"] > 0)
            customer, group, score = (
                column[asked] for column in (ratings["customer"], cut.groups(ratings), ratings["score"])
            )
            unseen.fill(-1)
            _judge(customer, group, score, summary, unseen, *np.zeros((2, groups), np.int64))

    return fold(cut.log, lambda: np.zeros((ROWS, groups), np.int64), visit)


def _durations(cut: Cut, timed: NDArray[np.int64]) -> NDArray[np.float64]:
    def emit(bucket: Bucket) -> Emitted:
        groups, durations = cut.groups(bucket.contacts), bucket.contacts["duration_ms"]
        return np.where(durations >= 0, groups, -1).astype(np.int32), durations

    return exact_quantiles(cut.log, emit, timed, (0.5, 0.9))
