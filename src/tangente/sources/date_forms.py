"""The forms in which dates are usually written, and those that an undeclared date seems to have."""

import re
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tangente.messages import Message
from tangente.sources.parsed import Mask, as_mask

_DAYS = ("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", " %H:%M Uhr", "T%H:%M:%S")
FORMATS = [day + clock for day, clock in product(_DAYS, _CLOCKS)]

_DIGITS = {"Y": "0000", "y": "00", "p": "[AaPp][Mm]", "M": "00", "S": "00"} | dict.fromkeys("mdHI", "00?")
_COUNTED = {
    "unix": r"0{10}(\.0+)?",
    "unix_ms": "0{13}",
    "excel_1900": r"0{5}(\.0+)?",
    "excel_1904": r"0{5}(\.0+)?",
}


def _shape(form: str) -> str:
    """What texts of the form look like where every digit is a zero."""
    return re.sub("%(.)", lambda directive: _DIGITS[directive[1]], form.replace(".", r"\."))


_SHAPES = {form: re.compile(_shape(form)) for form in FORMATS} | {
    form: re.compile(shape) for form, shape in _COUNTED.items()
}
_MAYBE = r"^\d{1,4}[./-]?\d{1,2}[./-]?\d{2,4}(?:\D.{0,15})?$|^\d{5,13}(?:\.\d+)?$"
_LONGEST = 40


def questions(texts: pa.Array) -> list[tuple[Mask, Message]]:
    """Which of the texts seem to be dates of an undeclared form, with the form that would read them: it is not guessed."""
    maybe = pc.and_(pc.match_substring_regex(texts, _MAYBE), pc.less_equal(pc.utf8_length(texts), _LONGEST))
    if not as_mask(maybe).any():
        return []
    shapes = pc.replace_substring_regex(pc.if_else(maybe, texts, None), r"\d", "0").dictionary_encode()
    asked = [
        _question([f for f, shape in _SHAPES.items() if shape.fullmatch(text)])
        for text in shapes.dictionary.to_pylist()
    ]
    where = pc.fill_null(shapes.indices, -1).to_numpy(zero_copy_only=False)
    said = dict.fromkeys(question for question in asked if question is not None)
    return [(np.isin(where, [i for i, each in enumerate(asked) if each == question]), question) for question in said]


def _question(forms: list[str]) -> Message | None:
    if not forms:
        return None
    if len(forms) == 1:
        return Message(
            "E-ASK", 'a date of a form that the mapping does not declare; write format = "{form}" there', form=forms[0]
        )
    return Message(
        "E-ASK",
        'it could be one of several dates; write format = "{form}" or format = "{other}" in the mapping',
        form=forms[0],
        other=forms[1],
    )
