"""What `tangente mapping check` prints: for each file what an import would do, as text or JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tangente.analysis.check import MOST_NAMES, Check, Content, in_micros
from tangente.analysis.reading import TABLE_NAMES, FileRead, iso
from tangente.analysis.refused import Kind
from tangente.messages import Message
from tangente.translation import Language, spoken

KINDS, NAMES, WIDTH = 10, 5, 24
"""Kinds of refusals and touchpoints that are named, and characters of a cell that are shown."""


def checked(checks: Sequence[Check]) -> str:
    """For people, in the language they read."""
    return "\n\n".join("\n".join(_file(check, spoken())) for check in checks)


def _file(check: Check, words: Language) -> Iterator[str]:
    if check.read is None:
        yield _coded(check.refusal, words)
        return
    yield words.say(
        Message(
            "",
            "{file}, read by {mapping}, [{part}]:",
            file=check.file,
            mapping=check.mapping or Message("", "a proposed mapping"),
            part=check.part,
        )
    )
    for table, content in check.contents.items():
        yield from _table(
            content, check.read.rows[table], check.read.rejected[table], words.say(TABLE_NAMES[table]), words
        )
    yield from _refused(check.read, words)
    for warning in check.read.warnings:
        yield f"  {_coded(warning, words)}"
    said = check.refusal or check.stopped
    yield _coded(said, words) if said else words.gettext("An import would go through.")


def _coded(said: Message | None, words: Language) -> str:
    return f"{words.say(said)} [{said.code}]" if said else ""


def _table(content: Content, rows: int, rejected: int, name: str, words: Language) -> Iterator[str]:
    counts = Message(
        "",
        "{table}: {rows:,} rows, {accepted:,} accepted, {rejected:,} refused",
        table=name,
        rows=rows,
        accepted=rows - rejected,
        rejected=rejected,
    )
    yield f"  {words.say(counts)}"
    if content.rows:
        yield f"    {words.say(_extent(content))}"
        yield f"    {words.say(_touchpoints(content, words))}"
        yield from (f"    {line}" for line in _grid(content.shown))


def _extent(content: Content) -> Message:
    return Message(
        "",
        "from {first} to {last}, {customers:,} customers",
        first=iso(in_micros(content.first)),
        last=iso(in_micros(content.last)),
        customers=len(content.customers),
    )


def _touchpoints(content: Content, words: Language) -> Message:
    company = words.gettext("the company")
    named = [f"{name or company} ({words.number(count)})" for name, count in _ranked(content)[:NAMES]]
    if len(content.touchpoints) >= MOST_NAMES:
        return Message("", "{most:,} touchpoints or more, first {names}", most=MOST_NAMES, names=named)
    return Message("", "{count:,} touchpoints, first {names}", count=len(content.touchpoints), names=named)


def _ranked(content: Content) -> list[tuple[str | None, int]]:
    return sorted(content.touchpoints.items(), key=lambda item: (-item[1], item[0] or ""))


def _grid(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The columns that say something, one below the other."""
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _refused(file: FileRead, words: Language) -> Iterator[str]:
    kinds = file.refused.kinds()
    for kind in kinds[:KINDS]:
        yield f"  {words.say(_kind(kind))}"
    if len(kinds) > KINDS:
        more = Message("", "and {more:,} more kinds of refusals", more=len(kinds) - KINDS)
        yield f"  {words.say(more)}"


def _kind(kind: Kind) -> Message:
    return Message(
        "",
        "refused {rows:,} × {code}, {column}: {reason} (first in line {line}: {value})",
        rows=kind.rows,
        code=kind.code,
        column=kind.column or Message("", "the whole line"),
        reason=kind.reason,
        line=kind.line,
        value=_cell(kind.value) or Message("", "empty"),
    )


def as_json(checks: Sequence[Check]) -> str:
    """For programs."""
    return json.dumps([_plain(check, spoken()) for check in checks], ensure_ascii=False, indent=1)


def _plain(check: Check, words: Language) -> dict[str, Any]:
    read = check.read
    return {
        "file": check.file,
        "passes": check.passes,
        "refusal": _said(check.refusal or check.stopped, words),
        "mapping": check.mapping,
        "part": check.part or None,
        "tables": {
            table: _content(content, read.rows[table], read.rejected[table])
            for table, content in check.contents.items()
            if read
        },
        "refused": [_plain_kind(kind, words) for kind in read.refused.kinds()] if read else [],
        "warnings": [_said(warning, words) for warning in read.warnings] if read else [],
    }


def _said(message: Message | None, words: Language) -> dict[str, str] | None:
    return {"code": message.code, "sentence": words.say(message)} if message else None


def _content(content: Content, rows: int, rejected: int) -> dict[str, Any]:
    return {
        "rows": rows,
        "accepted": rows - rejected,
        "refused": rejected,
        "from": iso(in_micros(content.first)),
        "to": iso(in_micros(content.last)),
        "customers": len(content.customers),
        "touchpoints": [{"touchpoint": name, "rows": count} for name, count in _ranked(content)],
        "shown": content.shown,
    }


def _plain_kind(kind: Kind, words: Language) -> dict[str, Any]:
    return {
        "table": kind.table,
        "column": kind.column or None,
        "code": kind.code,
        "rows": kind.rows,
        "line": kind.line,
        "value": kind.value,
        "reason": words.say(kind.reason),
    }
