"""The bytes of a CSV file in the encoding that its mapping declares: marks obeyed or refused, never guessed."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.unpacked import open_unpacked

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def _saved_again(byte: int) -> bytes:
    """What a byte of UTF-8 becomes where a program takes it for cp1252 and saves it as UTF-8."""
    return (bytes([byte]).decode("cp1252", "ignore") or chr(byte)).encode()


_TAILS = b"|".join(map(_saved_again, range(0x80, 0xC0)))
_MOJIBAKE = {
    "cp1252": re.compile(rb"\xc3[\x80-\xbf]|\xe2(?:\x80[\x80-\xbf]|\x82\xac)"),
    "utf-8": re.compile(b"\xc3(?:\x83(?:%b)|\xa2(?:\xe2\x82\xac(?:%b)|\xe2\x80\x9a\xc2\xac))" % (_TAILS, _TAILS)),
}
"""Ã¼, â€œ and â‚¬, which nobody writes: a letter with an accent, a quote or dash, and € in UTF-8 taken for cp1252."""


@contextmanager
def open_csv(path: Path, encoding: str) -> Iterator[io.BufferedReader]:
    """The file's bytes, unpacked and after its byte order mark, lines ending in a line feed; UTF-16 comes as UTF-8."""
    with open_unpacked(path) as stream:
        mark = mark_of(stream)
        _check_mark(path, mark, encoding)
        if encoding == "utf-16":
            stream = io.BufferedReader(_FromUtf16(stream, path), 1 << 16)
        elif mark:
            stream.read(len(codecs.BOM_UTF8))
        start = stream.peek(1 << 16)
        yield io.BufferedReader(_BareReturns(stream)) if b"\r" in start and b"\n" not in start else stream


def mark_of(stream: io.BufferedReader) -> str | None:
    """The encoding that a file's byte order mark names."""
    start = stream.peek(3)
    return next((encoding for mark, encoding in MARKS.items() if start.startswith(mark)), None)


def _check_mark(path: Path, mark: str | None, encoding: str) -> None:
    if mark is None and encoding == "utf-16":
        raise SourceError(
            Message(
                "E-ENC",
                "{file} does not begin with a byte order mark, so it cannot be read as UTF-16; save it as UTF-8",
                file=path.name,
            )
        )
    if mark not in (None, encoding):
        raise SourceError(
            Message(
                "E-ENC",
                '{file} is marked as {mark}, the mapping says {encoding}; write encoding = "{answer}"',
                file=path.name,
                mark=str(mark).upper(),
                encoding=encoding,
                answer=mark,
            )
        )


class _FromUtf16(io.RawIOBase):
    """UTF-16 as UTF-8. Halves of characters come through as what UTF-8 forbids, so that their lines are refused."""

    def __init__(self, stream: io.BufferedReader, path: Path) -> None:
        self.stream, self.path = stream, path
        self.decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]
        text = ""
        while not text:  # two bytes become three at most
            data = self.stream.read(max(len(buffer) // 2, 1))
            try:
                text = self.decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise SourceError(
                    Message("E-ENC", "{file} ends within a character of UTF-16; export it again", file=self.path.name)
                ) from error
            if not data:
                break
        encoded = text.encode("utf-8", "surrogatepass")
        buffer[: len(encoded)] = encoded
        return len(encoded)


class _BareReturns(io.RawIOBase):
    """A file whose lines end in bare carriage returns, as old Macs wrote them."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]
        data = self.stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(data)] = data
        return len(data)


def codec_of(encoding: str) -> str:
    """How the bytes of an opened file are encoded."""
    return "utf-8" if encoding == "utf-16" else encoding


def utf8(block: bytes, encoding: str) -> bytes | None:
    """The block in UTF-8, or None if it does not keep to its encoding."""
    if block.isascii():
        return block
    try:
        text = block.decode(codec_of(encoding))
    except UnicodeDecodeError:
        return None
    return text.encode() if encoding == "cp1252" else block


def decoded(line: bytes, encoding: str) -> str:
    """The line as text; what its encoding does not know is a SourceError."""
    codec = codec_of(encoding)
    try:
        return line.decode(codec)
    except UnicodeDecodeError as error:
        place = len(line[: error.start].decode(codec)) + 1
        if encoding == "utf-16":
            raise SourceError(Message("E-ENC", "character {place} is not UTF-16", place=place)) from error
        byte = f"0x{line[error.start]:02X}"
        if encoding == "utf-8":
            raise SourceError(
                Message(
                    "E-ENC",
                    'character {place}, byte {byte}, is not UTF-8; if all of the file is cp1252, write encoding = "cp1252"',
                    place=place,
                    byte=byte,
                )
            ) from error
        raise SourceError(
            Message(
                "E-ENC", "character {place}, byte {byte}, is not {encoding}", place=place, byte=byte, encoding=encoding
            )
        ) from error


def mojibake(block: bytes, encoding: str) -> tuple[int, str] | None:
    """The line in the block, from 0, and the letters that look like UTF-8 taken for cp1252; the first such."""
    codec = codec_of(encoding)
    found = None if block.isascii() else _MOJIBAKE[codec].search(block)
    return None if found is None else (block.count(b"\n", 0, found.start()), found.group().decode(codec, "replace"))
