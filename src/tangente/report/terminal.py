"""The Analysis for the terminal: where the report lies, and the first five touchpoints with their reasons."""

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tangente.analysis.model import Analysis, Source
from tangente.analysis.reading import iso
from tangente.analysis.reasons import headline, key_touchpoints
from tangente.contactlog.store import open_log
from tangente.translation import Language, language

WIDTH = 100


def summary(analysis: Analysis, report: Path) -> str:
    """What was read, the news, the first five with reasons, and last the report's place."""
    words = language(analysis.language)
    title, standfirst = headline(analysis, words)
    lines = [*_read(analysis, words), "", title, *_wrapped(standfirst)]
    for point in key_touchpoints(analysis):
        if point.priority:
            lines += ["", f"{point.priority.rank}  {point.name}", *_wrapped(point.reason or "", "   ")]
    return "\n".join([*lines, "", words.gettext("Report: %s") % report])


def _read(analysis: Analysis, words: Language) -> list[str]:
    found = [(words.gettext("Contacts"), analysis.source.contacts), (words.gettext("Ratings"), analysis.source.ratings)]
    return [f"{name}: {_counts(source, words)}" for name, source in found if source]


def _counts(source: Source, words: Language) -> str:
    text = words.gettext("%(rows)s rows, %(rejected)s refused, %(new)s new, %(known)s known already")
    names = ("rows", "rejected", "new", "known")
    return text % {name: words.number(getattr(source, name)) for name in names}


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def info(folder: Path, *, as_json: bool) -> str:
    """What a log folder holds, per table."""
    with open_log(folder) as store:
        held = {name: _with_iso_times(asdict(table)) for name, table in store.info().items()}
    if as_json:
        return json.dumps(held, indent=1)
    return "\n".join(
        f"{name}: {table['rows']:,} rows, {table['customers']:,} customers, {table['files']:,} files, {table['bytes']:,} bytes"
        + (f", {table['from']} to {table['to']}" if table["from"] else "")
        for name, table in held.items()
    )


def _with_iso_times(table: dict[str, Any]) -> dict[str, Any]:
    return table | {"from": iso(table.pop("first")), "to": iso(table.pop("last"))}
