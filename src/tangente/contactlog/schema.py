"""The two tables of the contact log: every column with its type, unit and meaning, and the check at every border."""

from collections.abc import Set
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from tangente.contactlog.coded import NAMES, is_name
from tangente.errors import ContactLogError

MICRO = 1_000_000
"""Amounts are integers: millionths of the currency unit, so that sums are exact and a banner view still costs something."""

DIRECTIONS = ("in", "out")
METRICS = ("nps", "csat", "ces", "stars", "expectation", "attribute", "recommended")
ANSWERS = ("given", "never_used", "not_answered")
RATERS = ("customer", "staff", "mystery")

TIME = pa.timestamp("us", tz="UTC")
YEARS = (1900, 2100)
"""Moments outside them are mistakes, and would make calendars of millions of days."""


def _column(name: str, kind: pa.DataType, meaning: str, *, unit: str = "", required: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=not required, metadata={"doc": meaning, "unit": unit})


CONTACTS = pa.schema(
    [
        _column(
            "contact_id",
            pa.string(),
            "the source's id, else a hash of the row and its occurrence number",
            required=True,
        ),
        _column("customer_id", pa.string(), "pseudonym: HMAC of the source's id with the log's key", required=True),
        _column(
            "occurred_at", TIME, "when the contact began, in the years 1900 to 2100", unit="UTC, µs", required=True
        ),
        _column(
            "sequence",
            pa.int64(),
            "breaks ties in time: the source's own, else the row's position in its file",
            required=True,
        ),
        _column("touchpoint", pa.string(), "where customer and company met", required=True),
        _column("channel", pa.string(), "by which channel"),
        _column("reason", pa.string(), "the customer's occasion"),
        _column("direction", pa.string(), "in: the customer came to us; out: we went to the customer"),
        _column("unit", pa.string(), "our department"),
        _column("role", pa.string(), "function of our person"),
        _column("employee", pa.string(), "pseudonym of our person; empty unless switched on"),
        _column("duration_s", pa.float64(), "handling time", unit="s, to the millisecond"),
        _column("cost", pa.int64(), "what the contact cost us", unit="millionths of the currency unit"),
        _column(
            "outcome",
            pa.string(),
            "resolved, open, abandoned, purchase, repurchase, referral, exit or the source's own",
        ),
        _column("value", pa.int64(), "value of the outcome, as of a purchase", unit="millionths of the currency unit"),
        _column("segment", pa.string(), "customer segment at that time"),
        _column("source", pa.string(), "system the row comes from"),
    ]
)

RATINGS = pa.schema(
    [
        _column(
            "rating_id", pa.string(), "the source's id, else a hash of the row and its occurrence number", required=True
        ),
        _column(
            "response_id", pa.string(), "one answer sheet: all rows of one person's one answer share it", required=True
        ),
        _column(
            "customer_id", pa.string(), "pseudonym; of the answer sheet where the customer is unknown", required=True
        ),
        _column("contact_id", pa.string(), "the contact that was judged; null if unknown"),
        _column("occurred_at", TIME, "when the answer was given, or asked for", unit="UTC, µs", required=True),
        _column("touchpoint", pa.string(), "what was judged; null: the company as a whole"),
        _column(
            "metric",
            pa.string(),
            "which kind of question; recommended: 1 if the customer came by recommendation",
            required=True,
        ),
        _column(
            "score", pa.float64(), "the answer on its scale; null unless given", unit="scale points, to the thousandth"
        ),
        _column("scale_low", pa.float64(), "worst end of the scale as numbered", unit="scale points"),
        _column("scale_high", pa.float64(), "other end of the scale", unit="scale points"),
        _column("answer", pa.string(), "what became of the question; an invitation is not_answered", required=True),
        _column("rater", pa.string(), "who judges", required=True),
        _column("channel", pa.string(), "by which channel it was asked"),
        _column("unit", pa.string(), "our department"),
        _column("segment", pa.string(), "customer segment at that time"),
        _column("question", pa.string(), "wording and version"),
        _column("wave", pa.string(), "survey wave"),
        _column("weight", pa.float64(), "survey weight; null: 1"),
        _column("source", pa.string(), "system the row comes from"),
    ]
)

TABLES = {"contacts": CONTACTS, "ratings": RATINGS}
IDS = {"contacts": "contact_id", "ratings": "rating_id"}

IMPORT_ID = _column("import_id", pa.string(), "the import that brought the row", required=True)
REPLACED_BY = _column("replaced_by", pa.string(), "the import that brought the row's new version", required=True)

REPLACED = {"contacts": "replaced_contacts", "ratings": "replaced_ratings"}
"""Where old versions of rows wait until the import that replaced them is undone."""

