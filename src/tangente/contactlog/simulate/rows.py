"""From codes to rows in source form: the record batches of the two tables, names and ids instead of numbers."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tangente.contactlog.schema import CONTACTS, MICRO, RATINGS
from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.asking import GIVEN, NEVER_USED, NOT_ANSWERED, NPS, RECOMMENDED, SHEET, Ratings
from tangente.contactlog.simulate.company import NOTHING, Touchpoint
from tangente.contactlog.simulate.diary import Contacts
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.rhythm import DAY, FIRST_DAY, Codes, utc

COST_SPREAD, DURATION_SPREAD = 0.25, 0.55
_CENT = MICRO // 100

_ANSWERS = {GIVEN: "given", NEVER_USED: "never_used", NOT_ANSWERED: "not_answered"}
_SURVEYS = ("Kontaktbefragung", "Kundenbefragung", "Neukundenbefragung")
_ASKED_BY = ("SMS", "E-Mail", "E-Mail")
_WAVES = {
    "2024-2": date(2024, 7, 1),
    "2025-1": date(2025, 1, 1),
    "2025-2": date(2025, 7, 1),
    "2026-1": date(2026, 1, 1),
    "2026-2": date(2026, 7, 1),
}
_QUESTIONS = {
    "contact": "Wie zufrieden waren Sie mit diesem Kontakt? (v1)",
    "item": "Wie zufrieden sind Sie mit: {touchpoint}? (v1)",
    "overall": "Wie zufrieden sind Sie insgesamt mit Morgennetz? (v1)",
    "nps": "Wie wahrscheinlich ist es, dass Sie Morgennetz weiterempfehlen? (v1)",
    "recommended": "Sind Sie auf Empfehlung zu uns gekommen? (v1)",
}


def contact_rows(
    rng: np.random.Generator, people: People, contacts: Contacts, customer_ids: pa.Array, contact_ids: pa.Array
) -> pa.RecordBatch:
    where, count = contacts.touchpoint, len(contacts)
    touchpoints = company.touchpoints()
    by_other = rng.random(count) < company.OTHER_CHANNEL_SHARE
    channels = [touchpoint.channel for touchpoint in touchpoints]
    others = [touchpoint.other_channel or touchpoint.channel for touchpoint in touchpoints]
    noise = rng.standard_normal(count)
    cost = company.column("unit_cost")[where] * np.exp(COST_SPREAD * noise - COST_SPREAD**2 / 2)
    duration = company.column("duration_s")[where] * np.exp(DURATION_SPREAD * rng.standard_normal(count))
    return _batch(
        CONTACTS,
        {
            "contact_id": contact_ids,
            "customer_id": customer_ids.take(pa.array(contacts.customer)),
            "occurred_at": _times(utc(contacts.at)),
            "sequence": pa.array(_running_number(contacts.customer)),
            "touchpoint": _named([touchpoint.name_de for touchpoint in touchpoints], where),
            "channel": _named([*channels, *others], where + len(touchpoints) * by_other),
            "reason": _named(company.REASONS, contacts.reason),
            "direction": _named([touchpoint.direction for touchpoint in touchpoints], where),
            "unit": _named([_department(touchpoint) for touchpoint in touchpoints], where),
            "role": _named([touchpoint.role or None for touchpoint in touchpoints], where),
            "duration_s": pa.array(np.round(duration), mask=np.isnan(duration)),
            "cost": pa.array(np.rint(cost * MICRO).astype(np.int64)),
            "outcome": _named(company.OUTCOMES, contacts.outcome),
            "value": pa.array(contacts.value * _CENT, mask=contacts.value == 0),
            "segment": _named([tariff.name for tariff in company.TARIFFS], people.tariff[contacts.customer]),
            "source": _named([touchpoint.source for touchpoint in touchpoints], where),
        },
    )


def rating_rows(
    people: People, ratings: Ratings, customer_ids: pa.Array, contact_ids: pa.Array, first: int
) -> pa.RecordBatch:
    """Ratings and answer sheets are numbered from `first` on."""
    about = ratings.touchpoint
    touchpoints = company.touchpoints()
    departments = [touchpoint.department for touchpoint in touchpoints]
    contact = pa.array(ratings.contact, mask=ratings.contact == NOTHING)
    scale = np.array([[1.0, 5.0], [0.0, 10.0], [0.0, 1.0]])[ratings.metric]
    return _batch(
        RATINGS,
        {
            "rating_id": ids("R", first + np.arange(len(ratings)), 11),
            "response_id": ids("A", first + ratings.sheet, 11),
            "customer_id": customer_ids.take(pa.array(ratings.customer)),
            "contact_id": contact_ids.take(contact),
            "occurred_at": _times(utc(ratings.at)),
            "touchpoint": _named([touchpoint.name_de for touchpoint in touchpoints], about),
            "metric": _named(("csat", "nps", "recommended"), ratings.metric),
            "score": pa.array(ratings.score, mask=np.isnan(ratings.score)),
            "scale_low": pa.array(scale[:, 0]),
            "scale_high": pa.array(scale[:, 1]),
            "answer": _named([_ANSWERS[answer] for answer in sorted(_ANSWERS)], ratings.answer),
            "rater": _named(["customer"], np.zeros(len(ratings), np.int64)),
            "channel": _named(_ASKED_BY, ratings.survey),
            "unit": _named(departments, about),
            "segment": _named([tariff.name for tariff in company.TARIFFS], people.tariff[ratings.customer]),
            "question": _questions(ratings),
            "wave": _waves(ratings),
            "source": _named(_SURVEYS, ratings.survey),
        },
    )


def _department(touchpoint: Touchpoint) -> str | None:
    """Whoever looks at a page meets no department."""
    return None if touchpoint.source == "Webanalyse" else touchpoint.department


def _questions(ratings: Ratings) -> pa.Array:
    items = [_QUESTIONS["item"].format(touchpoint=touchpoint.name_de) for touchpoint in company.touchpoints()]
    names = [*items, *(_QUESTIONS[key] for key in ("contact", "overall", "nps", "recommended"))]
    special = np.where(ratings.survey == SHEET, len(items) + 1, len(items))
    special = np.where(ratings.metric == NPS, len(items) + 2, special)
    special = np.where(ratings.metric == RECOMMENDED, len(items) + 3, special)
    is_item = (ratings.survey == SHEET) & (ratings.touchpoint != NOTHING)
    return _named(names, np.where(is_item, ratings.touchpoint, special))


def _waves(ratings: Ratings) -> pa.Array:
    """The half-year of an answer sheet."""
    wave = np.searchsorted([(begin - FIRST_DAY).days for begin in _WAVES.values()], ratings.at // DAY, side="right") - 1
    return _named(list(_WAVES), np.where(ratings.survey == SHEET, wave, NOTHING))


def ids(prefix: str, numbers: NDArray[np.int64], width: int) -> pa.Array:
    """Of equal length, so that they sort."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _named(names: Sequence[str | None], codes: Codes) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes, mask=codes == NOTHING))


def _times(seconds: Codes) -> pa.Array:
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us", tz="UTC"))


def _running_number(customer: Codes) -> Codes:
    """From 1 within each customer, whose rows stand together."""
    begins = np.flatnonzero(np.diff(customer, prepend=-1))
    length = np.diff(np.append(begins, len(customer)))
    return np.arange(len(customer)) - np.repeat(begins, length) + 1


def _batch(schema: pa.Schema, columns: dict[str, pa.Array]) -> pa.RecordBatch:
    count = len(next(iter(columns.values())))
    full = [columns.get(field.name, pa.nulls(count, field.type)) for field in schema]
    return pa.RecordBatch.from_arrays(full, schema=schema)
