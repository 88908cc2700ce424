"""The Analysis for the terminal: where the report lies, and the first five touchpoints with their reasons."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tangente.analysis.model import Analysis, Source
from tangente.analysis.reading import TABLE_NAMES, FileRead, Reading
from tangente.analysis.reasons import headline, key_touchpoints
from tangente.contactlog.imports import Added
from tangente.messages import Message
from tangente.translation import Language, language, spoken

WIDTH = 100
NO_ISOLATES = dict.fromkeys(map(ord, "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"))
"""What `reasons.isolated` puts around names for a browser; a terminal gets none."""


def summary(analysis: Analysis, report: Path) -> str:
    """What was read, the news, the first five with reasons, and last the report's place."""
    words = language(analysis.language)
    title, standfirst = headline(analysis, words)
    lines = [*_read(analysis, words), "", title, *_wrapped(standfirst)]
    for point in key_touchpoints(analysis):
        if point.priority:
            lines += ["", f"{point.priority.rank}  {point.name}", *_wrapped(point.reason or "", "   ")]
    return "\n".join(lines).translate(NO_ISOLATES) + "\n\n" + words.gettext("Report: %s") % report


def _read(analysis: Analysis, words: Language) -> list[str]:
    found = [(words.gettext("Contacts"), analysis.source.contacts), (words.gettext("Ratings"), analysis.source.ratings)]
    return [f"{name}: {_counts(source, words)}" for name, source in found if source]


def _counts(source: Source, words: Language) -> str:
    if not source.rows:
        return words.say(Message("", "{held:,} rows in the log", held=source.held))
    return words.say(_became(source.rows, source.rejected, Added(source.new, source.known, source.changed)))


def _became(rows: int, rejected: int, added: Added) -> Message:
    if added.changed:
        return Message(
            "",
            "{rows:,} rows, {rejected:,} refused, {new:,} new, {changed:,} changed, {known:,} known already",
            rows=rows,
            rejected=rejected,
            **asdict(added),
        )
    return Message(
        "",
        "{rows:,} rows, {rejected:,} refused, {new:,} new, {known:,} known already",
        rows=rows,
        rejected=rejected,
        **asdict(added),
    )


def appended(reading: Reading) -> str:
    """What became of the rows of each file and table."""
    return "\n".join(spoken().say(sentence) for file in reading.files for sentence in _appended(file))


def _appended(file: FileRead) -> Iterator[Message]:
    if file.repeated:
        yield Message("", "{file} was imported before; nothing new is in it.", file=file.name)
    for table, rows in file.rows.items():
        became = _became(rows, file.rejected[table], file.added.get(table, Added()))
        yield Message("", "{file}, {table}: {became}", file=file.name, table=TABLE_NAMES[table], became=became)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
