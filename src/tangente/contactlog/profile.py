"""Profile: what a touchpoint is like, in any cut: contacts, customers, cost, handling time, satisfaction."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.answers import given_by_customers, satisfaction_measure
from tangente.contactlog.cuts import Cut, calendar, checked
from tangente.contactlog.extent import span
from tangente.contactlog.histories import NO_SCORE, SCORE_UNITS, Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, fold, gather
from tangente.contactlog.quantiles import Emitted, exact_quantiles
from tangente.contactlog.schema import MICRO
from tangente.contactlog.sums import LOW, WORD, multiplied, squared
from tangente.method.mean import Mean, clustered_mean

# Columns of the summary, a row per group, then one per period: of contacts, then of answers.
CONTACTS, CUSTOMERS, TIMED, COSTED, COST, ANSWERS, TOTAL, PEOPLE, SIZES = range(9)
# Of customers' totals, in two words: squares, and products with their numbers of answers.
HIGH_HIGH, HIGH_LOW, LOW_LOW, HIGH_SIZE, LOW_SIZE = range(9, COLUMNS := 14)


@compiled
def _count(
    customer: Column,
    group: Column,
    period: Column,
    duration: Column,
    cost: Column,
    groups: int,
    counts: Column,
    last: Column,
) -> None:
    """Counts and exact sums; a customer is new to a group, and to a period, if it did not see them last."""
    for i in range(len(group)):
        who, here, everyone = customer[i], counts[group[i]], groups + period[i]
        here[CONTACTS] += 1
        here[CUSTOMERS] += last[group[i]] != who
        counts[everyone, CUSTOMERS] += last[everyone] != who
        last[group[i]] = last[everyone] = who
        here[TIMED] += duration[i] >= 0
        here[COSTED] += cost[i] >= 0
        here[COST] += max(cost[i], 0)


@compiled
def _judge(
    customer: Column,
    group: Column,
    score: Column,
    asked: Column,
    counts: Column,
    last: Column,
    own_answers: Column,
    own_total: Column,
) -> None:
    """Answers and scores of a group, and of each of its customers the sums that tell how alike their answers are."""
    for i in range(len(group)):
        if asked[i]:
            g = group[i]
            if last[g] != customer[i]:
                _close(counts[g], own_answers[g], own_total[g])
                last[g], own_answers[g], own_total[g] = customer[i], 0, 0
            own_answers[g] += 1
            own_total[g] += score[i]


@compiled
def _close(counts: Column, n: int, total: int) -> None:
    """Add what one customer said to the sums of a group."""
    if n:
        counts[ANSWERS] += n
        counts[TOTAL] += total
        counts[PEOPLE] += 1
        counts[SIZES] += n * n
        high, low = total >> WORD, total & LOW
        counts[HIGH_HIGH] += high * high
        counts[HIGH_LOW] += high * low
        counts[LOW_LOW] += low * low
        counts[HIGH_SIZE] += high * n
        counts[LOW_SIZE] += low * n


@compiled
def _close_all(counts: Column, own_answers: Column, own_total: Column) -> None:
    for g in range(len(own_answers)):
        _close(counts[g], own_answers[g], own_total[g])


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
        scale points, 95 %, robust to several answers of one customer; null where they cannot be computed),
        satisfaction_median (float64, scale points, exact).
        Without contacts, contacts are 0 and what is measured of them null.
    Raises: QuestionError for an unknown cut, period or measure, or too many cells.
    Cost: two passes over the log, one or two more where handling times are known, two to four over the ratings.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import journeys
    >>> table = profile(journeys("anna: ad shop=4 shop=5", "ben: ad shop=2", "cem: ad(cost=0.5)"))
    >>> table.select(["touchpoint", "contacts", "customers", "cost", "satisfaction_mean"]).to_pylist()[0]
    {'touchpoint': 'ad', 'contacts': 3, 'customers': 3, 'cost': 0.5, 'satisfaction_mean': None}
    """
    names = checked(by, period)
    cut = Cut(log, names, calendar(period, log.timezone, *(span(log) if period else (0, 0))))
    chosen = satisfaction_measure(log) if measure is None else measure
    judged = None if chosen is None else log.measure_code(chosen)
    counts = _counts(cut, judged)
    counts, reached = counts[:, : cut.cells], counts[CUSTOMERS, cut.cells :]
    found = np.flatnonzero(counts[CONTACTS] + counts[ANSWERS])
    columns, order = cut.names(found)
    found = found[order]
    counted, durations = counts[:, found], _durations(cut, counts[TIMED])[found]
    everyone = reached[found % len(reached)]
    medians = _medians(cut, judged, counts[ANSWERS])[found]
    return pa.table(columns | _measured(counted, everyone) | _handling(durations) | _satisfaction(counted, medians))


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


