"""A table of the page as a sheet of typed cells: exactly what is shown, with numbers as numbers."""

from dataclasses import dataclass

from tangente.report.figures import NONE
from tangente.report.tables import Table
from tangente.translation import Figure, Language

Cell = str | float | int | None
"""None where the page has a dash: unknown, or hidden."""

DIGITS = 10  # as in report.json


@dataclass(frozen=True)
class Sheet:
    """Rows under their heads; an estimate takes three columns, with the ends of its interval."""

    title: str
    heads: list[str]
    rows: list[list[Cell]]


def sheet_of(table: Table, language: Language) -> Sheet:
    """The table as a sheet; what the page hides or leaves out is not in it."""
    widths = [_width([row[place] for row in table.rows]) for place in range(len(table.columns))]
    heads = []
    for column, width in zip(table.columns, widths, strict=True):
        heads.append(column.head)
        if width > 1:
            heads += [language.gettext("%s, lower end") % column.head, language.gettext("%s, upper end") % column.head]
    rows = [
        [cell for text, width in zip(row, widths, strict=True) for cell in _cells(text, width)] for row in table.rows
    ]
    return Sheet(table.title, heads, rows)


def _width(texts: list[str]) -> int:
    return max((len(text.numbers) for text in texts if isinstance(text, Figure)), default=1)


def _cells(text: str, width: int) -> list[Cell]:
    if isinstance(text, Figure):
        cells: list[Cell] = [_plain(number) for number in text.numbers]
    else:
        cells = [None if text == NONE else str(text)]
    return cells + [None] * (width - len(cells))


def _plain(number: float) -> float | int:
    return number if isinstance(number, int) else float(f"{number:.{DIGITS}g}")
