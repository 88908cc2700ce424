"""XML, read as a stream: no document type, no entities, nothing outside the file, elements of bounded length."""

from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from tangente.errors import SourceError
from tangente.messages import Message

CHUNK = 1 << 16
LONGEST_TAG = 1 << 20
"""Bytes of one tag; expat keeps and rereads one until it has seen its end."""

ENCODING = tuple(
    expat.errors.codes[error]
    for error in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
)

Start = Callable[[str, dict[str, str]], None]
Told = Callable[[str], None]


class StrictXml:
    """One reading of a file, which tells of each element that begins and ends, and of texts; `line` is where it is."""

    def __init__(self, file: str, start: Start, end: Told, text: Told | None = None) -> None:
        self.file = file
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def chunks(self, stream: IO[bytes]) -> Iterator[int]:
        """Read to the end of the stream, pausing after each chunk; yields the bytes read so far."""
        taken = 0
        while chunk := stream.read(CHUNK):
            self._parse(chunk)
            taken += len(chunk)
            self._check_progress(taken)
            yield taken
        self._parse(b"", last=True)

    def _parse(self, chunk: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            if error.code in ENCODING:
                raise SourceError(self._encoding()) from error
            raise SourceError(
                Message(
                    "E-XML",
                    "{file}, line {line}: this is no well-formed XML ({reason}); export it again",
                    file=self.file,
                    line=error.lineno,
                    reason=expat.ErrorString(error.code),
                )
            ) from error
        except (LookupError, ValueError) as error:  # Python knows the encoding, but it is none of single bytes
            raise SourceError(self._encoding()) from error

    def _encoding(self) -> Message:
        return Message(
            "E-ENC",
            "{file} names an encoding in its first line that cannot be read; save it as UTF-8",
            file=self.file,
        )

    def _check_progress(self, taken: int) -> None:
        if taken - self._parser.CurrentByteIndex > LONGEST_TAG + CHUNK:
            raise SourceError(
                Message(
                    "E-XML",
                    "{file}, line {line}: an element is longer than {size:,} bytes",
                    file=self.file,
                    line=self.line,
                    size=LONGEST_TAG,
                )
            )

    def _refuse_document_type(self, *_: object) -> None:
        raise SourceError(
            Message(
                "E-XML",
                "{file}, line {line}: it declares a document type (DOCTYPE), which may reach outside or burst; "
                "export it without one",
                file=self.file,
                line=self.line,
            )
        )
