"""What a mapping says, as values: parts, the rows of the log they make, and where each field comes from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tangente.contactlog.schema import ANSWERS, DIRECTIONS, METRICS, RATERS

Table = Literal["contacts", "ratings"]

WORDS = {"direction": DIRECTIONS, "metric": METRICS, "answer": ANSWERS, "rater": RATERS}
"""Fields that allow only these words."""

FIXED_SCALES = {"nps": (0.0, 10.0), "recommended": (0.0, 1.0)}
"""Metrics whose scale is part of their definition."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """Where the values of one field come from: columns of the file or a constant, and how they are rewritten."""

    columns: tuple[str, ...] = ()
    constant: str | None = None
    join: str = " "
    missing: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    default: str | None = None
    prefix: str = ""
    format: str | None = None
    unit: str | None = None

    @property
    def heading(self) -> str:
        """The column as a refusal names it."""
        return " + ".join(self.columns)

    @property
    def is_closed(self) -> bool:
        """Whether it says only what the mapping says, whatever stands in the file."""
        return bool(self.values) and self.default is not None


@dataclass(frozen=True, kw_only=True)
class LogRow:
    """How one row of the file becomes one row of the log."""

    table: Table
    fields: dict[str, Field]
    never_used: tuple[str, ...] = ()
    not_answered: tuple[str, ...] = ()
    needs_score: bool = False  # without a score there is no row: a contact that was not rated


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the file is written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str | None = None
    thousands: str = ""
    missing: tuple[str, ...] = ()
    timezone: str | None = None
    ambiguous: str | None = None
    nonexistent: str | None = None
    sheet: str | None = None
    object_type: str | None = None

    @property
    def decimal_sign(self) -> str:
        return self.decimal or ("," if self.thousands == "." else ".")

    @property
    def names_signs(self) -> bool:
        """Whether it says how numbers are written."""
        return self.decimal is not None or self.thousands != ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One kind of file: how it is written, and the rows of the log that each of its rows gives."""

    name: Table
    settings: Settings
    rows: tuple[LogRow, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that this part reads, each once."""
        return tuple(dict.fromkeys(c for row in self.rows for field in row.fields.values() for c in field.columns))

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the log that this part feeds."""
        return tuple(dict.fromkeys(row.table for row in self.rows))
