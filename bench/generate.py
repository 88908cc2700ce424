"""Write a contact log to measure with: `contacts.csv` in the order of time, as a company would hand it over, its mapping, and
files of 10,000 contacts each that come later.

Forty touchpoints in five phases, about twelve contacts a customer, two years, 1 % of the contacts at the same second as the
one before, 15 % with an answer from 1 to 10. `tangente simulate` is the truer company, but its ratings are a file of their
own, its contacts hardly ever tie, and it takes many times as long.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

Integers = NDArray[np.integer[Any]]

PHASES = ("influence", "presales", "purchase", "loyalty", "referral")
OF_A_PHASE = 8
TOUCHPOINTS = [f"{phase} {number}" for phase in PHASES for number in range(1, OF_A_PHASE + 1)]
CHANNELS = ("web", "email", "phone", "shop", "app", "social", "post", "chat")
DEPARTMENTS = ("marketing", "sales", "service", "call centre", "logistics", "product")
EMPLOYEES = 1_200

PHASE = np.repeat(np.arange(len(PHASES)), OF_A_PHASE)
FIRST_SECOND, SECONDS = 1_672_531_200, 730 * 86_400  # the years 2023 and 2024
LONGEST_GAP = 120 * 86_400
MEAN_CONTACTS = 12
TIES, ANSWERED = 0.01, 0.15

AT_ONCE = 500_000  # rows in the making; the rest are 9 bytes a contact
NEW_CONTACTS, NEW_FILES = 10_000, 9

MAPPING = """currency = "EUR"

[contacts]
decimal = "."
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
channel = "channel"
unit = "department"
employee = "employee"
cost = "cost"
outcome = "outcome"

[contacts.rating]
score = "satisfaction"
metric = { constant = "csat" }
scale_low = 1
scale_high = 10
"""


class Habits:
    """What is alike in all logs: which touchpoint follows which, what it costs, how it is judged, how often it sells."""

    def __init__(self) -> None:
        rng = np.random.default_rng(12345)
        popularity = 1 / (1 + rng.permutation(len(PHASE)) % OF_A_PHASE) ** 0.8
        onward = PHASE - PHASE[:, None]
        weights = np.select(
            [onward == 0, onward == 1, onward == 2, onward == -1, onward == -2], [0.68, 0.2, 0.02, 0.05, 0.01], 0.004
        )
        weights = weights * popularity * rng.gamma(1.2, size=weights.shape)
        weights[np.diag_indices_from(weights)] *= 0.5
        self.next = np.cumsum(weights / weights.sum(1, keepdims=True), axis=1)
        begin = np.select([PHASE == 0, PHASE == 1], [popularity, 0.15 * popularity], 0.01 * popularity)
        self.first = np.cumsum(begin / begin.sum())
        self.unit_cost = np.exp(rng.normal(0.8, 1.2, len(PHASE)))
        self.satisfaction = rng.uniform(5, 9.2, len(PHASE))
        self.buys = np.select([PHASE == 2, PHASE == 3], [rng.uniform(0.02, 0.12, len(PHASE)), 0.01], 0.0)


def write(folder: Path, contacts: int, seed: int = 7) -> None:
    """Write the log, its mapping, and the files that come later."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, habits = np.random.default_rng(seed), Habits()
    customer, touchpoint, second = _histories(rng, habits, contacts)
    order = np.argsort(second, kind="stable")
    _write_csv(
        folder / "contacts.csv",
        (
            _rows(rng, habits, *(column[order[begin : begin + AT_ONCE]] for column in (customer, touchpoint, second)))
            for begin in range(0, contacts, AT_ONCE)
        ),
    )
    for number in range(NEW_FILES):
        again = np.sort(rng.integers(0, 86_400, NEW_CONTACTS)) + SECONDS + number * 86_400
        known = customer[rng.integers(0, contacts, NEW_CONTACTS)], touchpoint[rng.integers(0, contacts, NEW_CONTACTS)]
        _write_csv(folder / f"new-{number}.csv", iter([_rows(rng, habits, *known, again)]))
    (folder / "mapping.toml").write_text(MAPPING)


