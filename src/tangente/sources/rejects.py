"""Refused rows, each with its place, its value and the reason; and rejects.csv, which names them all."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


class Refusal(NamedTuple):
    """One refused row of `table` ("contacts" or "ratings"); `column` is empty if the whole line cannot be read."""

    file: str
    table: str
    line: int
    column: str
    value: str
    reason: str


def write(path: str | Path, refusals: Iterable[Refusal]) -> None:
    """Write rejects.csv, also if nothing was refused; spreadsheets will run nothing in it as a formula."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(Refusal._fields)
        out.writerows([inert(str(cell)) for cell in refusal] for refusal in refusals)


def inert(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula.

    >>> inert("=1+1"), inert("-4,50"), inert("Hotline")
    ("'=1+1", '-4,50', 'Hotline')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
