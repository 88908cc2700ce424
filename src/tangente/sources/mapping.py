"""The mapping file: TOML in, checked parts out; every key that is not understood is an error that names the way out."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tangente.contactlog.schema import TABLES
from tangente.errors import SourceError
from tangente.sources.numerals import AMOUNT_UNITS, DURATION_UNITS
from tangente.sources.parts import FIXED_SCALES, WORDS, Field, LogRow, Part, Settings, Table
from tangente.sources.times import check_format

Toml = dict[str, Any]

ENCODINGS = ("utf-8", "cp1252", "utf-16")
SETTINGS = tuple(Settings.__dataclass_fields__)
CODES = ("never_used", "not_answered")
CHOICES = {
    "encoding": ENCODINGS,
    "decimal": (".", ","),
    "thousands": (".", ",", " ", "'"),
    "ambiguous": ("earliest", "latest"),
    "nonexistent": ("shift",),
}
OPTIONS = ("column", "columns", "constant", "join", "missing", "values", "default", "prefix", "format", "unit")
UNITS: dict[str, Iterable[str]] = {"duration_s": DURATION_UNITS, "cost": AMOUNT_UNITS, "value": AMOUNT_UNITS}
REQUIRED = {"contacts": ("customer_id", "occurred_at", "touchpoint"), "ratings": ("occurred_at", "metric", "score")}
OF_THE_ITEM = ("score", "touchpoint", "answer", "question", "rating_id")
ITEM_CONSTANTS = ("touchpoint", "metric", "scale_low", "scale_high", "question")
OF_THE_CONTACT = ("customer_id", "contact_id", "occurred_at", "touchpoint", "channel", "unit", "segment", "source")


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """What the columns of a file mean; see docs/reference/mapping.md."""

    name: str
    text: str
    parts: tuple[Part, ...]
    currency: str | None

    @classmethod
    def load(cls, path: str | Path) -> Self:
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SourceError(f"the mapping {path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SourceError(f"the mapping {path} is not UTF-8; save it as UTF-8") from error
        return cls.from_text(text, name=path.name)

    @classmethod
    def from_text(cls, text: str, *, name: str = "mapping.toml") -> Self:
        try:
            toml = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"{name} is not TOML: {error}") from error
        _known(toml, ("currency", *TABLES), where=name)
        parts = [_part(toml[key], key, where=f"{name}, [{key}]") for key in ("contacts", "ratings") if key in toml]
        if not parts:
            raise SourceError(f"{name} has neither [contacts] nor [ratings]; it needs one of them")
        currency = _text(toml["currency"], f"{name}, currency") if "currency" in toml else None
        return cls(name=name, text=text, parts=tuple(parts), currency=currency)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _part(toml: object, name: Table, *, where: str) -> Part:
    table = _table(toml, where)
    extras = ("rating",) if name == "contacts" else (*CODES, "items")
    _known(table, (*TABLES[name].names, *SETTINGS, *extras), where=where)
    settings = _settings(table, where)
    if name == "contacts":
        rows = _contact_rows(table, where)
    elif "items" in table:
        rows = _item_rows(table, where)
    else:
        rows = (_rating_row(_fields(table, "ratings", where), _codes(table, where), where),)
    part = Part(name=name, settings=settings, rows=rows)
    if not part.columns:
        raise SourceError(f"{where} reads no column of the file; at least one field needs a column")
    return part


def _contact_rows(table: Toml, where: str) -> tuple[LogRow, ...]:
    contact = _fields(table, "contacts", where)
    _require(contact, "contacts", where)
    rows = (LogRow(table="contacts", fields=contact),)
    if "rating" not in table:
        return rows
    where = where.replace("[contacts]", "[contacts.rating]")
    rating = _table(table["rating"], where)
    _known(rating, (*TABLES["ratings"].names, *CODES), where=where)
    inherited = {key: contact[key] for key in OF_THE_CONTACT if key in contact}
    fields = inherited | _fields(rating, "ratings", where)
    return (*rows, _rating_row(fields, _codes(rating, where), where, needs_score="answer" not in fields))


def _rating_row(
    fields: dict[str, Field], codes: dict[str, tuple[str, ...]], where: str, *, needs_score: bool = False
) -> LogRow:
    _require(fields, "ratings", where)
    metric = fields["metric"].constant
    if metric not in FIXED_SCALES and not {"scale_low", "scale_high"} <= fields.keys():
        raise SourceError(f"{where}: it needs scale_low and scale_high, as scale_low = 1 and scale_high = 5")
    low, high = (fields.get(name, Field()).constant for name in ("scale_low", "scale_high"))
    if metric not in FIXED_SCALES and low is not None and low == high:
        raise SourceError(f"{where}: scale_low and scale_high are both {low}; a scale needs two different ends")
    _check_sheet(fields, where)
    return LogRow(table="ratings", fields=fields, needs_score=needs_score, **codes)


def _check_sheet(fields: dict[str, Field], where: str) -> None:
    """The log keeps response_id as it is, so the customer's number there would undo the pseudonym."""
    customer, sheet = fields.get("customer_id"), fields.get("response_id")
    if customer is not None and sheet in (customer, Field(columns=customer.columns)):
        raise SourceError(
            f"{where}: response_id and customer_id both read {customer.heading!r}, and response_id is stored as it is; "
            "leave response_id out, then the customer's answers at one time are one sheet"
        )


