"""The bytes of a CSV file as blocks of whole records, and as single lines where the line at fault must be found."""

import csv
import io
from collections import deque
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.csv_encoding import codec_of, decoded
from tangente.sources.records import Places

BLOCK = 4 << 20
LONGEST_LINE = 1 << 20
LONGEST_RECORD = 1 << 17
"""As the longest field of Python's csv module: bounds what an unclosed quote can swallow."""

QUOTE, LINE_FEED, CARRIAGE_RETURN = b'"\n\r'
UNCLOSED = "unexpected end of data"

Bytes = npt.NDArray[np.uint8]


def blocks(stream: io.BufferedReader, size: int) -> Iterator[bytes]:
    """Whole lines of about `size` bytes; a quote that is open at the end takes more lines, within bounds."""
    while block := stream.read(size):
        block += read_line(stream)
        open_quote, taken = count(QUOTE, block) % 2, 0
        more = []
        while open_quote and taken < LONGEST_RECORD and (line := read_line(stream)):
            open_quote, taken = (open_quote + line.count(b'"')) % 2, taken + len(line)
            more.append(line)
        block = b"".join([block, *more])
        yield block if block.endswith(b"\n") else block + b"\n"


def count(letter: int, block: bytes) -> int:
    """How often a byte stands in the block; where it is every tenth, `bytes.count` takes four times as long."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == letter))


def read_line(stream: io.BufferedReader) -> bytes:
    """A line; of one that is longer than any may be only its begin, so that it is refused."""
    line = stream.readline(LONGEST_LINE)
    if len(line) < LONGEST_LINE or line.endswith(b"\n"):
        return line
    while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass
    return line + b"\n"


def record_begins(block: bytes, delimiter: str) -> Places | None:
    """The line in the block, from 0, on which each record begins; None if a line must be looked at more closely.

    Records are what RFC 4180 says, without the empty ones: a quote opens at the begin of a field, closes at its end, and
    is doubled inside.
    """
    if b"\0" in block or (b"\r" in block and count(CARRIAGE_RETURN, block) != block.count(b"\r\n")):
        return None
    if not block.strip(b"\r\n"):  # millions of empty lines, as a bomb has them
        return np.empty(0, np.int64)
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
        if len(line) > LONGEST_LINE:
            raise SourceError(
                Message("E-LONG", "longer than {bytes:,} bytes; a line end may be missing", bytes=LONGEST_LINE)
            )
        if b"\0" in line:
            raise SourceError(Message("E-CHAR", "the line holds a NUL byte"))
        return decoded(line, self.encoding)

    def fault(self, error: csv.Error | SourceError) -> Message:
        """Why the record cannot be read."""
        reason = error.args[0]
        if isinstance(reason, Message):
            return reason
        if UNCLOSED in reason:
            return Message("E-QUOTE", "a quote opens and does not close")
        if "field larger" in reason and len(self.record) > 1:
            return Message(
                "E-QUOTE", "a quote opens and does not close within {count:,} characters", count=LONGEST_RECORD
            )
        if "field larger" in reason:
            return Message("E-LONG", "a field is longer than {count:,} characters", count=LONGEST_RECORD)
        if "new-line" in reason:
            return Message("E-CHAR", "a bare carriage return stands in the line")
        return Message("E-QUOTE", "text follows a closing quote; a quote inside a field is written twice")

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
        return b"".join(self.record).decode(codec_of(self.encoding), errors="replace").rstrip("\r\n")