def _satisfaction(counts: NDArray[np.int64], medians: NDArray[np.float64]) -> dict[str, pa.Array]:
    answered = counts[ANSWERS] > 0
    means = [_mean(cell) for cell in counts.T[answered].tolist()]
    named = {
        f"satisfaction_{name}": _where(answered, [getattr(mean, name) for mean in means])
        for name in ("mean", "low", "high")
    }
    median = pa.array(medians[:, 0], from_pandas=True)
    return {"satisfaction_n": pa.array(counts[ANSWERS]), **named, "satisfaction_median": median}


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


def _counts(cut: Cut, judged: int | None) -> NDArray[np.int64]:
    groups = cut.cells
    rows = groups + len(cut.calendar.starts)

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        customer, duration, cost = (bucket.contacts[name] for name in ("customer", "duration_ms", "cost"))
        last = np.full(rows, -1, np.int32)
        for some, group, period in cut.pieces(bucket.contacts):
            _count(customer[some], group, period, duration[some], cost[some], groups, summary, last)
        last.fill(-1)
        own_answers, own_total = np.zeros((2, groups), np.int64)
        for customers, group, scores, asked in _answered(cut, judged, bucket):
            _judge(customers, group, scores, asked, summary, last, own_answers, own_total)
        _close_all(summary, own_answers, own_total)

    return fold(cut.log, lambda: np.zeros((rows, COLUMNS), np.int64), visit).T


def _answered(cut: Cut, judged: int | None, bucket: Bucket) -> Iterator[tuple[Column, Column, Column, Column]]:
    """Customer, group and score of each rating, and whether it is an answer about a touchpoint on the measure judged."""
    if judged is None:
        return
    ratings = bucket.ratings
    asked = given_by_customers(cut.log, bucket) & (ratings["measure"] == judged) & (ratings["touchpoint"] > 0)
    for some, group, _ in cut.pieces(ratings):
        yield ratings["customer"][some], group, ratings["score"][some], asked[some]


def _durations(cut: Cut, timed: NDArray[np.int64]) -> NDArray[np.float64]:
    def emit(bucket: Bucket) -> Iterator[Emitted]:
        for some, group, _ in cut.pieces(bucket.contacts):
            duration = bucket.contacts["duration_ms"][some]
            yield group[duration >= 0], duration[duration >= 0]

    return exact_quantiles(cut.log, emit, timed, (0.5, 0.9))


def _medians(cut: Cut, judged: int | None, answers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of the answers, in scale points."""

    def least(bucket: Bucket) -> int:
        score = bucket.ratings["score"]
        return int(score.min(where=score > NO_SCORE, initial=0))

    lowest = min(gather(cut.log, least))

    def emit(bucket: Bucket) -> Iterator[Emitted]:
        for _, group, scores, asked in _answered(cut, judged, bucket):
            yield group[asked], scores[asked] - np.int64(lowest)

    return (exact_quantiles(cut.log, emit, answers, (0.5,)) + lowest) / SCORE_UNITS
