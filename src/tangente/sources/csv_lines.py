"""The bytes of a CSV file as blocks of whole records, and as single lines where the line at fault must be found."""

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tangente.errors import SourceError
from tangente.sources.records import Places

BLOCK = 8 << 20
LONGEST_LINE = 1 << 20
LONGEST_RECORD = 1 << 17
"""As the longest field of Python's csv module: bounds what an unclosed quote can swallow."""

GZIP = b"\x1f\x8b"
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
QUOTE, LINE_FEED, CARRIAGE_RETURN = b'"\n\r'

Bytes = npt.NDArray[np.uint8]


@contextmanager
def open_csv(path: Path, encoding: str) -> Iterator[io.BufferedReader]:
    """The file's bytes after decompression and byte order mark, lines ending in a line feed."""
    try:
        with path.open("rb", buffering=0) as file:
            stream: io.BufferedReader = io.BufferedReader(file, 1 << 16)
            packed = stream.peek(2)[:2] == GZIP
            yield _after_mark(_unpacked(stream) if packed else stream, path, encoding)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path.name} is damaged: it cannot be unpacked ({error})") from error
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror or error}") from error


def _unpacked(stream: io.BufferedReader) -> io.BufferedReader:
    return io.BufferedReader(gzip.GzipFile(fileobj=stream), 1 << 16)


def _after_mark(stream: io.BufferedReader, path: Path, encoding: str) -> io.BufferedReader:
    start = stream.peek(1 << 16)
    if start.startswith(UTF16_MARKS):
        raise SourceError(f"{path.name} is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)")
    if start.startswith(UTF8_MARK):
        if encoding != "utf-8":
            raise SourceError(f'{path.name} is marked as UTF-8, the mapping says {encoding}; write encoding = "utf-8"')
        stream.read(len(UTF8_MARK))
    if b"\r" in start and b"\n" not in start:
        return io.BufferedReader(_BareReturns(stream))
    return stream


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


def blocks(stream: io.BufferedReader, size: int) -> Iterator[bytes]:
    """Whole lines of about `size` bytes; a quote that is open at the end takes more lines, within bounds."""
    while block := stream.read(size):
        block += read_line(stream)
        open_quote, taken = block.count(b'"') % 2, 0
        more = []
        while open_quote and taken < LONGEST_RECORD and (line := read_line(stream)):
            open_quote, taken = (open_quote + line.count(b'"')) % 2, taken + len(line)
            more.append(line)
        block = b"".join([block, *more])
        yield block if block.endswith(b"\n") else block + b"\n"


def read_line(stream: io.BufferedReader) -> bytes:
    line = stream.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE:
        raise SourceError(f"a line is longer than {LONGEST_LINE:,} bytes; this is no CSV file of contacts or ratings")
    return line


def utf8(block: bytes, encoding: str) -> bytes | None:
    """The block in UTF-8, or None if it does not keep to its encoding."""
    if block.isascii():
        return block
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError:
        return None
    return block if encoding == "utf-8" else text.encode()


def record_begins(block: bytes, delimiter: str) -> Places | None:
    """The line in the block, from 0, on which each record begins; None if a line must be looked at more closely.

    Records are what RFC 4180 says, without the empty ones: a quote opens at the begin of a field, closes at its end, and
    is doubled inside.
    """
    if b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        return None
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == LINE_FEED)
    last_lines = np.arange(len(ends))
    if b'"' in block:
        quotes = _quotes(data, ends, delimiter)
        if quotes is None:
            return None
        last_lines = np.flatnonzero(np.searchsorted(quotes, ends) % 2 == 0)
        ends = ends[last_lines]
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    if lengths.max() > LONGEST_RECORD:
        return None
    blank = (lengths == 0) | ((lengths == 1) & (data[starts] == CARRIAGE_RETURN))
    begins: Places = np.concatenate([[0], last_lines[:-1] + 1])[~blank]
    return begins


def _quotes(data: Bytes, ends: Places, delimiter: str) -> Places | None:
    """Where quotes open and close fields, in turn; None if that is not clear.

    On a line on which none stands at the begin of a field all are letters, as in 5" screen; but then no record may span
    lines, for the second line of one looks the same.
    """
    quotes = np.flatnonzero(data == QUOTE)
    if _in_order(data, quotes, delimiter):
        return quotes
    line_of = np.searchsorted(ends, quotes)
    opens = _among(data[quotes - 1], delimiter, LINE_FEED) | (quotes == 0)
    quotes = quotes[np.isin(line_of, line_of[opens])]
    per_line = np.bincount(np.searchsorted(ends, quotes))
    return quotes if _in_order(data, quotes, delimiter) and not (per_line % 2).any() else None


def _in_order(data: Bytes, quotes: Places, delimiter: str) -> bool:
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    opens = _among(data[opening - 1], delimiter, LINE_FEED, QUOTE) | (opening == 0)
    closes = _among(data[closing + 1], delimiter, LINE_FEED, QUOTE, CARRIAGE_RETURN)
    return bool(opens.all() and closes.all())


def _among(data: Bytes, delimiter: str, *codes: int) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[[ord(delimiter), *codes]] = True
    return table[data]


class Lines:
    """Lines for Python's csv reader, one record at a time; a record that fails can be taken back but for its first line.

    Beyond the lines of its block it reads on from the stream only to complete a record.
    """

    def __init__(self, stream: io.BufferedReader, encoding: str, block: bytes = b"") -> None:
        self.stream, self.encoding = stream, encoding
        self.waiting = deque(io.BytesIO(block).readlines())
        self.record: list[bytes] = []
        self.taken = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.popleft() if self.waiting else read_line(self.stream)
        if not line:
            raise StopIteration
        self.record.append(line)
        self.taken += 1
        if b"\0" in line:
            raise csv.Error("it holds a NUL byte")
        try:
            return line.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise csv.Error(f"byte 0x{line[error.start]:02X} is not {self.encoding}") from error

    def begin_record(self) -> bool:
        """Whether there is another record in the block."""
        self.record = []
        return bool(self.waiting)

    def keep_first_line(self) -> None:
        """Take back the lines of this record after its first: they are read as records of their own."""
        self.waiting.extendleft(reversed(self.record[1:]))
        self.taken -= len(self.record) - 1
        del self.record[1:]

    def record_text(self) -> str:
        return b"".join(self.record).decode(self.encoding, errors="replace").rstrip("\r\n")
