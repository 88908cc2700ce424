"""Made-up logs for properties: few customers and names, so that ties, repeats and unknown values are frequent."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

from tangente.contactlog.schema import MICRO
from tangente.contactlog.testing import START

Row = dict[str, Any]

examples = settings(deadline=None, max_examples=25)  # no deadline: the first example compiles

NAMES = {
    "touchpoint": ["ad", "shop", "call", "Änderung", "web"],
    "channel": ["phone", "web"],
    "reason": ["bill", "move"],
    "unit": ["Service", "Field", "Sales"],
    "role": ["agent", "expert"],
    "segment": ["new", "old"],
}
OUTCOMES = ["purchase", "exit"]
CUSTOMERS = st.sampled_from(["anna", "ben", "cem", "dora"])
TOUCHPOINTS = st.sampled_from(NAMES["touchpoint"])
MEASURES = st.sampled_from([("csat", 1.0, 5.0), ("csat", 1.0, 7.0), ("nps", 0.0, 10.0)])


def moments(most: int = 40) -> st.SearchStrategy[datetime]:
    """Points in time seven hours apart: a few rows tie, a month and its end are in reach."""
    return st.integers(0, most).map(lambda steps: START + timedelta(hours=7 * steps))


def some(kind: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(NAMES[kind])


CONTACT = st.fixed_dictionaries(
    {"customer_id": CUSTOMERS, "occurred_at": moments(), "touchpoint": TOUCHPOINTS}
    | {kind: some(kind) for kind in ("channel", "reason", "unit", "role", "segment")}
    | {
        "direction": st.sampled_from([None, "in", "out"]),
        "duration_s": st.none() | st.integers(0, 50_000).map(lambda eighths: eighths / 8),
        "cost": st.none() | st.integers(0, 20 * MICRO),
        "outcome": st.none() | st.sampled_from(OUTCOMES),
    }
)


@st.composite
def contacts(draw: st.DrawFn, *, most: int = 25) -> list[Row]:
    """Contacts with a sequence each; no two of one customer are at the same place of a history."""
    rows = draw(st.lists(CONTACT, max_size=most))
    places = draw(st.permutations(range(len(rows))))
    return [row | {"sequence": place, "contact_id": f"c{place}"} for row, place in zip(rows, places, strict=True)]


@st.composite
def rating(draw: st.DrawFn) -> Row:
    metric, low, high = draw(MEASURES)
    answer = draw(st.sampled_from(["given", "given", "given", "never_used", "not_answered"]))
    steps = st.integers(0, int(2 * (high - low))).map(lambda halves: low + halves / 2)
    return {
        "customer_id": draw(CUSTOMERS),
        "occurred_at": draw(moments()),
        "touchpoint": draw(st.none() | TOUCHPOINTS),
        "metric": metric,
        "scale_low": low,
        "scale_high": high,
        "answer": answer,
        "score": draw(steps) if answer == "given" else None,
        "rater": draw(st.sampled_from(["customer", "customer", "staff"])),
        "channel": draw(some("channel")),
        "contact_id": draw(st.none() | st.integers(0, 9).map("c{}".format)),
        "response_id": draw(st.sampled_from(["s1", "s2", "s3"])),
    }


def ratings(*, most: int = 20) -> st.SearchStrategy[list[Row]]:
    return st.lists(rating(), max_size=most)


def sixty_customers() -> tuple[list[Row], list[Row]]:
    """600 contacts and 400 ratings in which every name occurs: enough that seven buckets have something each."""
    draw = random.Random(1)  # noqa: S311
    met = [
        {
            "customer_id": f"c{draw.randrange(60)}",
            "occurred_at": START + timedelta(hours=draw.randrange(2_000)),
            "outcome": draw.choice([None, None, None, *OUTCOMES]),
            "cost": draw.randrange(9 * MICRO),
            "duration_s": draw.randrange(900),
        }
        | {kind: draw.choice([*names, names[0]]) for kind, names in NAMES.items()}
        for _ in range(600)
    ]
    scales = {"csat": {"scale_low": 1.0, "scale_high": 5.0}, "nps": {"scale_low": 0.0, "scale_high": 10.0}}
    heard = [{"answer": "given", "score": float(score)} for score in range(1, 6)]
    heard += [{"answer": "never_used", "score": None}]
    said = [
        {"customer_id": row["customer_id"], "occurred_at": row["occurred_at"], "metric": metric}
        | {"response_id": "s", "rater": "customer"}
        | {"touchpoint": row["touchpoint"] if metric == "csat" else None}
        | scales[metric]
        | draw.choice(heard)
        for row in met[:200]
        for metric in scales
    ]
    return met, said


def histories(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Each customer with their contacts in order."""
    ordered = sorted(rows, key=lambda row: (row["customer_id"], row["occurred_at"], row["sequence"]))
    return [(name, list(history)) for name, history in groupby(ordered, lambda row: row["customer_id"])]


def tuples(table: pa.Table, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of an answer, all columns or some; floats to nine digits, so that only real differences differ."""
    rows = table.select(list(columns) or table.column_names).to_pylist()
    return [tuple(round(value, 9) if isinstance(value, float) else value for value in row.values()) for row in rows]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
