"""The mapping file: TOML in, checked parts out; every key that is not understood is an error that names the way out."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tangente.contactlog.schema import TABLES
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.mapping_values import (
    Toml,
    check_keys,
    choice_of,
    list_of,
    section_of,
    string_of,
    text_of,
    word_of,
    words_of,
)
from tangente.sources.numerals import AMOUNT_UNITS, DURATION_UNITS
from tangente.sources.parts import FIXED_SCALES, WORDS, Field, LogRow, Part, Settings, Table
from tangente.sources.times import check_format

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
PEOPLE = ("customer_id", "employee")
NEVER_SHOWN = (*PEOPLE, "occurred_at", *WORDS)
"""Fields in which no number of a person can be stored: pseudonyms, times and words of a list."""


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
            raise SourceError(
                Message("E-MAPPING", "the mapping {file} cannot be read: {reason}", file=path, reason=error.strerror)
            ) from error
        except UnicodeDecodeError as error:
            raise SourceError(
                Message("E-MAPPING", "the mapping {file} is not UTF-8; save it as UTF-8", file=path)
            ) from error
        return cls.from_text(text, name=path.name)

    @classmethod
    def from_text(cls, text: str, *, name: str = "mapping.toml") -> Self:
        try:
            toml = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SourceError(Message("E-MAPPING", "{file} is not TOML: {reason}", file=name, reason=error)) from error
        check_keys(toml, ("currency", *TABLES), where=name)
        parts = [_part(toml[key], key, where=f"{name}, [{key}]") for key in ("contacts", "ratings") if key in toml]
        if not parts:
            raise SourceError(
                Message("E-MAPPING", "{file} has neither [contacts] nor [ratings]; it needs one of them", file=name)
            )
        currency = text_of(toml["currency"], f"{name}, currency") if "currency" in toml else None
        return cls(name=name, text=text, parts=tuple(parts), currency=currency)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def _part(toml: object, name: Table, *, where: str) -> Part:
    table = section_of(toml, where)
    extras = ("rating",) if name == "contacts" else (*CODES, "items")
    check_keys(table, (*TABLES[name].names, *SETTINGS, *extras), where=where)
    settings = _settings(table, where)
    if name == "contacts":
        rows = _contact_rows(table, where)
    elif "items" in table:
        rows = _item_rows(table, where)
    else:
        rows = (_rating_row(_fields(table, "ratings", where), _codes(table, where), where),)
    part = Part(name=name, settings=settings, rows=rows)
    if not part.columns:
        raise SourceError(
            Message("E-MAPPING", "{where} reads no column of the file; at least one field needs a column", where=where)
        )
    _check_people(part, where)
    return part


def _contact_rows(table: Toml, where: str) -> tuple[LogRow, ...]:
    contact = _fields(table, "contacts", where)
    _require(contact, "contacts", where)
    rows = (LogRow(table="contacts", fields=contact),)
    if "rating" not in table:
        return rows
    where = where.replace("[contacts]", "[contacts.rating]")
    rating = section_of(table["rating"], where)
    check_keys(rating, (*TABLES["ratings"].names, *CODES), where=where)
    inherited = {key: contact[key] for key in OF_THE_CONTACT if key in contact}
    fields = inherited | _fields(rating, "ratings", where)
    return (*rows, _rating_row(fields, _codes(rating, where), where, needs_score="answer" not in fields))


def _rating_row(
    fields: dict[str, Field], codes: dict[str, tuple[str, ...]], where: str, *, needs_score: bool = False
) -> LogRow:
    _require(fields, "ratings", where)
    metric = fields["metric"].constant
    if metric not in FIXED_SCALES and not {"scale_low", "scale_high"} <= fields.keys():
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}: it needs scale_low and scale_high, as scale_low = 1 and scale_high = 5",
                where=where,
            )
        )
    low, high = (fields.get(name, Field()).constant for name in ("scale_low", "scale_high"))
    if metric not in FIXED_SCALES and low is not None and low == high:
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}: scale_low and scale_high are both {end}; a scale needs two different ends",
                where=where,
                end=low,
            )
        )
    return LogRow(table="ratings", fields=fields, needs_score=needs_score, **codes)


def _check_people(part: Part, where: str) -> None:
    """The log keeps all fields but those of people as they are, so a person's number there would undo the pseudonym."""
    fields = [each for row in part.rows for each in row.fields.items()]
    for person in PEOPLE:
        its = {column for name, field in fields if name == person for column in field.columns}
        for name, field in fields:
            shown = its.intersection(field.columns)
            if shown and name not in NEVER_SHOWN and not field.is_closed:
                raise SourceError(
                    Message(
                        "E-MAPPING",
                        "{where}: {field} reads '{column}' as {person} does, of which the log keeps a pseudonym only, "
                        "while it keeps {field} as it is; leave {field} out or let it read another column",
                        where=where,
                        field=name,
                        column=min(shown),
                        person=person,
                    )
                )


