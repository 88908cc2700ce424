"""Names of customers, touchpoints and the like: kept as they are, unless no page could show them."""

import re
from unicodedata import category

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.parsed import Parsed, as_mask, letters

UNSHOWABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F" + "\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
"""Control characters but tab and line break, what turns the direction of reading, and what is no character.

XML, and so a chart, must not hold them, a terminal would obey them, or the sentence around a name would read wrongly.
"""

SPACE, DELETE = 0x20, 0x7F
SUSPECT = DELETE, 0xC2, 0xE2, 0xEF
"""Bytes with which, in UTF-8, what UNSHOWABLE names begins, but for the control characters before the space."""


def names(texts: pa.Array) -> Parsed:
    """The texts, with a problem for each control character that stands in some of them.

    >>> [reason for _, reason in names(pa.array(["Shop", "Sho\\x01p"])).problems]
    ['a control character, U+0001']
    """
    parsed = Parsed(texts)
    if _is_showable(letters(texts)):
        return parsed
    wrong = as_mask(pc.match_substring_regex(texts, UNSHOWABLE))
    if not wrong.any():
        return parsed
    places = np.flatnonzero(wrong)
    characters = np.full(len(texts), -1)
    found = (re.findall(UNSHOWABLE, text) for text in texts.take(pa.array(places)).to_pylist())
    characters[places] = [ord(first) for first, *_ in found]
    for character in np.unique(characters[places]).tolist():
        parsed = parsed.but(characters == character, _reason(chr(character), f"{character:04X}"))
    return parsed


def _is_showable(found: npt.NDArray[np.uint8]) -> bool:
    """Whether these letters can do without the search, in a fiftieth of its time: most are of ASCII or of Europe."""
    if not len(found) or (found.min() >= SPACE and found.max() < DELETE):
        return True
    return bool(found.min() >= SPACE) and not any((found == letter).any() for letter in SUSPECT)


def _reason(character: str, code: str) -> Message:
    if category(character) == "Cf":
        return Message("E-CHAR", "a character that turns the direction of reading, U+{code}; remove it", code=code)
    return Message("E-CHAR", "a control character, U+{code}", code=code)
