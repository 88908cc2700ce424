"""The values of a mapping file, checked: each is what its place asks for, or an error that says where and what."""

from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from tangente.errors import SourceError
from tangente.messages import Message

Toml = dict[str, Any]


def check_keys(toml: Toml, allowed: Iterable[str], *, where: str) -> None:
    allowed = list(allowed)
    for key in toml:
        if key in allowed:
            continue
        if near := get_close_matches(key, allowed, 1):
            said = Message(
                "E-MAPPING",
                "{where} has the unknown key '{key}'; did you mean '{near}'?",
                where=where,
                key=key,
                near=near[0],
            )
        else:
            said = Message(
                "E-MAPPING",
                "{where} has the unknown key '{key}'; allowed are {allowed}",
                where=where,
                key=key,
                allowed=allowed,
            )
        raise SourceError(said)


def choice_of(value: object, allowed: Iterable[str], where: str) -> str:
    allowed = list(allowed)
    if value not in allowed:
        raise SourceError(
            Message(
                "E-MAPPING",
                "{where} is {value}; allowed are {allowed}",
                where=where,
                value=repr(value),
                allowed=[repr(word) for word in allowed],
            )
        )
    return str(value)


def section_of(value: object, where: str) -> Toml:
    if not isinstance(value, dict):
        raise SourceError(
            Message(
                "E-MAPPING", "{where} is {value}; it must be a table of key = value", where=where, value=repr(value)
            )
        )
    return value


def list_of(value: object, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise SourceError(
            Message("E-MAPPING", '{where}: {value} must be a list, as ["A", "B"]', where=where, value=repr(value))
        )
    return value


def string_of(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise SourceError(
            Message("E-MAPPING", "{where}: {value} must be a text in quotes", where=where, value=repr(value))
        )
    return value


def text_of(value: object, where: str) -> str:
    if not string_of(value, where).strip():
        raise SourceError(Message("E-MAPPING", "{where} is empty; it needs a text", where=where))
    return str(value)


def word_of(value: object, where: str) -> str:
    """A text, or a whole number or date as the text a file would have."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        raise SourceError(
            Message(
                "E-MAPPING",
                '{where}: write {value} as a text, with the decimal sign of the file, as "0.5"',
                where=where,
                value=value,
            )
        )
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise SourceError(
        Message(
            "E-MAPPING", "{where}: {value} must be a text, a whole number or a date", where=where, value=repr(value)
        )
    )


def words_of(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise SourceError(
            Message("E-MAPPING", '{where}: {value} must be a list, as ["6", "n/a"]', where=where, value=repr(value))
        )
    return tuple(word_of(each, where) for each in value)