RECORD = {table: schema.append(IMPORT_ID) for table, schema in TABLES.items()}
RECORD |= {REPLACED[table]: RECORD[table].append(REPLACED_BY) for table in TABLES}
"""The tables as they are stored; the first two are the log."""

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "contacts": {"direction": DIRECTIONS},
    "ratings": {"metric": METRICS, "answer": ANSWERS, "rater": RATERS},
}
"""Columns that allow only these words."""

_MILLION, _BILLION = 1_000_000, 1_000_000_000
LIMITS: dict[str, dict[str, tuple[float, float]]] = {
    "contacts": {
        "duration_s": (0, _BILLION),
        "cost": (0, _MILLION * MICRO),
        "value": (-_BILLION * MICRO, _BILLION * MICRO),
    },
    "ratings": {
        "score": (-1_000, 1_000),
        "scale_low": (-1_000, 1_000),
        "scale_high": (-1_000, 1_000),
        "weight": (0, _MILLION),
    },
}
"""From where to where numbers may lie, so that no sum of a pass leaves 64 bits: nine million contacts may each cost the
most. Values of outcomes are never added up."""


def check(rows: pa.RecordBatch | pa.Table, table: str, *, unset: Set[str] = frozenset()) -> None:
    """Refuse rows that break the contract of `table`.

    Args:
        rows: any number of them; columns may come in any order, those of names dictionary-encoded.
        table: "contacts" or "ratings".
        unset: columns that may still be empty although the table requires them.
    Raises: ContactLogError naming the first column that is missing, of another type, empty where it must not be, outside
        its list of values or its limits; and for ratings with a score that are not given, or given without one.
    Cost: one look at each column.  Source: docs/reference/contact-log.md

    >>> from tangente.contactlog.schema import CONTACTS, check
    >>> check(CONTACTS.empty_table(), "contacts")
    >>> check(CONTACTS.empty_table().drop(["touchpoint"]), "contacts")
    Traceback (most recent call last):
    tangente.errors.ContactLogError: contacts: the column touchpoint is missing
    """
    for field in TABLES[table]:
        _check_column(rows, table, field, may_be_empty=field.nullable or field.name in unset)
    for name, allowed in WORDS[table].items():
        column = rows.column(name).cast(pa.string()).drop_null()
        strange = column.filter(pc.invert(pc.is_in(column, pa.array(allowed))))
        if len(strange):
            raise ContactLogError(f"{table}.{name} is {strange[0].as_py()!r}; allowed are {', '.join(allowed)}")
    for name, (low, high) in LIMITS[table].items():
        column = rows.column(name)
        within = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
        if pc.all(within).as_py() is False:
            beyond = column.filter(pc.invert(within))
            raise ContactLogError(f"{table}.{name} is {beyond[0].as_py()}; it must lie between {low:,} and {high:,}")
    _check_times(rows, table)
    if table == "ratings":
        _check_answers(rows)


def _check_column(rows: pa.RecordBatch | pa.Table, table: str, field: pa.Field, *, may_be_empty: bool) -> None:
    index = rows.schema.get_field_index(field.name)
    if index < 0:
        raise ContactLogError(f"{table}: the column {field.name} is missing")
    column = rows.column(index)
    if column.type != field.type and not (column.type == NAMES and is_name(field)):
        raise ContactLogError(f"{table}.{field.name} has type {column.type}; it must be {field.type}")
    pieces = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    if column.type == NAMES and any(piece.dictionary.null_count for piece in pieces):
        raise ContactLogError(
            f"{table}.{field.name} has null among its names; a row without a name needs a null itself"
        )
    if not may_be_empty and column.null_count:
        raise ContactLogError(f"{table}.{field.name} is empty in {column.null_count} rows; every row needs one")


def _check_times(rows: pa.RecordBatch | pa.Table, table: str) -> None:
    first, last = YEARS
    begin, end = (pa.scalar(datetime(year, 1, 1, tzinfo=UTC), TIME) for year in (first, last + 1))
    times = rows.column("occurred_at")
    beyond = pc.sum(pc.or_(pc.less(times, begin), pc.greater_equal(times, end))).as_py()
    if beyond:
        raise ContactLogError(f"{table}.occurred_at lies outside the years {first} to {last} in {beyond} rows")


def _check_answers(ratings: pa.RecordBatch | pa.Table) -> None:
    given = pc.equal(ratings.column("answer"), "given")
    wrong = pc.sum(pc.not_equal(given, pc.is_valid(ratings.column("score")))).as_py()
    if wrong:
        raise ContactLogError(
            f"ratings.score must be there where the answer is given, and only there; {wrong} rows differ"
        )
