"""Profile: what a touchpoint is like, in any cut: contacts, customers, cost, handling time, satisfaction."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.answers import given_by_customers, satisfaction_measure
from tangente.contactlog.cuts import Cut, calendar, checked
from tangente.contactlog.extent import span
from tangente.contactlog.histories import SCORE_UNITS, Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, compiled, fold, gather
from tangente.contactlog.quantiles import CELLS, Emitted, Wanted, counted_quantiles, exact_quantiles
from tangente.contactlog.schema import MICRO
from tangente.contactlog.sums import LOW, WORD, multiplied, squared
from tangente.method.mean import Mean, clustered_mean

# Columns of what contacts add up to, a row per group.
CONTACTS, CUSTOMERS, COSTED, COST, TIMED, OF_CONTACTS = range(6)
# Columns of what answers add up to: last, of customers' totals in two words, squares and products with their numbers of
# answers; behind these how often each score was given.
ANSWERS, TOTAL, PEOPLE, SIZES, HIGH_HIGH, HIGH_LOW, LOW_LOW, HIGH_SIZE, LOW_SIZE, OF_ANSWERS = range(10)


@compiled
def _count(customer: Column, group: Column, cost: Column, counts: Column, last: Column) -> None:
    """Contacts, customers and exact cost of each group; a customer is new to one that did not see them last."""
    for i in range(len(group)):
        who, here = customer[i], counts[group[i]]
        here[CONTACTS] += 1
        here[CUSTOMERS] += last[group[i]] != who
        last[group[i]] = who
        here[COSTED] += cost[i] >= 0
        here[COST] += max(cost[i], 0)


@compiled
def _time(group: Column, duration: Column, counts: Column) -> None:
    """Count the contacts that tell how long they took."""
    for i in range(len(group)):
        counts[group[i], TIMED] += duration[i] >= 0


@compiled
def _judge(
    customer: Column,
    group: Column,
    score: Column,
    asked: Column,
    column: Column,
    lowest: int,
    said: Column,
    last: Column,
    own_answers: Column,
    own_total: Column,
) -> None:
    """Answers and scores of a group, and of each of its customers the sums that tell how alike their answers are.

    `column` says where to count each score from the lowest on.
    """
    for i in range(len(group)):
        if asked[i]:
            g = group[i]
            if last[g] != customer[i]:
                _close(said[g], own_answers[g], own_total[g])
                last[g], own_answers[g], own_total[g] = customer[i], 0, 0
            own_answers[g] += 1
            own_total[g] += score[i]
            said[g, column[score[i] - lowest]] += 1


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
    Cost: one pass over the log, two or three more where handling times are known, three to five over the ratings.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import journeys
    >>> table = profile(journeys("anna: ad shop=4 shop=5", "ben: ad shop=2", "cem: ad(cost=0.5)"))
    >>> table.select(["touchpoint", "contacts", "customers", "cost", "satisfaction_mean"]).to_pylist()[0]
    {'touchpoint': 'ad', 'contacts': 3, 'customers': 3, 'cost': 0.5, 'satisfaction_mean': None}
    """
    names = checked(by, period)
    cut = Cut(log, names, calendar(period, log.timezone, *(span(log) if period else (0, 0))))
    chosen = satisfaction_measure(log) if measure is None else measure
    judged = None if chosen is None else log.measure_code(chosen)
    (met, reached), (said, medians) = _met(cut), _said(cut, judged)
    found = np.flatnonzero(met[CONTACTS] + said[ANSWERS])
    columns, order = cut.names(found)
    found = found[order]
    columns |= _measured(met[:, found], reached[found % len(reached)])
    columns |= _handling(_durations(cut, met[TIMED])[found])
    return pa.table(columns | _satisfaction(said[:, found], medians[found]))


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


