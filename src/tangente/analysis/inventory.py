"""The inventory file: what the company knows of its touchpoints before any contact is counted."""

import csv
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.child import limited

COLUMNS = (
    "touchpoint", "phase", "order", "name_de", "name_en", "department", "channel", "mediation", "spoken_by", "unit_cost", "aliases",
)  # fmt: skip
PHASES = ("INFLUENCED", "PREPURCHASE", "PURCHASE", "LOYALTY", "RECOMMENDING")
MEDIATIONS = ("human", "artefact")
SPEAKERS = ("company", "partner", "customer", "third party")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One touchpoint of the inventory; what the file leaves empty is None. unit_cost is in currency units."""

    touchpoint: str
    phase: str | None = None
    order: int | None = None
    name_de: str | None = None
    name_en: str | None = None
    department: str | None = None
    channel: str | None = None
    mediation: str | None = None
    spoken_by: str | None = None
    unit_cost: Decimal | None = None
    aliases: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """What people call it in a language."""
        return (self.name_de if language == "de" else self.name_en) or self.touchpoint


@dataclass(frozen=True)
class Inventory:
    """The touchpoints in the order of the customer's journey."""

    entries: dict[str, Entry]

    def aliases(self) -> dict[str, str]:
        """Other names in the log → the touchpoint they mean."""
        return {alias: entry.touchpoint for entry in self.entries.values() for alias in entry.aliases}


def read_inventory(path: Path) -> Inventory:
    """Read an inventory: CSV with a heading, UTF-8, comma or semicolon.

    Raises: SourceError naming the line and column of the first value that is not allowed.
    """
    if not path.exists():
        raise SourceError(Message("E-FILE", "{file}: there is no such file", file=path))
    with closing(limited(f"{__name__}:rows", path)) as found:
        entries = [
            _entry(Message("", "{file}, line {line}", file=path.name, line=line), dict(zip(COLUMNS, row, strict=True)))
            for line, row in found
        ]
    _check_names(path.name, entries)
    ranked = sorted(enumerate(entries), key=lambda item: (_phase_place(item[1]), _order(item[1]), item[0]))
    return Inventory({entry.touchpoint: entry for _, entry in ranked})


def rows(path: str) -> Iterator[tuple[int, list[str | None]]]:
    """Line and cells, in the order of COLUMNS, of each row of the file; what a child process does."""
    name = Path(path).name
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, IsADirectoryError):
        raise SourceError(
            Message("E-INVENTORY", "{file}: an inventory is a CSV file in UTF-8; save it so", file=name)
        ) from None
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter, strict=True)
    try:
        if "touchpoint" not in (reader.fieldnames or ()):
            raise SourceError(
                Message(
                    "E-INVENTORY",
                    "{file}: an inventory needs the column touchpoint; known columns are {columns}",
                    file=name,
                    columns=COLUMNS,
                )
            )
        for row in reader:
            yield reader.line_num, [(row.get(column) or "").strip() or None for column in COLUMNS]
    except csv.Error as error:
        raise SourceError(
            Message(
                "E-INVENTORY",
                "{file}, line {line}: {reason}; check the quotes",
                file=name,
                line=reader.line_num,
                reason=error,
            )
        ) from None


def _entry(place: Message, cells: dict[str, str | None]) -> Entry:
    if cells["touchpoint"] is None:
        raise SourceError(Message("E-INVENTORY", "{place}: touchpoint is empty; every row names one", place=place))
    return Entry(
        touchpoint=cells["touchpoint"],
        phase=_one_of(place, "phase", cells["phase"], PHASES),
        order=_whole(place, cells["order"]),
        name_de=cells["name_de"],
        name_en=cells["name_en"],
        department=cells["department"],
        channel=cells["channel"],
        mediation=_one_of(place, "mediation", cells["mediation"], MEDIATIONS),
        spoken_by=_one_of(place, "spoken_by", cells["spoken_by"], SPEAKERS),
        unit_cost=_amount(place, cells["unit_cost"]),
        aliases=tuple(alias.strip() for alias in (cells["aliases"] or "").split("|") if alias.strip()),
    )


def _one_of(place: Message, column: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        raise SourceError(
            Message(
                "E-INVENTORY",
                "{place}: {column} is '{value}'; allowed are {allowed}, or nothing",
                place=place,
                column=column,
                value=value,
                allowed=allowed,
            )
        )
    return value


def _whole(place: Message, value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        raise SourceError(
            Message("E-INVENTORY", "{place}: order is '{value}'; it must be a whole number", place=place, value=value)
        ) from None


def _amount(place: Message, value: str | None) -> Decimal | None:
    try:
        amount = None if value is None else Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise SourceError(
            Message(
                "E-INVENTORY",
                "{place}: unit_cost is '{value}'; it must be a number from 0, such as 4.20",
                place=place,
                value=value,
            )
        )
    return amount


def _check_names(name: str, entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        for word in (entry.touchpoint, *entry.aliases):
            if word in seen:
                raise SourceError(
                    Message(
                        "E-INVENTORY",
                        "{file}: '{name}' names two touchpoints, or one twice; each name and alias stands once",
                        file=name,
                        name=word,
                    )
                )
            seen.add(word)


def _phase_place(entry: Entry) -> int:
    return len(PHASES) if entry.phase is None else PHASES.index(entry.phase)


def _order(entry: Entry) -> float:
    return float("inf") if entry.order is None else entry.order
