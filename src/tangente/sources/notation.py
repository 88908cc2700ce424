"""How a file writes numbers: the signs its mapping declares, and what must be asked where it declares none."""

import re
from copy import copy

import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.parsed import Mask, as_mask, keep_matching

MINUS = "\N{MINUS SIGN}"
LOOKALIKES = {
    " ": "[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]",
    "'": "\N{RIGHT SINGLE QUOTATION MARK}",
}
"""What also stands for a declared thousands sign."""

_DOUBTFUL = r",|\.\d{3}(?:\.|$)"
_DOUBTS = {
    r"[1-9]\d{0,2}\.\d{3}": ('decimal = "."', 'thousands = "."'),
    r"[1-9]\d{0,2},\d{3}": ('decimal = ","', 'thousands = ","'),
    r"[1-9]\d{0,2},(?:\d{1,2}|\d{4,18})|(?:0\d*|\d{4,12}),\d{1,18}": ('decimal = ","',),
    r"[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})": ('thousands = "."',),
    r"[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})": ('thousands = ","',),
}
"""Numbers that the point alone does not settle, no two of one form, and the line of the mapping that would; two: either."""

_MONEY = "(?:[€$£]|EUR|CHF|USD|GBP)"
_FIGURES = "[-\\d.,'’ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+"
_WITH_CURRENCY = f"{_MONEY}{_FIGURES}|{_FIGURES}{_MONEY}"
_MINUS_BEHIND = r"[\d.,' ]*\d-"
_NO_DIGIT = r"[^\p{Nd}]*"

Problems = list[tuple[Mask, Message]]


class Notation:
    """A decimal sign and a thousands sign, and the numbers they spell.

    asks_in: the part of a mapping that declares neither; then a number that could be meant otherwise is asked about.
    """

    def __init__(self, decimal: str, thousands: str, *, asks_in: str | None = None) -> None:
        self.decimal, self.thousands, self.part = decimal, thousands, asks_in
        self.typed: Mask | None = None
        point = re.escape(decimal)
        groups = rf"|[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}}){{1,3}}" if thousands else ""
        self.pattern = rf"-?(?:\d{{1,12}}{groups})(?:{point}\d{{1,18}})?"

    def of(self, typed: Mask | None) -> "Notation":
        """The notation of texts of which some are `typed`, numbers in the file itself: there is nothing to ask."""
        same = copy(self)
        same.typed = typed
        return same

    def plain(self, texts: pa.Array) -> tuple[pa.Array, Problems]:
        """The numbers among the texts, rewritten with a point and no groups; a problem for each of the rest."""
        texts = self._with_usual_signs(texts)
        asked = self._questions(texts) if self.part else []
        for doubtful, _ in asked:
            texts = pc.if_else(pa.array(doubtful), None, texts)
        kept, wrong = keep_matching(texts, self.pattern)
        if self.thousands:
            kept = pc.replace_substring(kept, self.thousands, "")
        if self.decimal != ".":
            kept = pc.replace_substring(kept, self.decimal, ".")
        return kept, [*asked, *(self._faults(texts, wrong) if wrong.any() else [])]

    def _with_usual_signs(self, texts: pa.Array) -> pa.Array:
        """The minus and the spaces of typography as those of the keyboard."""
        if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
            return texts
        texts = pc.replace_substring_regex(texts, f"^{MINUS}", "-")
        lookalikes = LOOKALIKES.get(self.thousands)
        return pc.replace_substring_regex(texts, lookalikes, self.thousands) if lookalikes else texts

    def _questions(self, texts: pa.Array) -> Problems:
        doubtful = as_mask(pc.match_substring_regex(texts, _DOUBTFUL))
        if self.typed is not None:
            doubtful &= ~self.typed
        if not doubtful.any():
            return []
        asked = [
            (doubtful & _matches(texts, f"-?(?:{form})"), self._question(*lines)) for form, lines in _DOUBTS.items()
        ]
        return [(wrong, question) for wrong, question in asked if wrong.any()]

    def _question(self, line: str, other: str | None = None) -> Message:
        if other is None:
            return Message("E-ASK", "to have it read as a number, write {line} in [{part}]", line=line, part=self.part)
        return Message(
            "E-ASK",
            "it may be a fraction or thousands; write {line} or {other} in [{part}]",
            line=line,
            other=other,
            part=self.part,
        )

    def _faults(self, texts: pa.Array, wrong: Mask) -> Problems:
        """Each text that is no number, with what is most likely wrong with it."""
        texts = pc.if_else(pa.array(wrong), texts, None)
        money, behind, wordy = (_matches(texts, pattern) for pattern in (_WITH_CURRENCY, _MINUS_BEHIND, _NO_DIGIT))
        problems = [
            (money, Message("E-NUM", "a number with its currency; export it without")),
            (behind, Message("E-NUM", "a number with its minus behind; export it with the minus in front")),
            (
                wordy,
                Message("E-NUM", 'not a number; if it means that there is none, write missing = ["…"] in the mapping'),
            ),
            (wrong & ~money & ~behind & ~wordy, self._reason()),
        ]
        return [(mask, reason) for mask, reason in problems if mask.any()]

    def _reason(self) -> Message:
        if not self.thousands:
            return Message("E-NUM", "not a number written with '{decimal}' as decimal sign", decimal=self.decimal)
        return Message(
            "E-NUM",
            "not a number written with '{decimal}' as decimal sign and '{thousands}' as thousands sign",
            decimal=self.decimal,
            thousands=self.thousands,
        )


def _matches(texts: pa.Array, pattern: str) -> Mask:
    return as_mask(pc.match_substring_regex(texts, f"^(?:{pattern})$"))