def _met(cut: Cut) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What contacts add up to in each group, and the customers that each period has."""
    periods = len(cut.calendar.starts)

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        customer, duration, cost = (bucket.contacts[name] for name in ("customer", "duration_ms", "cost"))
        reached, last = np.zeros(periods, np.int64), np.full(cut.cells, -1, np.int32)
        for some, group in cut.pieces(bucket.contacts, reached):
            _count(customer[some], group, cost[some], summary, last)
            if bucket.is_timed:
                _time(group, duration[some], summary)
        summary[cut.cells :, CUSTOMERS] += reached

    counts = fold(cut.log, lambda: np.zeros((cut.cells + periods, OF_CONTACTS), np.int64), visit).T
    return counts[:, : cut.cells], counts[CUSTOMERS, cut.cells :]


def _said(cut: Cut, judged: int | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What answers add up to in each group, and their median in scale points."""
    scores = _scores(cut, judged)
    lowest, countable = int(scores.min(initial=0)), len(scores) * cut.cells <= CELLS
    column = np.zeros(int(scores.max(initial=0)) - lowest + 1, np.uint32)
    column[scores - lowest] = OF_ANSWERS + np.arange(len(scores)) * countable  # else all in one

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        last, (own_answers, own_total) = np.full(cut.cells, -1, np.int32), np.zeros((2, cut.cells), np.int64)
        for customer, group, score, asked in _answered(cut, judged, bucket):
            _judge(customer, group, score, asked, column, lowest, summary, last, own_answers, own_total)
        _close_all(summary, own_answers, own_total)

    width = OF_ANSWERS + (len(scores) if countable else 1)
    said = fold(cut.log, lambda: np.zeros((cut.cells, width), np.int64), visit).T
    if countable:
        return said, counted_quantiles(said[OF_ANSWERS:].T, scores, (0.5,)) / SCORE_UNITS
    return said, _medians(cut, judged, said[ANSWERS], lowest)


def _scores(cut: Cut, judged: int | None) -> NDArray[np.int64]:
    """The different scores of the answers, ascending."""

    def different(bucket: Bucket) -> NDArray[np.int64]:
        score = bucket.ratings["score"][_asked(cut.log, judged, bucket)]
        lowest = int(score.min(initial=0))
        return np.flatnonzero(np.bincount(score - lowest)) + lowest

    return np.unique(np.concatenate([np.zeros(0, np.int64), *gather(cut.log, different)]))


def _asked(log: ContactLog, judged: int | None, bucket: Bucket) -> NDArray[np.bool_]:
    """Which ratings are answers of customers about a touchpoint on the measure judged."""
    ratings = bucket.ratings
    on_measure = ratings["measure"] == (judged or -1)
    asked: NDArray[np.bool_] = given_by_customers(log, bucket) & on_measure & (ratings["touchpoint"] > 0)
    return asked


def _answered(cut: Cut, judged: int | None, bucket: Bucket) -> Iterator[tuple[Column, Column, Column, Column]]:
    """Customer, group and score of each rating piece by piece, and whether it is an answer that was asked for."""
    ratings, asked = bucket.ratings, _asked(cut.log, judged, bucket)
    customer, score = ratings["customer"], ratings["score"]
    for some, group in cut.pieces(ratings):
        yield customer[some], group, score[some], asked[some]


def _durations(cut: Cut, timed: NDArray[np.int64]) -> NDArray[np.float64]:
    def emit(bucket: Bucket, _: Wanted) -> Iterator[Emitted]:
        durations = bucket.contacts["duration_ms"]  # held: of a bucket that grew a column goes with who asked for it
        for some, group in cut.pieces(bucket.contacts):
            duration = durations[some]
            yield group[duration >= 0].view(np.int32), duration[duration >= 0]

    return exact_quantiles(cut.log, emit, timed, (0.5, 0.9))


def _medians(cut: Cut, judged: int | None, answers: NDArray[np.int64], lowest: int) -> NDArray[np.float64]:
    """Of answers with so many different scores that no group can count each, in scale points."""

    def emit(bucket: Bucket, _wanted: Wanted) -> Iterator[Emitted]:
        for _, group, score, asked in _answered(cut, judged, bucket):
            yield group[asked].view(np.int32), score[asked] - np.int64(lowest)

    return (exact_quantiles(cut.log, emit, answers, (0.5,)) + lowest) / SCORE_UNITS
