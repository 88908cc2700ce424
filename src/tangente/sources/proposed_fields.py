"""Lines of a proposed mapping: one field each, with what was assumed and why."""

import json
import re
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow.compute as pc

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources import headings
from tangente.sources.guesses import (
    MOST,
    NEVER_USED,
    NOT_ANSWERED,
    codes_in,
    scale_of,
    spelling_of_times,
    translation,
    unknown_words,
)
from tangente.sources.parts import FIXED_SCALES
from tangente.sources.sample import Sample

Toml = str | Sequence[str] | Dictionary[str, str]

UNITS = {"ms": r"\bms\b|milli", "min": r"\bmin", "h": r"\bh\b|hour|stunde|\bstd"}
OPEN_WORDS = ("outcome",)
OWN_WORDS = ("direction", "metric", "answer", "rater")
NUMERIC = ("cost", "value", "duration_s", "weight", "scale_low", "scale_high")
IDS = ("contact_id", "rating_id")
CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?: Uhr)?"
DURATION = r"\d{1,4}:[0-5]\d:[0-5]\d"
EPOCHS = {"unix": r"\d{10}", "unix_ms": r"\d{13}"}
_SAYING = re.compile(
    r"^(?:zufriedenheit|satisfaction|bewertung|rating)\b\W*(?:(?:mit|with|of|zu)\b\W*)?(?:(?:der|dem|den|die|das|the)\b\W*)?",
    re.I,
)


class TimeLine(NamedTuple):
    line: str
    needs_zone: bool


def toml(value: Toml) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Dictionary):
        return "{ " + ", ".join(f"{toml(key)} = {toml(to)}" for key, to in value.items()) + " }"
    return "[" + ", ".join(map(toml, value)) + "]"


def line(key: str, options: Dictionary[str, Toml], why: str = "") -> str:
    """`key = "Heading"`, or a table if there is more to say."""
    if options.keys() == {"column"}:
        text = toml(options["column"])
    else:
        text = "{ " + ", ".join(f"{option} = {toml(value)}" for option, value in options.items()) + " }"
    return f"{key} = {text}" + (f"  # {why}" if why else "")


def field_line(name: str, sample: Sample) -> str | None:
    """The line of a field; None if most of the column cannot be read as that field."""
    column: dict[str, Toml] = {"column": sample.heading}
    if name == "duration_s":
        return _duration(sample)
    if name in OPEN_WORDS or name in OWN_WORDS:
        return _words(name, sample)
    readable = {
        **dict.fromkeys(NUMERIC, sample.is_numeric),
        **dict.fromkeys(IDS, sample.is_unique),
        "sequence": sample.mostly(r"\d+"),
    }
    return line(name, column) if readable.get(name, True) else None


def _duration(sample: Sample) -> str | None:
    if sample.mostly(DURATION):
        return line("duration_s", {"column": sample.heading, "unit": "h:m:s"}, f"as in {toml(sample.example)}")
    if not sample.is_numeric:
        return None
    heading = sample.heading.replace("_", " ")
    for unit, pattern in UNITS.items():
        if re.search(pattern, heading, re.IGNORECASE):
            return line("duration_s", {"column": sample.heading, "unit": unit}, "from the heading")
    named = re.search(r"\bs\b|sec|sek", heading, re.IGNORECASE)
    return line(
        "duration_s",
        {"column": sample.heading, "unit": "s"},
        "" if named else "the heading names no unit: seconds assumed",
    )


def _words(name: str, sample: Sample) -> str | None:
    column: dict[str, Toml] = {"column": sample.heading}
    values = translation(name, sample.known)
    if name in OWN_WORDS:
        unknown = set(unknown_words(name, sample.known))
        if sum(text in unknown for text in sample.known) > MOST * len(sample.known):
            return None
    return line(name, column | {"values": values}, "into the log's own words") if values else line(name, column)


