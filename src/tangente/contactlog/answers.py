"""Answers: what customers said, one by one or sheet by sheet, for the methods that judge."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.codes import measure_parts
from tangente.contactlog.histories import SCORE_UNITS, WEIGHT_UNITS, Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import fold, gather
from tangente.contactlog.splicing import Columns

SATISFACTION = ("csat", "stars")


@dataclass(frozen=True)
class Answers:
    """Given answers of customers, in no particular order.

    customer, sheet: whole numbers that tell customers and answer sheets apart; touchpoint: code, 0 for the company as a
    whole; measure: code; score: scale points; weight: survey weight, 1 where none.
    """

    customer: NDArray[np.int64]
    sheet: NDArray[np.int64]
    touchpoint: NDArray[np.int64]
    measure: NDArray[np.int64]
    score: NDArray[np.float64]
    weight: NDArray[np.float64]

    def only(self, rows: NDArray[np.bool_]) -> "Answers":
        """Some of the answers."""
        return Answers(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def answer_counts(log: ContactLog) -> tuple[dict[str, int], dict[str, int]]:
    """Count the answers that customers gave, per measure: about touchpoints, and about the company as a whole.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: two dicts, measure ("csat 1..5") → answers, by name; a measure nobody answered is not in them.
    Cost: one pass over the ratings.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import journeys
    >>> answer_counts(journeys("anna: shop=4 shop=5"))
    ({'csat 1..5': 2}, {})
    """
    size = log.codes.size("measure")

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        ratings = bucket.ratings
        given = given_by_customers(log, bucket)
        for row, about in enumerate((ratings["touchpoint"] > 0, ratings["touchpoint"] == 0)):
            summary[row] += np.bincount(ratings["measure"][given & about], minlength=size)

    counts = fold(log, lambda: np.zeros((2, size), np.int64), visit)
    about_touchpoints, about_company = (log.codes.by_name("measure", row) for row in counts)
    return about_touchpoints, about_company


def given_by_customers(log: ContactLog, bucket: Bucket) -> NDArray[np.bool_]:
    """Which ratings of a bucket are answers that customers gave: not staff's, not "never used"."""
    given = log.codes.code("answer", "given") or -1
    answered: NDArray[np.bool_] = bucket.ratings["answer"] == given
    return by_customers(log, bucket) & answered


def by_customers(log: ContactLog, bucket: Bucket) -> NDArray[np.bool_]:
    """Which ratings of a bucket come from customers, not from staff or mystery shoppers."""
    rated: NDArray[np.bool_] = bucket.ratings["rater"] == (log.codes.code("rater", "customer") or -1)
    return rated


def most_answered(counts: dict[str, int], metrics: Iterable[str]) -> str | None:
    """The measure of these metrics with the most answers, by name if equal; None if there is none."""
    fitting = {measure: n for measure, n in counts.items() if measure_parts(measure)[0] in set(metrics)}
    return min(fitting, key=lambda measure: (-fitting[measure], measure), default=None)


def satisfaction_measure(log: ContactLog) -> str | None:
    """The measure that counts as satisfaction with touchpoints: csat or stars, on the scale most often answered.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: the measure, of equally frequent ones the first by name; None if no touchpoint was judged by any.
    Cost: one pass over the ratings.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import journeys
    >>> satisfaction_measure(journeys("anna: shop=4"))
    'csat 1..5'
    """
    return most_answered(answer_counts(log)[0], SATISFACTION)


def answers(log: ContactLog) -> Answers:
    """Gather all answers that customers gave.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: the answers in scale points; neither never-used nor unanswered ones, none of staff.
    Cost: one pass over the ratings, and 48 bytes an answer.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import journeys
    >>> answers(journeys("anna: shop=4 shop=5", "ben: shop")).score.tolist()
    [4.0, 5.0]
    """

    def visit(bucket: Bucket) -> tuple[Answers, int, int]:
        given = _in_points(bucket.ratings, given_by_customers(log, bucket))
        return given, bucket.customers, int(bucket.ratings["sheet"].max(initial=-1)) + 1

    parts = gather(log, visit)
    customers = np.cumsum([0, *(customers for _, customers, _ in parts)])
    sheets = np.cumsum([0, *(sheets for _, _, sheets in parts)])
    moved = [
        replace(part, customer=part.customer + people, sheet=part.sheet + first)
        for (part, _, _), people, first in zip(parts, customers, sheets, strict=False)
    ]
    return Answers(*(np.concatenate([getattr(part, name) for part in moved]) for name in Answers.__dataclass_fields__))


def _in_points(ratings: Columns, rows: NDArray[np.bool_]) -> Answers:
    return Answers(
        customer=ratings["customer"][rows].astype(np.int64),
        sheet=ratings["sheet"][rows].astype(np.int64),
        touchpoint=ratings["touchpoint"][rows].astype(np.int64),
        measure=ratings["measure"][rows].astype(np.int64),
        score=ratings["score"][rows] / SCORE_UNITS,
        weight=ratings["weight"][rows] / WEIGHT_UNITS,
    )


