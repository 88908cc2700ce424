"""Names of customers, touchpoints and the like: kept as they are, unless no page could show them."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.parsed import Parsed, as_mask

UNSHOWABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F" + "\ufffe\uffff]"
"""Control characters but tab and line break, and what is no character: XML, and so a chart, must not hold them."""


def names(texts: pa.Array) -> Parsed:
    """The texts, with a problem for each control character that stands in some of them.

    >>> [reason for _, reason in names(pa.array(["Shop", "Sho\\x01p"])).problems]
    ['a control character, U+0001']
    """
    parsed = Parsed(texts)
    wrong = as_mask(pc.match_substring_regex(texts, UNSHOWABLE))
    if not wrong.any():
        return parsed
    places = np.flatnonzero(wrong)
    characters = np.full(len(texts), -1)
    found = (re.findall(UNSHOWABLE, text) for text in texts.take(pa.array(places)).to_pylist())
    characters[places] = [ord(first) for first, *_ in found]
    for character in np.unique(characters[places]).tolist():
        reason = Message("E-CHAR", "a control character, U+{code}", code=f"{character:04X}")
        parsed = parsed.but(characters == character, reason)
    return parsed
