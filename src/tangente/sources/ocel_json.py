"""OCEL 2.0 as JSON: its lists of event types, object types, events and objects."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.cell_texts import number_text
from tangente.sources.ocel import Change, Event, OcelTable
from tangente.sources.parts import Settings
from tangente.sources.strict_json import JsonNumber, StrictJson

TYPES = ("eventTypes", "objectTypes")


class _Wrong(Exception):
    """The key of what is not as OCEL has it."""


def open_ocel_json(path: Path, settings: Settings) -> OcelTable:
    return OcelTable(path, settings, OcelJson(path, settings.decimal_sign))


class OcelJson:
    """The types are read at once, for they mostly stand first; objects and events when they are asked for."""

    def __init__(self, path: Path, decimal: str) -> None:
        self.path, self.decimal = path, decimal
        types: dict[str, dict[str, list[str]]] = {}
        for key, item in StrictJson(path).items():
            if key in TYPES:
                types.setdefault(key, {}).update([self._type(key, item)])
            elif len(types) == len(TYPES):
                break
        for key in TYPES:
            if key not in types:
                raise SourceError(
                    Message("E-OCEL", "{file} is JSON, but not OCEL 2.0: it has no {key}", file=path.name, key=key)
                )
        self.event_attributes = [name for names in types["eventTypes"].values() for name in names]
        self.object_types = types["objectTypes"]

    def _items(self, wanted: str) -> Iterator[Any]:
        return (item for key, item in StrictJson(self.path).items() if key == wanted)

    def _type(self, key: str, item: Any) -> tuple[str, list[str]]:
        try:
            return _text(item, "name"), [_text(each, "name") for each in _list(item, "attributes")]
        except _Wrong as error:
            raise self._error(key, str(error)) from error

    def objects(self) -> Iterator[tuple[str, str]]:
        for item in self._items("objects"):
            try:
                yield _text(item, "id"), _text(item, "type")
            except _Wrong as error:
                raise self._error("objects", str(error)) from error

    def changes(self, kind: str) -> Iterator[Change]:
        for item in self._items("objects"):
            if item["type"] == kind:
                try:
                    yield from [
                        Change(item["id"], _text(each, "time"), {_text(each, "name"): self._cell(each)})
                        for each in _list(item, "attributes")
                    ]
                except _Wrong as error:
                    raise self._error("objects", str(error)) from error

    def events(self) -> Iterator[Event]:
        for number, item in enumerate(self._items("events"), 1):
            try:
                yield self._event(number, item)
            except _Wrong as error:
                fault = Message(
                    "E-OCEL", "its '{key}' is missing, twice there or not as OCEL 2.0 has it", key=str(error)
                )
                id = item.get("id") if isinstance(item, dict) else None
                yield Event(number, str(id or ""), None, None, {}, (), fault)

    def _event(self, number: int, item: Any) -> Event:
        given = _list(item, "attributes")
        attributes = {_text(each, "name"): self._cell(each) for each in given}
        if len(attributes) < len(given):
            raise _Wrong("attributes")
        related = [(_text(each, "objectId"), each.get("qualifier")) for each in _list(item, "relationships")]
        if not all(type(qualifier) in (str, type(None)) for _, qualifier in related):
            raise _Wrong("qualifier")
        return Event(number, _text(item, "id"), _text(item, "type"), _text(item, "time"), attributes, related)

    def _cell(self, item: Any) -> str | None:
        match item.get("value"):
            case bool(value):
                return str(value).lower()
            case JsonNumber() as value:
                return number_text(value, self.decimal)
            case None | str() as value:
                return value
        raise _Wrong("value")

    def _error(self, key: str, wrong: str) -> SourceError:
        return SourceError(
            Message(
                "E-OCEL",
                "{file}: in '{list}' a '{key}' is missing or not as OCEL 2.0 has it",
                file=self.path.name,
                list=key,
                key=wrong,
            )
        )


def _text(item: Any, key: str) -> str:
    value = item.get(key) if isinstance(item, dict) else None
    if not isinstance(value, str) or isinstance(value, JsonNumber):
        raise _Wrong(key)
    return value


def _list(item: Any, key: str) -> list[Any]:
    value = item.get(key, []) if isinstance(item, dict) else None
    if not isinstance(value, list):
        raise _Wrong(key)
    return value
