"""The inventory file: what the company knows of its touchpoints before any contact is counted."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from tangente.errors import SourceError

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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceError(f"{path}: there is no such file") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise SourceError(f"{path}: an inventory is a CSV file in UTF-8; save it so") from None
    entries = list(_entries(path.name, text))
    _check_names(path.name, entries)
    ranked = sorted(enumerate(entries), key=lambda item: (_phase_place(item[1]), _order(item[1]), item[0]))
    return Inventory({entry.touchpoint: entry for _, entry in ranked})


def _entries(name: str, text: str) -> Iterator[Entry]:
    heading = text.partition("\n")[0]
    reader = csv.DictReader(
        text.splitlines(), delimiter=";" if heading.count(";") > heading.count(",") else ",", strict=True
    )
    if "touchpoint" not in (reader.fieldnames or ()):
        raise SourceError(f"{name}: an inventory needs the column touchpoint; known columns are {', '.join(COLUMNS)}")
    try:
        for row in reader:
            cells = {column: (row.get(column) or "").strip() or None for column in COLUMNS}
            yield _entry(f"{name} line {reader.line_num}", cells)
    except csv.Error as error:
        raise SourceError(f"{name} line {reader.line_num}: {error}; check the quotes") from None


def _entry(place: str, cells: dict[str, str | None]) -> Entry:
    if cells["touchpoint"] is None:
        raise SourceError(f"{place}: touchpoint is empty; every row names one")
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


def _one_of(place: str, column: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        raise SourceError(f"{place}: {column} is {value!r}; allowed are {', '.join(allowed)}, or nothing")
    return value


def _whole(place: str, value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        raise SourceError(f"{place}: order is {value!r}; it must be a whole number") from None


def _amount(place: str, value: str | None) -> Decimal | None:
    try:
        amount = None if value is None else Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise SourceError(f"{place}: unit_cost is {value!r}; it must be a number from 0, such as 4.20")
    return amount


def _check_names(name: str, entries: list[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        for word in (entry.touchpoint, *entry.aliases):
            if word in seen:
                raise SourceError(
                    f"{name}: {word!r} names two touchpoints, or one twice; each name and alias stands once"
                )
            seen.add(word)


def _phase_place(entry: Entry) -> int:
    return len(PHASES) if entry.phase is None else PHASES.index(entry.phase)


def _order(entry: Entry) -> float:
    return float("inf") if entry.order is None else entry.order