@dataclass(frozen=True)
class Sheets:
    """Answer sheets as a table: a row per sheet, a column per touchpoint.

    items is NaN where a touchpoint was not judged; overall is the judgement of the company, NaN where there is none.
    """

    touchpoints: list[str]
    items: NDArray[np.float64]
    overall: NDArray[np.float64]
    weights: NDArray[np.float64]


def sheets(log: ContactLog, *, measure: str, overall: str) -> Sheets:
    """Lay the answers of each sheet side by side; of several about one thing the mean counts.

    Args:
        log: the contact log, filtered as the caller likes.
        measure: of the touchpoints' judgements, as "csat 1..5".
        overall: of the company's judgement, as "nps 0..10".
    Returns: the sheets that judge at least two things, NaN for what they do not judge; touchpoints by name, sheets in the
        order of what they say. The weight of a sheet is the mean of its answers' weights.
    Raises: QuestionError if nobody answered one of the measures.
    Cost: one pass over the ratings.  Source: docs/explanation/key-drivers.md

    >>> from tangente.contactlog.testing import from_rows, START
    >>> row = {"customer_id": "anna", "occurred_at": START, "response_id": "s", "scale_low": 1.0, "scale_high": 5.0}
    >>> log = from_rows([], [row | {"touchpoint": "shop", "score": 4.0}, row | {"score": 5.0}])
    >>> found = sheets(log, measure="csat 1..5", overall="csat 1..5")
    >>> found.touchpoints, found.items.tolist(), found.overall.tolist()
    (['shop'], [[4.0]], [5.0])
    """
    given = answers(log)
    of_touchpoints = (given.touchpoint > 0) & (given.measure == log.measure_code(measure))
    of_company = (given.touchpoint == 0) & (given.measure == log.measure_code(overall))
    said = _with_two_judgements(given.only(of_touchpoints | of_company))
    rows, row = np.unique(said.sheet, return_inverse=True)
    codes = np.unique(said.touchpoint[said.touchpoint > 0])
    columns = np.concatenate([[0], codes[np.argsort(log.codes.ranks("touchpoint")[codes])]])  # the company first
    column = np.argsort(columns)[np.searchsorted(np.sort(columns), said.touchpoint)]
    table = _means(row * len(columns) + column, said.score, len(rows) * len(columns)).reshape(len(rows), len(columns))
    names = [str(log.codes["touchpoint"][code]) for code in columns[1:]]
    return _in_order(Sheets(names, table[:, 1:], table[:, 0], _means(row, said.weight, len(rows))))


def _with_two_judgements(given: Answers) -> Answers:
    """The answers of sheets that judge at least two things: one alone goes along with nothing."""
    things = np.unique(np.column_stack([given.sheet, given.touchpoint]), axis=0)
    sheet, judgements = np.unique(things[:, 0], return_counts=True)
    return given.only(np.isin(given.sheet, sheet[judgements > 1]))


def _in_order(found: Sheets) -> Sheets:
    """The sheets ordered by what they say: sums of floats then come out alike whatever log, key or bucket they lie in."""
    order = np.lexsort((*found.items.T, found.weights, found.overall))
    return Sheets(found.touchpoints, found.items[order], found.overall[order], found.weights[order])


def _means(places: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Mean of the values at each place, NaN where there is none; thousandths as integers keep the sums exact."""
    counts = np.bincount(places, minlength=size)
    totals = np.bincount(places, np.round(values * WEIGHT_UNITS), minlength=size)
    with np.errstate(invalid="ignore"):
        return totals / counts / WEIGHT_UNITS


def never_used(log: ContactLog) -> dict[str, int]:
    """Count the ratings of customers that say of a touchpoint that they never used it.

    Args:
        log: the contact log, filtered as the caller likes.
    Returns: touchpoint → ratings, for touchpoints with any, by name.
    Cost: one pass over the ratings.  Source: docs/explanation/profile.md

    >>> from tangente.contactlog.testing import from_rows, START
    >>> row = {"customer_id": "anna", "occurred_at": START, "touchpoint": "shop", "answer": "never_used"}
    >>> never_used(from_rows([], [row]))
    {'shop': 1}
    """
    size = log.codes.size("touchpoint")
    unused = log.codes.code("answer", "never_used") or -1

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        ratings = bucket.ratings
        rows = by_customers(log, bucket) & (ratings["answer"] == unused) & (ratings["touchpoint"] > 0)
        summary += np.bincount(ratings["touchpoint"][rows], minlength=size)

    counts = fold(log, lambda: np.zeros(size, np.int64), visit)
    return log.codes.by_name("touchpoint", counts)
