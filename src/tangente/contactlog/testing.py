"""Write a log by hand, for tests and examples: journeys("anna: ad shop buy")."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tangente.contactlog.codes import Codes, measures
from tangente.contactlog.histories import known_values, make_ready
from tangente.contactlog.log import ContactLog
from tangente.contactlog.schema import CONTACTS, MICRO, RATINGS, TABLES, check

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
_GIVEN = {"metric": "csat", "answer": "given", "rater": "customer"}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_TOKEN = re.compile(
    r"(?P<touchpoint>[^+=!(\s]+)"
    r"(?:\+(?P<gap>\d+)(?P<unit>[smhd]))?"
    r"(?:=(?P<score>\d+(?:\.\d+)?))?"
    r"(?:!(?P<outcome>\w+))?"
    r"(?:\((?P<facts>[^)]*)\))?$"
)


def journeys(*lines: str, buckets: int = 1, **settings: Any) -> ContactLog:
    """A contact log from one line per customer, `name: touchpoint touchpoint …`, oldest contact first.

    The first contact is on 2026-01-01 at noon UTC, each next one an hour after the one before. A touchpoint may carry, in
    this order: `+3d` the gap to the contact before (s, m, h, d), `=4` a satisfaction rating from 1 to 5 given there,
    `!purchase` an outcome, `(reason=bill,cost=4.20)` any other columns (cost in currency units).

    Args:
        buckets: how many buckets the customers are spread over; answers must not depend on it.
        settings: of the ContactLog, as `timezone="UTC"`.
    Returns: a log in memory.
    Raises: ValueError for a line that is not in this notation.
    Cost: for tests; some milliseconds.  Source: docs/explanation/contact-log.md

    >>> journeys("anna: ad shop+2d=4 buy!purchase(cost=0.5)").bucket(0).contacts["cost"].tolist()
    [-1, -1, 500000]
    """
    contacts: list[dict[str, Any]] = []
    ratings: list[dict[str, Any]] = []
    for line in lines:
        name, _, steps = line.partition(":")
        at = START
        for place, token in enumerate(re.findall(r"[^\s(]+(?:\([^)]*\))?", steps)):
            contact, score = _contact(name.strip(), token, place)
            at += timedelta(seconds=contact.pop("gap") if place else 0)
            contacts.append(contact | {"occurred_at": at, "sequence": len(contacts)})
            if score is not None:
                ratings.append(_rating(contact, at, score))
    return from_rows(contacts, ratings, buckets=buckets, **settings)


def from_rows(
    contacts: list[dict[str, Any]], ratings: list[dict[str, Any]], *, buckets: int = 1, **settings: Any
) -> ContactLog:
    """A contact log in memory from rows as dicts; ids and what else must not be empty are filled in.

    Args:
        contacts: at least customer_id, occurred_at and touchpoint of each; without `sequence` their order counts.
        ratings: at least customer_id and occurred_at of each; without `answer` it is a given csat answer of the customer.
            Names are coded in the order in which they appear; answers must not depend on it.
        buckets: how many buckets the customers are spread over; answers must not depend on it.
        settings: of the ContactLog, as `timezone="UTC"`.
    Raises: ContactLogError if a row breaks the contract of its table.
    Cost: for tests; some milliseconds.  Source: docs/explanation/contact-log.md

    >>> log = from_rows([{"customer_id": "anna", "occurred_at": START, "touchpoint": "shop", "cost": 5}], [])
    >>> log.bucket(0).contacts["cost"].tolist()
    [5]
    """
    met = [{"contact_id": f"c{place}", "sequence": place} | row for place, row in enumerate(contacts)]
    said = [{"rating_id": f"r{place}", "response_id": f"s{place}"} | _GIVEN | row for place, row in enumerate(ratings)]
    tables = pa.Table.from_pylist(met, CONTACTS), pa.Table.from_pylist(said, RATINGS)
    for table, name in zip(tables, TABLES, strict=True):
        check(table, name)
    codes = _codes(*tables)
    people = sorted({row["customer_id"] for row in [*contacts, *ratings]})
    stored = []
    for index in range(buckets):
        own = pa.array(people[index::buckets], pa.string())
        parts = [table.filter(pc.is_in(table["customer_id"], own)) for table in tables]
        stored.append(make_ready(parts[0], parts[1], codes))
    return ContactLog(stored, codes, **settings)


def _codes(contacts: pa.Table, ratings: pa.Table) -> Codes:
    """Codes in the order in which names first appear, so that a question whose answer depends on codes is found out."""
    codes = known_values(contacts, ratings, Codes())
    appeared = {
        kind: [table[kind] for table in (contacts, ratings) if kind in table.column_names] for kind in codes.values
    }
    appeared["measure"] = [measures(ratings)]
    names = {
        kind: dict.fromkeys(chain(*(pc.unique(column).to_pylist() for column in appeared[kind]))) for kind in appeared
    }
    return Codes({kind: (None, *(name for name in names[kind] if name is not None)) for kind in names})


def _contact(name: str, token: str, place: int) -> tuple[dict[str, Any], float | None]:
    match = _TOKEN.match(token)
    if match is None:
        raise ValueError(f"{token!r} is not journey notation, such as shop+2d=4!purchase(reason=bill)")
    gap = int(match["gap"]) * _UNITS[match["unit"]] if match["gap"] else 3600
    contact: dict[str, Any] = {"customer_id": name, "contact_id": f"{name}-{place}"}
    contact |= {"touchpoint": match["touchpoint"], "outcome": match["outcome"]}
    for fact in filter(None, (match["facts"] or "").split(",")):
        column, _, value = fact.partition("=")
        contact[column] = _value(column, value)
    score = float(match["score"]) if match["score"] else None
    return contact | {"gap": gap}, score


def _value(column: str, text: str) -> Any:
    if column in ("cost", "value"):
        return round(float(text) * MICRO)
    return float(text) if column == "duration_s" else text


def _rating(contact: dict[str, Any], at: datetime, score: float) -> dict[str, Any]:
    judged = {
        "customer_id": contact["customer_id"],
        "contact_id": contact["contact_id"],
        "touchpoint": contact["touchpoint"],
    }
    return judged | {"occurred_at": at, "metric": "csat", "score": score, "scale_low": 1.0, "scale_high": 5.0}