def _item_rows(table: Toml, where: str) -> tuple[LogRow, ...]:
    for key in OF_THE_ITEM:
        if key in table:
            raise SourceError(
                Message(
                    "E-MAPPING",
                    "{where}: {key} cannot stand beside items; a row gives several ratings, so leave it out",
                    where=where,
                    key=key,
                )
            )
    if not isinstance(table["items"], list) or not table["items"]:
        raise SourceError(
            Message(
                "E-MAPPING", "{where}: items must be a list of tables; begin each with [[ratings.items]]", where=where
            )
        )
    shared = _fields(table, "ratings", where)
    codes = _codes(table, where)
    rows = [_item_row(item, shared, codes, f"{where}, items {i}") for i, item in enumerate(table["items"], 1)]
    columns = [row.fields["score"].columns[0] for row in rows]
    for column in columns:
        if columns.count(column) > 1:
            raise SourceError(
                Message(
                    "E-MAPPING",
                    "{where}: two items read the column '{column}'; each item needs its own",
                    where=where,
                    column=column,
                )
            )
    return tuple(rows)


def _item_row(toml: object, shared: dict[str, Field], codes: dict[str, tuple[str, ...]], where: str) -> LogRow:
    item = section_of(toml, where)
    check_keys(item, ("column", "values", "missing", *ITEM_CONSTANTS, *CODES), where=where)
    if "column" not in item:
        raise SourceError(
            Message("E-MAPPING", '{where} names no column; write column = "…", the heading of its scores', where=where)
        )
    score = {key: item[key] for key in ("column", "values", "missing") if key in item}
    own = {key: _constant(item[key], key, f"{where}, {key}") for key in ITEM_CONSTANTS if item.get(key, "") != ""}
    fields = shared | own | {"score": _field(score, "score", f"{where}, score")}
    return _rating_row(fields, codes | _codes(item, where), where)


def _fields(table: Toml, name: Table, where: str) -> dict[str, Field]:
    return {key: _field(table[key], key, f"{where}, {key}") for key in TABLES[name].names if key in table}


def _field(toml: object, key: str, where: str) -> Field:
    if isinstance(toml, str):
        return Field(columns=(text_of(toml, where),))
    if not isinstance(toml, dict):
        return _constant(toml, key, where)
    check_keys(toml, OPTIONS, where=where)
    if sum(source in toml for source in ("column", "columns", "constant")) != 1:
        raise SourceError(
            Message("E-MAPPING", "{where} needs exactly one of column, columns and constant", where=where)
        )
    if "constant" in toml:
        if len(toml) > 1:
            raise SourceError(Message("E-MAPPING", "{where}: a constant takes no other option", where=where))
        return _constant(toml["constant"], key, where)
    columns = toml["columns"] if "columns" in toml else [toml["column"]]
    return Field(
        columns=tuple(text_of(column, where) for column in list_of(columns, where)),
        join=string_of(toml.get("join", " "), where),
        missing=words_of(toml.get("missing", []), where),
        values=tuple((key, word_of(to, where)) for key, to in section_of(toml.get("values", {}), where).items()),
        default=word_of(toml["default"], where) if "default" in toml else None,
        prefix=string_of(toml.get("prefix", ""), where),
        format=_format(toml, key, where),
        unit=_unit(toml, key, where),
    )


def _constant(toml: object, key: str, where: str) -> Field:
    word = word_of(toml, where)
    if key in WORDS:
        choice_of(word, WORDS[key], where)
    return Field(constant=word)


def _format(toml: Toml, key: str, where: str) -> str | None:
    if "format" not in toml:
        return None
    if key != "occurred_at":
        raise SourceError(Message("E-MAPPING", "{where} takes no format; only occurred_at does", where=where))
    return check_format(text_of(toml["format"], where), where)


def _unit(toml: Toml, key: str, where: str) -> str | None:
    if "unit" not in toml:
        return None
    if key not in UNITS:
        raise SourceError(
            Message("E-MAPPING", "{where} takes no unit; only {fields} do", where=where, fields=list(UNITS))
        )
    return choice_of(toml["unit"], UNITS[key], where)


def _settings(table: Toml, where: str) -> Settings:
    given: Toml = {key: table[key] for key in SETTINGS if key in table}
    for key, value in given.items():
        if key in CHOICES:
            choice_of(value, CHOICES[key], f"{where}, {key}")
        elif key != "missing":
            (string_of if key == "delimiter" else text_of)(value, f"{where}, {key}")  # a tab is a delimiter
    settings = Settings(**given | {"missing": words_of(given.get("missing", []), f"{where}, missing")})
    if len(settings.delimiter) != 1 or settings.delimiter in '"\r\n' or not settings.delimiter.isascii():
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}, delimiter is '{delimiter}'; it must be one character, as ';'",
                where=where,
                delimiter=settings.delimiter,
            )
        )
    if settings.thousands == settings.decimal:
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}: decimal and thousands are both '{sign}'; they must differ",
                where=where,
                sign=settings.decimal,
            )
        )
    _check_timezone(settings.timezone, where)
    return settings


def _check_timezone(timezone: str | None, where: str) -> None:
    try:
        if timezone is not None:
            ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where}, timezone '{timezone}' is unknown; write an IANA name, as Europe/Berlin",
                where=where,
                timezone=timezone,
            )
        ) from error


def _codes(table: Toml, where: str) -> dict[str, tuple[str, ...]]:
    return {key: words_of(table[key], f"{where}, {key}") for key in CODES if key in table}


def _require(fields: dict[str, Field], table: Table, where: str) -> None:
    for key in REQUIRED[table]:
        if key not in fields:
            raise SourceError(
                Message(
                    "E-MAPPING",
                    '{where} does not say which column is {key}; write {key} = "…", the heading of that column',
                    where=where,
                    key=key,
                )
            )
