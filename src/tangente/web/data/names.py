"""Names of files that strangers choose: what is shown of them, what the server calls them, what is said of them."""

import re
import secrets
import unicodedata
from collections.abc import Mapping as Names
from pathlib import Path

from tangente.messages import Message

LONGEST = 100
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that command, hide, or turn the direction of reading."""

_ENDINGS = re.compile(r"(?:\.[a-z0-9]{1,12}){0,2}\Z")


def shown_name(name: str) -> str:
    """The last part of a name, with nothing in it that cannot be seen; the middle of a long one is left out."""
    seen = "".join(char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char) not in UNSEEN)
    last = re.split(r"[/\\]", seen)[-1].strip(" .") or "?"
    return last if len(last) <= LONGEST else f"{last[: LONGEST // 2]}…{last[1 - LONGEST // 2 :]}"


def server_name(name: str) -> str:
    """A name by chance; of what the sender called the file only the ending stays, which says what kind it is of.

    >>> server_name("../Kontakte Mai.CSV.gz").partition(".")[2]
    'csv.gz'
    """
    ending = _ENDINGS.search(name.lower())
    return secrets.token_hex(20) + (ending[0] if ending else "")


def called(what: object, names: Names[str, str]) -> object:
    """A message with files under the names that people know; `names` are those, by the server's own."""
    if isinstance(what, Message):
        return Message(what.code, what.text, **{gap: called(value, names) for gap, value in what.values.items()})
    if isinstance(what, list | tuple):
        return [called(each, names) for each in what]
    if isinstance(what, str | Path):
        said = str(what)
        for stored, name in names.items():
            said = said.replace(stored, name)
        return said
    return what
