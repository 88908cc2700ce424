"""Refused rows, each with its place, its value and the reason, as rejects.csv names them."""

import re
from functools import lru_cache
from typing import NamedTuple

from tangente.messages import Message
from tangente.translation import Language, spoken

COLUMNS = ("file", "table", "line", "column", "value", "code", "reason")

_FORMULA = re.compile(r" *[=+\-@\t\r\n\0＝＋－＠]")  # as exports of the web application know them
_NUMBER = re.compile(r" *[+-]?\d+(?:[.,]\d+)*")


class Refusal(NamedTuple):
    """One refused row of `table` ("contacts" or "ratings"); `column` is empty if the whole line cannot be read."""

    file: str
    table: str
    line: int
    column: str
    value: str
    reason: Message

    @property
    def code(self) -> str:
        return self.reason.code

    @property
    def cells(self) -> tuple[str, ...]:
        """As COLUMNS name them, the reason in the language of the user; a spreadsheet runs none of them as a formula."""
        said = _said(spoken(), self.reason)
        return tuple(map(inert, (self.file, self.table, str(self.line), self.column, self.value, self.code, said)))


@lru_cache(1024)  # millions of rows are refused for few reasons
def _said(language: Language, reason: Message) -> str:
    return language.say(reason)


def inert(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula.

    >>> inert("=1+1"), inert("-4,50"), inert("Hotline")
    ("'=1+1", '-4,50', 'Hotline')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