def _item_rows(table: Toml, where: str) -> tuple[LogRow, ...]:
    for key in OF_THE_ITEM:
        if key in table:
            raise SourceError(f"{where}: {key} cannot stand beside items; a row gives several ratings, so leave it out")
    if not isinstance(table["items"], list) or not table["items"]:
        raise SourceError(f"{where}: items must be a list of tables; begin each with [[ratings.items]]")
    shared = _fields(table, "ratings", where)
    codes = _codes(table, where)
    rows = [_item_row(item, shared, codes, f"{where}, item {i}") for i, item in enumerate(table["items"], 1)]
    columns = [row.fields["score"].columns[0] for row in rows]
    for column in columns:
        if columns.count(column) > 1:
            raise SourceError(f"{where}: two items read the column {column!r}; each item needs its own")
    return tuple(rows)


def _item_row(toml: object, shared: dict[str, Field], codes: dict[str, tuple[str, ...]], where: str) -> LogRow:
    item = _table(toml, where)
    _known(item, ("column", "values", "missing", *ITEM_CONSTANTS, *CODES), where=where)
    if "column" not in item:
        raise SourceError(f'{where} names no column; write column = "…", the heading of its scores')
    score = {key: item[key] for key in ("column", "values", "missing") if key in item}
    own = {key: _constant(item[key], key, f"{where}, {key}") for key in ITEM_CONSTANTS if item.get(key, "") != ""}
    fields = shared | own | {"score": _field(score, "score", f"{where}, score")}
    return _rating_row(fields, codes | _codes(item, where), where)


def _fields(table: Toml, name: Table, where: str) -> dict[str, Field]:
    return {key: _field(table[key], key, f"{where}, {key}") for key in TABLES[name].names if key in table}


def _field(toml: object, key: str, where: str) -> Field:
    if isinstance(toml, str):
        return Field(columns=(_text(toml, where),))
    if not isinstance(toml, dict):
        return _constant(toml, key, where)
    _known(toml, OPTIONS, where=where)
    if sum(source in toml for source in ("column", "columns", "constant")) != 1:
        raise SourceError(f"{where} needs exactly one of column, columns and constant")
    if "constant" in toml:
        if len(toml) > 1:
            raise SourceError(f"{where}: a constant takes no other option")
        return _constant(toml["constant"], key, where)
    columns = toml["columns"] if "columns" in toml else [toml["column"]]
    return Field(
        columns=tuple(_text(column, where) for column in _list(columns, where)),
        join=_string(toml.get("join", " "), where),
        missing=_words(toml.get("missing", []), where),
        values=tuple((key, _word(to, where)) for key, to in _table(toml.get("values", {}), where).items()),
        default=_word(toml["default"], where) if "default" in toml else None,
        prefix=_string(toml.get("prefix", ""), where),
        format=_format(toml, key, where),
        unit=_unit(toml, key, where),
    )


