"""What a child process does with a foreign file, in the words of apart.py: it yields JSON values and bytes."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tangente.sources.coded_rows import Coding, Form
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Table
from tangente.sources.propose import Home, propose
from tangente.sources.reading import FileSource, open_source
from tangente.sources.rejects import Refusal
from tangente.sources.source import Source
from tangente.sources.table_file import open_table

REFUSALS = 10_000
"""Sent at once, so that the parent holds no more of them."""


def proposed(path: str, home: dict[str, str]) -> Iterator[str]:
    """A mapping, as TOML."""
    yield propose(path, Home(**home))


def fitting(path: str, text: str, name: str, meant: Table | None) -> Iterator[str]:
    """The part of the mapping that fits."""
    yield open_source(path, Mapping.from_text(text, name=name), meant=meant).part


def batches(path: str, text: str, name: Table) -> Iterator[Any]:
    """For each batch what is refused of it and, behind, of each table the lines of the accepted rows, and the rows."""
    mapping = Mapping.from_text(text)
    part = next(part for part in mapping.parts if part.name == name)
    source = FileSource(Path(path), mapping, part, open_table(Path(path), part.settings))
    coding = Coding()
    for batch in source.batches():
        coded = {table: coding.sent(table, rows) for table, rows in batch.tables.items()}
        yield from _refused(source, {table: form for table, (form, _) in coded.items()}, batch.refusals[:REFUSALS])
        for table, (_, content) in coded.items():
            yield memoryview(batch.lines[table].tobytes())
            yield from content
        for begin in range(REFUSALS, len(batch.refusals), REFUSALS):
            yield from _refused(source, {}, batch.refusals[begin : begin + REFUSALS])


def _refused(source: Source, tables: dict[Table, Form], refusals: Sequence[Refusal]) -> Iterator[Any]:
    """The counts so far and the reasons, each once; then the rows, which name theirs by its place."""
    reasons = {reason: i for i, reason in enumerate(dict.fromkeys(each.reason for each in refusals))}
    yield {
        "rows": source.rows,
        "rejected": source.rejected,
        "warnings": source.warnings,
        "tables": tables,
        "reasons": list(reasons),
    }
    rows = [(each.table, each.line, each.column, each.value, reasons[each.reason]) for each in refusals]
    yield memoryview(json.dumps(rows).encode())
