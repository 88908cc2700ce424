"""How a CSV file is written, judged by most of its lines: encoding and delimiter."""

import csv
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.csv_encoding import codec_of, mark_of, open_csv
from tangente.sources.csv_lines import BLOCK, blocks, read_line
from tangente.sources.unpacked import open_unpacked

DELIMITERS = (",", ";", "\t", "|")
LINES = 200


@dataclass(frozen=True)
class Dialect:
    """encoding and delimiter, each with why."""

    encoding: str
    encoding_reason: str
    delimiter: str


def dialect(path: Path) -> Dialect:
    encoding, reason = _encoding(path)
    with open_csv(path, encoding) as stream:
        start = b"".join(islice(iter(lambda: read_line(stream), b""), LINES))
    if not start:
        raise SourceError(
            Message("E-EMPTY", "{file} is empty; it needs a row of column names and rows below it", file=path.name)
        )
    return Dialect(encoding, reason, _delimiter(start.decode(codec_of(encoding), errors="replace").split("\n")))


def _encoding(path: Path) -> tuple[str, str]:
    """By the file's mark, or by the lines that are not plain ASCII: the encoding that reads more of them."""
    with open_unpacked(path) as stream:
        if mark_of(stream) == "utf-16":
            return "utf-16", "the file says so"
    good = bad = 0
    with open_csv(path, "utf-8") as stream:
        for block in blocks(stream, BLOCK):
            if not block.isascii():
                special = [line for line in block.split(b"\n") if not line.isascii()]
                readable = sum(map(_is_utf8, special))
                good, bad = good + readable, bad + len(special) - readable
    if bad > good:
        return "cp1252", f"{bad:,} lines are not UTF-8"
    return "utf-8", f"{bad:,} lines are not and will be refused" if bad else ""


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(lines: list[str]) -> str:
    """The one that splits most lines into as many columns as the header, then the one that gives most columns."""
    if lines[0].startswith("sep=") and len(lines[0]) == len("sep=,"):
        return lines[0][-1]
    return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))


def _fit(lines: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] == 1:
        return 0.0, 0
    return round(Counter(widths)[widths[0]] / len(widths), 1), widths[0]
