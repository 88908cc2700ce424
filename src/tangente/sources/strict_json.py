"""JSON, read as a stream: one object with lists in it, item by item; nothing that could be read in two ways is let in."""

import codecs
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.unpacked import open_unpacked

CHUNK = 1 << 20
LONGEST_ITEM = 4 << 20
MOST_DIGITS = 100

_SPACE = re.compile(r"[ \t\r\n]*")


class JsonNumber(str):
    """A number as the file writes it."""


class _Fault(ValueError):
    """What is wrong with a value, as a part of a sentence."""


class StrictJson:
    """One reading of a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text, self._place, self._line = "", 0, 1
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("strict").decode
        self._values = json.JSONDecoder(
            object_pairs_hook=_unique, parse_int=_number, parse_float=_number, parse_constant=_no_number
        )

    def items(self) -> Iterator[tuple[str, Any]]:
        """Each item of each list in the object, with the key of the list; a value that is no list, as one item."""
        with open_unpacked(self.path) as stream:
            self._chunks = iter(lambda: stream.read(CHUNK), b"")
            yield from self._members()

    def _members(self) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        self._expect("{")
        while not self._passes("}"):
            if seen:
                self._expect(",")
            key = self._value()
            if not isinstance(key, str) or key in seen:
                raise self._error(_twice(str(key)))
            seen.add(key)
            self._expect(":")
            for item in self._list():
                yield key, item
        if self._sign():
            raise self._error(Message("", "something follows the end of the object"))

    def _list(self) -> Iterator[Any]:
        if not self._passes("["):
            yield self._value()
            return
        if self._passes("]"):
            return
        yield self._value()
        while self._passes(","):
            yield self._value()
        self._expect("]")

    def _sign(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]
            if self._place < len(self._text) or not self._read_on():
                return self._text[self._place : self._place + 1]

    def _passes(self, sign: str) -> bool:
        if self._sign() != sign:
            return False
        self._place += 1
        return True

    def _expect(self, sign: str) -> None:
        if not self._passes(sign):
            raise self._error(Message("", "'{sign}' is expected here", sign=sign))

    def _value(self) -> Any:
        self._sign()
        while True:
            try:
                value, end = self._values.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if not self._may_go_on():
                    raise self._error(Message("", "no well-formed JSON ({reason})", reason=error.msg)) from error
                continue
            except _Fault as error:
                raise self._error(error.args[0]) from error
            except RecursionError as error:
                raise self._error(Message("", "values are nested too deep")) from error
            if end + len("e+") < len(self._text) or not self._read_on():  # a number may go on
                break
        self._check_letters(end)
        self._place = end
        return value

    def _check_letters(self, end: int) -> None:
        """Escapes can spell half a letter, which no text can hold."""
        if self._text.find("\\ud", self._place, end) < 0 and self._text.find("\\uD", self._place, end) < 0:
            return
        try:
            json.dumps(json.loads(self._text[self._place : end]), ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise self._error(Message("", "half a letter (a lone surrogate)")) from error

    def _may_go_on(self) -> bool:
        return len(self._text) - self._place < LONGEST_ITEM and self._read_on()

    def _read_on(self) -> bool:
        """Whether there is more text; what is used is forgotten."""
        chunk = next(self._chunks, b"")
        try:
            more = self._decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise SourceError(Message("E-ENC", "{file} is not UTF-8; save it as UTF-8", file=self.path.name)) from error
        if not chunk:
            return False
        self._line += self._text.count("\n", 0, self._place)
        self._text, self._place = self._text[self._place :] + more, 0
        return True

    def _error(self, reason: Message) -> SourceError:
        line = self._line + self._text.count("\n", 0, self._place)
        return SourceError(
            Message("E-JSON", "{file}, line {line}: {reason}", file=self.path.name, line=line, reason=reason)
        )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Fault(_twice(next(key for key in keys if keys.count(key) > 1)))
    return members


def _twice(key: str) -> Message:
    return Message("", "the key '{key}' is no text or stands twice", key=key)


def _number(digits: str) -> JsonNumber:
    if len(digits) > MOST_DIGITS:
        raise _Fault(Message("", "a number of more than {most:,} digits", most=MOST_DIGITS))
    if math.isinf(float(digits)):
        return _no_number(digits)
    return JsonNumber(digits)


def _no_number(word: str) -> JsonNumber:
    raise _Fault(Message("", "{word} is no number", word=word))