def time_line(day: Sample, clock: Sample | None) -> TimeLine:
    """`occurred_at` from one column, or from a day and a clock time."""
    if clock is not None and (not clock.mostly(CLOCK) or day.mostly(r".*\d:\d\d.*")):
        clock = None
    columns: dict[str, Toml] = {"columns": [day.heading, clock.heading]} if clock else {"column": day.heading}
    if clock is None and (untyped := day.untyped) is not None and day.at is not None:
        spelling = spelling_of_times(untyped) if len(untyped) else None
        if spelling and spelling.format:
            columns |= {"format": spelling.format}
        return TimeLine(line("occurred_at", columns), not day.at.type.tz)
    for form, pattern in EPOCHS.items():
        if clock is None and day.mostly(pattern):
            return TimeLine(line("occurred_at", columns | {"format": form}, f"as in {toml(day.example)}"), False)
    return _spelt_time(day, clock, columns)


def _spelt_time(day: Sample, clock: Sample | None, columns: dict[str, Toml]) -> TimeLine:
    texts = pc.binary_join_element_wise(day.texts, clock.texts, " ") if clock else day.texts
    example = f"{day.example} {clock.example}" if clock else day.example
    spelling = spelling_of_times(texts)
    if spelling is None:
        raise SourceError(
            Message(
                "E-PROPOSE",
                "the times in the column '{column}', as '{example}', are written in no way that is known; "
                "write a mapping with {line} as it fits",
                column=day.heading,
                example=example,
                line=f'occurred_at = {{ column = {toml(day.heading)}, format = "%d.%m.%Y %H:%M" }}',
            )
        )
    if spelling.format is None:
        return TimeLine(line("occurred_at", columns), spelling.needs_zone)
    why = f"as in {toml(example)}" + (f"; {spelling.rival} would fit as well" if spelling.rival else "")
    return TimeLine(line("occurred_at", columns | {"format": spelling.format}, why), spelling.needs_zone)


def score_lines(sample: Sample, metric_is_mapped: bool, scale_is_mapped: bool) -> list[str]:
    """`score` with what is missing of metric and scale."""
    lines = [line("score", {"column": sample.heading})]
    metric = metric_of(sample.heading)
    if not metric_is_mapped:
        lines.insert(0, line("metric", {"constant": metric}, f"from the heading {toml(sample.heading)}"))
    if not scale_is_mapped and (metric_is_mapped or metric not in FIXED_SCALES):
        lines += scale_lines([sample])
    return lines + code_lines([sample])


def metric_of(heading: str) -> str:
    return next((metric for metric, words in headings.METRICS.items() if headings.is_one_of(heading, words)), "csat")


def scale_lines(asked: Sequence[Sample]) -> list[str]:
    scores = [score for sample in asked for score in sample.scores]
    if all(headings.is_one_of(sample.heading, headings.GRADES) for sample in asked):
        return ["scale_low = 6  # school grades: 6 is the worst", "scale_high = 1"]
    scale = scale_of(scores)
    if scale is None:
        raise SourceError(
            Message(
                "E-PROPOSE",
                "the scale of the column '{column}' cannot be told from its values; "
                "write a mapping with scale_low and scale_high",
                column=asked[0].heading,
            )
        )
    seen = f"{min(scores):g} to {max(scores):g}"
    return [f"scale_low = {scale[0]}  # assumed: the worst end; values go from {seen}", f"scale_high = {scale[1]}"]


def code_lines(asked: Sequence[Sample]) -> list[str]:
    texts = [text for sample in asked for text in set(sample.known)]
    found = {"never_used": codes_in(texts, NEVER_USED), "not_answered": codes_in(texts, NOT_ANSWERED)}
    return [f"{key} = {toml(codes)}" for key, codes in found.items() if codes]


def item_lines(sample: Sample) -> list[str]:
    """One item of a survey in wide form."""
    lines = ["", "[[ratings.items]]", line("column", {"column": sample.heading})]
    metric = metric_of(sample.heading)
    if metric != "csat":
        lines.append(f"metric = {toml(metric)}  # from the heading")
    if metric == "nps" or headings.is_one_of(sample.heading, headings.OVERALL):
        lines[2] += "  # the company as a whole"
    else:
        lines.append(f"touchpoint = {toml(_SAYING.sub('', sample.heading) or sample.heading)}")
    return lines
