"""What Tangente tells a person: one sentence, in English where it is made, in German where it is read."""

import re
from collections.abc import Callable
from string import Formatter
from typing import Any, Self

Say = Callable[[Any], str]

_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Message(str):
    """A sentence with a stable code; it is its English text, and can be said in another language.

    Args:
        code: such as "E-DATE"; documented in docs/reference/refusals.md. "" where the sentence is only part of another.
        text: the sentence, a source string of the translations, with named gaps: "{file} is empty".
        values: what stands in the gaps; may be messages, or lists of them.

    >>> Message("E-EMPTY", "{file} is empty", file="a.csv"), Message("E-COLS", "{n:,} cells", n=1200)
    ('a.csv is empty', '1,200 cells')
    """

    code: str
    text: str
    values: dict[str, object]

    def __new__(cls, code: str, text: str, /, **values: object) -> Self:
        message = super().__new__(cls, filled(text, values, _listed))
        message.code, message.text, message.values = code, text, values
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.code, self.text, self.values)


def _again(code: str, text: str, values: dict[str, object]) -> Message:
    return Message(code, text, **values)


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def filled(text: str, values: dict[str, object], say: Say, count: Say = "{:,}".format) -> str:
    """The text with its gaps filled: `count` writes what is marked as a count, as {rows:,}, and `say` the rest."""
    return _Filler(say, count).vformat(text, (), values)


class _Filler(Formatter):
    def __init__(self, say: Say, count: Say) -> None:
        self._say, self._count = say, count

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name  # a value itself: {m.__class__} would reach all of this process

    def format_field(self, value: object, spec: str) -> str:
        if spec not in ("", ","):
            raise ValueError(f"a gap is written {{name}} or {{name:,}}, not with {spec!r}")
        return self._count(value) if spec else self._say(value)

    def convert_field(self, value: object, conversion: str | None) -> object:
        if conversion:
            raise ValueError(f"a gap is written {{name}} or {{name:,}}, not with !{conversion}")
        return value


def visible(text: str) -> str:
    """The text as a terminal may show it: what commands a terminal, or turns the direction of reading, is spelt out.

    It is spelt as JSON and TOML do, which lose nothing by it.

    >>> visible("a\\x1b[2Jb")
    'a\\\\u001b[2Jb'
    """
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
