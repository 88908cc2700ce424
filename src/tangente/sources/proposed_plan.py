"""Which column of an unknown file feeds which field, and whether its rows are contacts, ratings, both or answer sheets."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources import headings
from tangente.sources.guesses import MOST, SCALES, scale_of, spelling_of_times
from tangente.sources.sample import Sample

Columns = dict[str, Sample]

ONLY_CONTACTS = {"cost", "duration_s", "outcome", "direction", "reason", "role", "value", "sequence"}
ONLY_RATINGS = set(headings.RATINGS) - set(headings.CONTACTS) - {"score"}
FEWEST_ITEMS = 2
BATTERY = 5
"""Columns with one stem that make a battery of questions; then other small numbers are answers of another kind."""
WHOLE = f"{headings.METRICS['nps']}, {headings.OVERALL}"
DATE = r"\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*"
QUESTIONS = {
    "customer_id": Message(
        "", "who the customer is (a heading like Kundennummer, Kunde, customer_id or case:concept:name would)"
    ),
    "occurred_at": Message("", "when it was (a heading like Zeitpunkt, Datum, timestamp or time:timestamp would)"),
    "touchpoint": Message(
        "", "which touchpoint it was (a heading like Kontaktpunkt, touchpoint, activity or concept:name would)"
    ),
}
ONE_DATE = Message("", " or, for one date, {line}", line='occurred_at = { constant = "2026-01-31" }')


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The columns of the contact, of the rating, and of the items of an answer sheet; `left` feeds nothing."""

    part: str
    contact: Columns = field(default_factory=dict)
    rating: Columns = field(default_factory=dict)
    items: tuple[Sample, ...] = ()
    clock: Sample | None = None
    left: tuple[Sample, ...] = ()

    @property
    def used(self) -> list[Sample]:
        return [*self.contact.values(), *self.rating.values(), *self.items]


def plan(columns: Columns, file: str) -> Plan:
    contact, rating = _assigned(headings.CONTACTS, columns), _assigned(headings.RATINGS, columns)
    if "metric" in rating and "score" not in rating and "value" in contact:
        rating["score"] = contact.pop("value")
    if "occurred_at" not in contact and (date := _only_date(columns)):
        contact["occurred_at"] = rating["occurred_at"] = date
    if "score" in rating and not rating["score"].scores:
        del rating["score"]
    chosen = _chosen(contact, rating, _items(columns, contact, rating))
    _check(chosen, columns, file)
    used = {sample.heading for sample in chosen.used}
    clock = headings.find(headings.CLOCK, [name for name in columns if name not in used])
    left = tuple(sample for name, sample in columns.items() if name not in used and name != clock)
    return replace(chosen, clock=columns[clock] if clock else None, left=left)


def _assigned(words: dict[str, str], columns: Columns) -> Columns:
    """The column of each field by its heading; a column feeds one field."""
    found: Columns = {}
    left = dict(columns)
    for name, spellings in words.items():
        heading = headings.find(spellings, left)
        if heading is not None:
            found[name] = left.pop(heading)
    return found


def _only_date(columns: Columns) -> Sample | None:
    """The one column that holds dates, whatever its heading."""
    dates = [
        sample
        for sample in columns.values()
        if sample.is_typed_time or (sample.mostly(DATE) and spelling_of_times(sample.texts) is not None)
    ]
    return dates[0] if len(dates) == 1 else None


def _chosen(contact: Columns, rating: Columns, items: tuple[Sample, ...]) -> Plan:
    if "touchpoint" not in rating and len(items) >= FEWEST_ITEMS:
        shared = {name: sample for name, sample in rating.items() if name != "score"}
        return Plan(part="ratings", rating=shared, items=items)
    if "score" not in rating:
        return Plan(part="contacts", contact=contact)
    if _gives_contacts(contact, rating):
        own = {name: sample for name, sample in rating.items() if name in ONLY_RATINGS or name == "score"}
        return Plan(part="contacts", contact=contact, rating=own)
    return Plan(part="ratings", rating=rating)


def _gives_contacts(contact: Columns, rating: Columns) -> bool:
    """Whether a row with a score is a contact first: it says what only a contact has, or is mostly not rated."""
    if "touchpoint" not in contact or rating.keys() & ONLY_RATINGS:
        return False
    texts = rating["score"].texts
    return bool(contact.keys() & ONLY_CONTACTS) or texts.null_count > MOST * len(texts)


def _items(columns: Columns, contact: Columns, rating: Columns) -> tuple[Sample, ...]:
    """Columns of whole numbers on a small scale; if many are one battery of questions, only those."""
    spoken_for = {sample.heading for name, sample in rating.items() if name != "score"}
    spoken_for |= {sample.heading for name, sample in contact.items() if name in ONLY_CONTACTS}
    asked = [sample for name, sample in columns.items() if name not in spoken_for and _is_asked(sample)]
    stems = Counter(_stem(sample) for sample in asked)
    stem, size = max(stems.items(), key=lambda each: each[1], default=("", 0))
    if size < BATTERY:
        return tuple(asked)
    return tuple(sample for sample in asked if _stem(sample) == stem or headings.is_one_of(sample.heading, WHOLE))


def _stem(sample: Sample) -> str:
    """What the headings of one battery of questions begin with: a word or a question's number."""
    begin = re.match(r"[^\W\d_]*\d+|[^\W\d_]+", sample.heading)
    return begin.group().lower() if begin else ""


def _is_asked(sample: Sample) -> bool:
    scores = sample.scores
    whole = sum(score == int(score) for score in scores)
    return sample.is_numeric and whole > MOST * len(scores) and len(set(scores)) > 1 and scale_of(scores) in SCALES


def _check(chosen: Plan, columns: Columns, file: str) -> None:
    is_contacts = chosen.part == "contacts"
    given = chosen.contact if is_contacts else chosen.rating
    for name in ("customer_id", "occurred_at", "touchpoint") if is_contacts else ("occurred_at",):
        if name not in given:
            raise SourceError(
                Message(
                    "E-PROPOSE",
                    '{file}: no column says {what}; write a mapping with {field} = "…" in [{part}]{way}; '
                    "the columns are {columns}",
                    file=file,
                    what=QUESTIONS[name],
                    field=name,
                    part=chosen.part,
                    way=ONE_DATE if name == "occurred_at" else "",
                    columns=list(columns),
                )
            )