def _histories(rng: np.random.Generator, habits: Habits, contacts: int) -> list[Integers]:
    """Customer, touchpoint and second of every contact, customer by customer."""
    lengths = _lengths(rng, contacts)
    parts = [
        _some_histories(rng, habits, first, lengths[first : first + AT_ONCE // MEAN_CONTACTS])
        for first in range(0, len(lengths), AT_ONCE // MEAN_CONTACTS)
    ]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _lengths(rng: np.random.Generator, contacts: int) -> Integers:
    """How many contacts each customer has, as many as asked for in all."""
    drawn = 1 + rng.negative_binomial(1.6, 1.6 / (0.6 + MEAN_CONTACTS), max(1, contacts // MEAN_CONTACTS * 2))
    ends = np.cumsum(drawn)
    customers = int(np.searchsorted(ends, contacts)) + 1
    lengths = drawn[:customers]
    lengths[-1] -= ends[customers - 1] - contacts
    return lengths


def _some_histories(
    rng: np.random.Generator, habits: Habits, first: int, lengths: Integers
) -> tuple[Integers, Integers, Integers]:
    ends = np.cumsum(lengths)
    begins = ends - lengths
    rows = int(ends[-1])
    gaps = np.minimum(np.exp(rng.normal(11.2, 1.9, rows)), LONGEST_GAP).astype(np.int64)
    gaps[rng.random(rows) < TIES] = 0
    gaps[begins] = 0
    passed = np.cumsum(gaps)
    customer = np.repeat(np.arange(len(lengths)), lengths)
    second = (passed - passed[begins][customer] + rng.integers(0, SECONDS, len(lengths))[customer]) % SECONDS
    second = second[np.lexsort((second, customer))]  # what ran past the end came round to the beginning
    return (first + customer).astype(np.int32), _walks(rng, habits, begins, lengths), second.astype(np.int32)


def _walks(rng: np.random.Generator, habits: Habits, begins: Integers, lengths: Integers) -> Integers:
    """A walk from touchpoint to touchpoint for each customer: step by step, for all who take that step at once."""
    touchpoint = np.empty(int(lengths.sum()), np.int8)
    here = np.searchsorted(habits.first, rng.random(len(lengths)))
    walking = np.arange(len(lengths))
    for step in range(int(lengths.max())):
        touchpoint[begins[walking] + step] = here
        goes_on = lengths[walking] > step + 1
        walking, here = walking[goes_on], here[goes_on]
        here = (habits.next[here] < rng.random(len(here))[:, None]).sum(axis=1)
    return touchpoint


def _rows(
    rng: np.random.Generator,
    habits: Habits,
    customer: Integers,
    touchpoint: Integers,
    second: Integers,
) -> pa.Table:
    """The rows as a company has them."""
    count, at = len(customer), pa.array(FIRST_SECOND + second.astype(np.int64)).cast(pa.timestamp("s"))
    cost = habits.unit_cost[touchpoint] * np.exp(rng.normal(0, 0.25, count))
    score = np.clip(np.rint(habits.satisfaction[touchpoint] + rng.normal(0, 1.6, count)), 1, 10).astype(np.int8)
    return pa.table(
        {
            "customer": pc.binary_join_element_wise(
                "K", pc.utf8_lpad(pa.array(customer).cast(pa.string()), 8, "0"), ""
            ),
            "time": pc.strftime(at, "%Y-%m-%dT%H:%M:%SZ"),
            "touchpoint": _named(TOUCHPOINTS, touchpoint),
            "channel": _named(CHANNELS, touchpoint * 7 % len(CHANNELS)),
            "department": _named(DEPARTMENTS, touchpoint % len(DEPARTMENTS)),
            "employee": pc.binary_join_element_wise(
                "E", pa.array(rng.integers(0, EMPLOYEES, count)).cast(pa.string()), ""
            ),
            "cost": pa.array(np.round(cost, 4)),
            "satisfaction": pa.array(score, mask=rng.random(count) >= ANSWERED),
            "outcome": _named(["purchase"], np.zeros(count, np.int8), rng.random(count) >= habits.buys[touchpoint]),
        }
    )


def _named(names: list[str] | tuple[str, ...], codes: Integers, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(names).take(pa.array(codes, mask=missing))


def _write_csv(file: Path, parts: Iterator[pa.Table]) -> None:
    """The name is there when the file is whole."""
    unfinished = file.with_suffix(".unfinished")
    first = next(parts)
    with pa_csv.CSVWriter(unfinished, first.schema, write_options=pa_csv.WriteOptions(quoting_style="none")) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(part)
    unfinished.rename(file)
