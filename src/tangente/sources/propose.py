"""A first draft of a mapping: what the headings and most of the values say, every assumption as a value with a comment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tangente.contactlog.schema import TABLES
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources import headings
from tangente.sources.csv_dialect import dialect
from tangente.sources.guesses import missing_in, numbers_in, signs
from tangente.sources.mapping import Mapping
from tangente.sources.misfits import joined
from tangente.sources.ocel import OcelLog, likely_customer
from tangente.sources.ocel_json import OcelJson
from tangente.sources.ocel_sqlite import OcelSqlite
from tangente.sources.parts import Settings
from tangente.sources.proposed_fields import (
    NUMERIC,
    code_lines,
    field_line,
    item_lines,
    metric_of,
    scale_lines,
    score_lines,
    time_line,
    toml,
)
from tangente.sources.proposed_plan import Columns, Plan, plan
from tangente.sources.sample import Sample, samples
from tangente.sources.table_file import file_kind, open_table
from tangente.sources.xlsx_file import XlsxFile

OCEL: dict[str, Callable[[Path, str], OcelLog]] = {"JSON": OcelJson, "SQLite": OcelSqlite}
FIELDS = [name for name in dict.fromkeys((*TABLES["contacts"].names, *TABLES["ratings"].names)) if name != "score"]
CURRENCIES = {"eur": "EUR", "€": "EUR", "chf": "CHF", "usd": "USD", "$": "USD", "gbp": "GBP", "£": "GBP"}
PERSONS = "persons of ours are stored only where a mapping asks for it, as employee = "


class Home(NamedTuple):
    """What is assumed where a file does not say."""

    currency: str = "EUR"
    timezone: str = "Europe/Berlin"


HOME = Home()


@dataclass
class Fields:
    """Lines of fields, the columns that cannot be read as the field their heading names, and if times need a zone."""

    lines: list[str] = field(default_factory=list)
    unread: list[Sample] = field(default_factory=list)
    needs_zone: bool = False


def propose(path: str | Path, home: Home = HOME) -> str:
    """A mapping for the file as TOML text; raises SourceError, naming what to write, if a question has no answer."""
    path = Path(path)
    kind = file_kind(path)
    if kind == "XLSX":
        return _proposed_sheet(path, home)
    if kind in OCEL:
        return _proposed(path, home, *_customers(OCEL[kind](path, ".")))
    return _proposed(path, home, *(_writing(path) if kind == "CSV" else (Settings(), [])))


def _customers(log: OcelLog) -> tuple[Settings, list[str]]:
    """Whose contacts the events are; if no type of objects is named like customers, opening the file asks for it."""
    kinds = list(log.object_types)
    likely = likely_customer(kinds) if len(kinds) > 1 else None
    if likely is None:
        return Settings(), []
    others = ", ".join(toml(kind) for kind in kinds if kind != likely)
    return Settings(object_type=likely), [f"object_type = {toml(likely)}  # the events also relate to: {others}"]


def _proposed_sheet(path: Path, home: Home) -> str:
    """A mapping for the first sheet or, where that is a cover sheet, for the only other one that holds a table."""
    try:
        return _proposed(path, home, Settings(), [])
    except SourceError as error:
        others = XlsxFile.sheets(path)[1:]
        found = [text for sheet in others if (text := _proposed_if_any(path, home, sheet)) is not None]
        if len(found) == 1:
            return found[0]
        if not others:
            raise
        way = Message(
            "",
            "this is the first sheet, and a mapping may read another one by {lines}",
            lines=[f"sheet = {toml(sheet)}" for sheet in others],
        )
        raise SourceError(joined([error.args[0], way])) from error


def _proposed_if_any(path: Path, home: Home, sheet: str) -> str | None:
    try:
        why = "the first sheet holds no table that could be read"
        return _proposed(path, home, Settings(sheet=sheet), [f"sheet = {toml(sheet)}  # {why}"])
    except SourceError:
        return None


def _proposed(path: Path, home: Home, settings: Settings, stated: list[str]) -> str:
    found = plan(samples(open_table(path, settings), path.name), path.name)
    main = _fields(found.contact or found.rating, found)
    scores = _score_lines(found)
    if found.contact and found.rating:
        scores = ["", "[contacts.rating]", *_fields(found.rating, found).lines, *scores]
    lines = [
        f"# Proposed for {path.name}. Every line is an assumption: check it, and change what is wrong.",
        "",
        *_currency_lines(found, home),
        f"[{found.part}]",
        *stated,
        *_notation_lines(found, settings),
        *([f"timezone = {toml(home.timezone)}  # no offset in the file"] if main.needs_zone else []),
        *main.lines,
        *_unread_lines([*found.left, *main.unread]),
        *scores,
    ]
    text = "\n".join(lines) + "\n"
    Mapping.from_text(text, name=f"the proposed mapping of {path.name}")
    return text


def _writing(path: Path) -> tuple[Settings, list[str]]:
    found = dialect(path)
    why = f"  # {found.encoding_reason}" if found.encoding_reason else ""
    stated = [f"encoding = {toml(found.encoding)}{why}", f"delimiter = {toml(found.delimiter)}"]
    return Settings(encoding=found.encoding, delimiter=found.delimiter), stated


def _currency_lines(found: Plan, home: Home) -> list[str]:
    amounts = [found.contact[name].heading for name in ("cost", "value") if name in found.contact]
    if not amounts:
        return []
    for sign, currency in CURRENCIES.items():
        if any(sign in heading.lower() for heading in amounts):
            return [f'currency = "{currency}"  # from the heading', ""]
    return [f'currency = "{home.currency}"  # the file names none', ""]


def _notation_lines(found: Plan, settings: Settings) -> list[str]:
    """Decimal and thousands sign and the words for nothing, where the values show some."""
    lines = []
    columns = {**found.rating, **found.contact}
    counted = [columns[name] for name in (*NUMERIC, "score") if name in columns] + list(found.items)
    numbers = [number for sample in counted for number in numbers_in(sample.known) if not number.isdigit()]
    if numbers:
        decimal, thousands, unclear = signs(numbers, likely="." if settings.delimiter == "," else ",")
        why = f"{toml(unclear)} could be read otherwise" if unclear else f"as in {toml(_with(numbers, decimal))}"
        lines.append(f"decimal = {toml(decimal)}  # {why}")
        lines += [f"thousands = {toml(thousands)}  # as in {toml(_with(numbers, thousands))}"] if thousands else []
    missing = missing_in(text for sample in found.used for text in set(sample.known))
    return [*lines, f"missing = {toml(missing)}  # they stand in the file"] if missing else lines


def _with(numbers: list[str], sign: str) -> str:
    return next((number for number in numbers if sign in number), numbers[0])


def _fields(columns: Columns, found: Plan) -> Fields:
    """All fields but the score, in the order of the log's columns."""
    fields = Fields()
    for name in FIELDS:
        if name not in columns:
            continue
        sample = columns[name]
        if name == "occurred_at":
            at = time_line(sample, found.clock)
            fields.lines.append(at.line)
            fields.needs_zone = at.needs_zone
        elif (said := field_line(name, sample)) is not None:
            fields.lines.append(said)
        else:
            fields.unread.append(sample)
    return fields


def _score_lines(found: Plan) -> list[str]:
    if found.items:
        asked = [sample for sample in found.items if metric_of(sample.heading) == "csat"] or list(found.items)
        shared = ['metric = { constant = "csat" }  # assumed of every item that names no other']
        items = [text for sample in found.items for text in item_lines(sample)]
        return [*shared, *scale_lines(asked), *code_lines(found.items), *items]
    if "score" not in found.rating:
        return []
    has_scale = {"scale_low", "scale_high"} <= found.rating.keys()
    return score_lines(found.rating["score"], "metric" in found.rating, has_scale)


def _unread_lines(unread: Sequence[Sample]) -> list[str]:
    lines = [f"# not read: {toml(sample.heading)}" for sample in unread]
    return [
        f"{text} ({PERSONS}{toml(sample.heading)})" if headings.is_one_of(sample.heading, headings.PERSON) else text
        for text, sample in zip(lines, unread, strict=True)
    ]
