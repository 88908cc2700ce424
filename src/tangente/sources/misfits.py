"""Why no part of a mapping fits a file, or why more than one does, as sentences that name the way out."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import reduce

from tangente.messages import Message
from tangente.sources.parts import Part, Table

LONGEST_NAME = 200
"""Characters of the name of a column that are shown."""

MISSING, HEADERS = 3, 10
"""Missing columns, and columns of the file, that a message names at most."""


def several(file: str, mapping: str, parts: Sequence[Part]) -> Message:
    named = [Message("", "[{part}] ({columns})", part=part.name, columns=list(part.columns)) for part in parts]
    return Message(
        "E-MAPPING",
        "{file} fits both {one} and {other} of {mapping}; leave out the part that is not meant",
        file=file,
        one=named[0],
        other=named[1],
        mapping=mapping,
    )


def told(misfits: Sequence[tuple[Part, list[Message]]], meant: Table | None) -> Message:
    told = [said for part, said in misfits if meant in part.tables] or [said for _, said in misfits]
    return joined([said[0] for said in told] + [hint for said in told for hint in said[1:]])


def joined(sentences: Sequence[Message]) -> Message:
    """One sentence of several, each said once, under the code of the first."""
    return reduce(
        lambda one, other: Message(one.code, "{one}; {other}", one=one, other=other), dict.fromkeys(sentences)
    )


def misfit(headers: Sequence[str], part: Part, file: str, mapping: str) -> list[Message]:
    """Why the part cannot read a file with these headers, then a hint; nothing if it can."""
    missing = [column for column in part.columns if column not in headers]
    if missing:
        return [_missing(missing, part, file, mapping), _hint(missing, headers, part)]
    for column in part.columns:
        if headers.count(column) > 1:
            return [_twice(column, headers, file)]
    return []


def _missing(missing: Sequence[str], part: Part, file: str, mapping: str) -> Message:
    if len(missing) == 1:
        return Message(
            "E-MISSING",
            "{file} has no column '{column}', which [{part}] of {mapping} reads",
            file=file,
            column=missing[0],
            part=part.name,
            mapping=mapping,
        )
    return Message(
        "E-MISSING",
        "{file} has no columns {columns}, which [{part}] of {mapping} reads",
        file=file,
        columns=_some([f"'{column}'" for column in missing], MISSING),
        part=part.name,
        mapping=mapping,
    )


def _twice(column: str, headers: Sequence[str], file: str) -> Message:
    return Message(
        "E-DUPLICATE",
        "{file} has the column '{column}' more than once ({places}); give each its own name",
        file=file,
        column=column,
        places=[i for i, name in enumerate(headers, 1) if name == column],
    )


def _hint(missing: Sequence[str], headers: Sequence[str], part: Part) -> Message:
    near = {column: match for column in missing for match in get_close_matches(column, headers, 1)}
    if near:
        column, match = next(iter(near.items()))
        if len(missing) > 1:
            return Message("", "did you mean '{match}' for '{column}'?", match=match, column=column)
        return Message("", "did you mean '{match}'?", match=match)
    if len(headers) == 1:
        return Message(
            "",
            "its only column is '{column}', so the delimiter may not be '{delimiter}'",
            column=headers[0][:LONGEST_NAME],
            delimiter=part.settings.delimiter,
        )
    return Message("", "it has {columns}", columns=_some(headers, HEADERS))


def _some(names: Sequence[str], most: int) -> Message | list[str]:
    if len(names) <= most:
        return list(names)
    return Message("", "{names} and {more:,} more", names=list(names[:most]), more=len(names) - most)
