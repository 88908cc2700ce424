"""An Analysis as report.json, and back; and the JSON Schema of that file, read off the dataclasses."""

import dataclasses
import json
import types
from functools import cache
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from tangente.analysis.model import Analysis
from tangente.errors import SourceError
from tangente.messages import Message

DIGITS = 10  # significant ones: beyond them machines may differ
NOTE = "Holds small cells: not for publication."

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}


def to_json(analysis: Analysis) -> str:
    """The text of report.json; missing is null."""
    return json.dumps({"note": NOTE} | plain(analysis), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def from_json(text: str) -> Analysis:
    """The Analysis of a text that `to_json` made; other texts raise ValueError, KeyError or TypeError."""
    return cast(Analysis, _typed(Analysis, json.loads(text)))


def read_report(path: Path) -> Analysis:
    """Read an earlier report.json.

    Raises: SourceError if the file is missing or no report.
    """
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(Message("E-FILE", "{file}: there is no such file", file=path)) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SourceError(
            Message(
                "E-REPORT",
                "{file} is no report.json that this Tangente wrote; compare with a report of the same version",
                file=path,
            )
        ) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of report.json."""
    definitions: dict[str, Any] = {}
    schema = _schema(Analysis, definitions)
    definitions["Analysis"]["properties"]["note"] = {"const": NOTE}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "report.json",
        **schema,
        "$defs": definitions,
    }


def plain(value: Any) -> Any:
    """Dataclasses as dicts under their names in the file, floats rounded to what machines agree on."""
    if dataclasses.is_dataclass(value):
        return {key_of(field): plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value


def _typed(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = _hints(cast(Any, kind))
        fields = {
            field.name: _typed(hints[field.name], value[key_of(field)])
            for field in dataclasses.fields(kind)
            if key_of(field) in value or _is_required(field)
        }
        return cast(Any, kind)(**fields)
    if get_origin(kind) is list:
        return [_typed(get_args(kind)[0], item) for item in value]
    if get_origin(kind) is dict:
        return {key: _typed(get_args(kind)[1], item) for key, item in value.items()}
    if get_origin(kind) in (types.UnionType, Union):
        return (
            None if value is None else _typed(next(one for one in get_args(kind) if one is not types.NoneType), value)
        )
    return _plain_value(kind, value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _is_required(field: dataclasses.Field[Any]) -> bool:
    """A field with a default was added later: reports of before lack it."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _plain_value(kind: Any, value: Any) -> Any:
    if type(value) is kind or (kind is float and type(value) is int):
        return value
    raise TypeError(f"{value!r} is no {kind.__name__}")


def _schema(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(kind):
        return _reference(kind, definitions)
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if get_origin(kind) is list:
        return {"type": "array", "items": _schema(get_args(kind)[0], definitions)}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _schema(get_args(kind)[1], definitions)}
    return {"anyOf": [_schema(one, definitions) for one in get_args(kind)]}


def _reference(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # now, because a class may hold itself
        hints = get_type_hints(kind)
        properties = {key_of(field): _schema(hints[field.name], definitions) for field in dataclasses.fields(kind)}
        definitions[kind.__name__].update(
            type="object",
            description=(kind.__doc__ or "").strip(),
            properties=properties,
            required=list(properties),
            additionalProperties=False,
        )
    return {"$ref": f"#/$defs/{kind.__name__}"}


def key_of(field: dataclasses.Field[Any]) -> str:
    """The name of a field in report.json."""
    return cast(str, field.metadata.get("key", field.name))