def _constant(toml: object, key: str, where: str) -> Field:
    word = _word(toml, where)
    if key in WORDS:
        _choice(word, WORDS[key], where)
    return Field(constant=word)


def _format(toml: Toml, key: str, where: str) -> str | None:
    if "format" not in toml:
        return None
    if key != "occurred_at":
        raise SourceError(f"{where} takes no format; only occurred_at does")
    return check_format(_text(toml["format"], where), where)


def _unit(toml: Toml, key: str, where: str) -> str | None:
    if "unit" not in toml:
        return None
    if key not in UNITS:
        raise SourceError(f"{where} takes no unit; only {', '.join(UNITS)} do")
    return _choice(toml["unit"], UNITS[key], where)


def _settings(table: Toml, where: str) -> Settings:
    given: Toml = {key: table[key] for key in SETTINGS if key in table}
    for key, value in given.items():
        if key in CHOICES:
            _choice(value, CHOICES[key], f"{where}, {key}")
        elif key != "missing":
            _text(value, f"{where}, {key}")
    settings = Settings(**given | {"missing": _words(given.get("missing", []), f"{where}, missing")})
    if len(settings.delimiter) != 1 or settings.delimiter in '"\r\n' or not settings.delimiter.isascii():
        raise SourceError(f'{where}, delimiter is {settings.delimiter!r}; it must be one character, as ";"')
    if settings.thousands == settings.decimal:
        raise SourceError(f"{where}: decimal and thousands are both {settings.decimal!r}; they must differ")
    _check_timezone(settings.timezone, where)
    return settings


def _check_timezone(timezone: str | None, where: str) -> None:
    try:
        if timezone is not None:
            ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceError(f"{where}, timezone {timezone!r} is unknown; write an IANA name, as Europe/Berlin") from error


def _codes(table: Toml, where: str) -> dict[str, tuple[str, ...]]:
    return {key: _words(table[key], f"{where}, {key}") for key in CODES if key in table}


def _require(fields: dict[str, Field], table: Table, where: str) -> None:
    for key in REQUIRED[table]:
        if key not in fields:
            raise SourceError(
                f'{where} does not say which column is {key}; write {key} = "…", the heading of that column'
            )


def _known(toml: Toml, allowed: Iterable[str], *, where: str) -> None:
    allowed = list(allowed)
    for key in toml:
        if key not in allowed:
            near = get_close_matches(key, allowed, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(allowed)}"
            raise SourceError(f"{where} has the unknown key {key!r}{hint}")


def _choice(value: object, allowed: Iterable[str], where: str) -> str:
    if value not in tuple(allowed):
        raise SourceError(f"{where} is {value!r}; allowed are {', '.join(repr(word) for word in allowed)}")
    return str(value)


def _table(value: object, where: str) -> Toml:
    if not isinstance(value, dict):
        raise SourceError(f"{where} is {value!r}; it must be a table of key = value")
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise SourceError(f'{where}: {value!r} must be a list, as ["A", "B"]')
    return value


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise SourceError(f"{where}: {value!r} must be a text in quotes")
    return value


def _text(value: object, where: str) -> str:
    if not _string(value, where).strip():
        raise SourceError(f"{where} is empty; it needs a text")
    return str(value)


def _word(value: object, where: str) -> str:
    """A text, or a whole number or date as the text a file would have."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        raise SourceError(f'{where}: write {value!r} as a text, with the decimal sign of the file, as "0.5"')
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise SourceError(f"{where}: {value!r} must be a text, a whole number or a date")


def _words(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise SourceError(f'{where}: {value!r} must be a list, as ["6", "n/a"]')
    return tuple(_word(each, where) for each in value)
