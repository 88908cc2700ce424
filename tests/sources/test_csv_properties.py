"""Whatever stands in a CSV file: every record is accepted or refused, and both readers of blocks agree on each."""

import re
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tangente.sources.csv_file import CsvFile
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Settings
from tangente.sources.reading import open_source
from tangente.sources.records import Records

from .files import CONTACTS

HEADER = b"customer,time,touchpoint\n"
PIECES = [b"a", b"2026-01-01", b",", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"\xe4", "ä".encode(), b" ", b";"]
ROWS = [
    b"a,2026-01-01,x\n",
    b'a,2026-01-01,"x\ny"\n',
    b'a,2026-01-01,5" x\n',
    b"a,x\n",
    b'a,"2026-01-01\n',
    b'"a",2026-01-01,x"\n',
]
TEXTS = st.lists(st.sampled_from([*PIECES, *ROWS]), max_size=25).map(b"".join)

FIELD = rb'(?:"(?:[^"]|"")*"|[^",\r\n][^,\r\n]*|)'
RECORD = re.compile(rb"%s(?:,%s){2}\r*" % (FIELD, FIELD))


class LineByLine(CsvFile):
    """The strict reader alone."""

    def _split(self, block: bytes, line: int, number: int, columns: Sequence[str]) -> Records | None:
        return None


def records_in(text: bytes) -> int:
    """How many records the lines hold: the lines that make one of three fields, or a line that begins none."""
    lines, count = text.removesuffix(b"\n").split(b"\n"), 0
    while lines:
        ends = (end for end in range(1, len(lines) + 1) if is_record(b"\n".join(lines[:end])))
        count += lines[0].strip(b"\r") != b""
        del lines[: next(ends, 1)]
    return count


def is_record(text: bytes) -> bool:
    return RECORD.fullmatch(text) is not None and b"\0" not in text and text.decode(errors="ignore").encode() == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(TEXTS)
@example(b'"a\nb",2026-01-01,x\n"c')
def test_csv_accepts_or_refuses_every_record(tmp_path: Path, text: bytes):
    path = tmp_path / "file.csv"
    path.write_bytes(HEADER + b"a,2026-01-01,x\n" + text)
    source = open_source(path, Mapping.from_text(CONTACTS))
    batches = list(source.batches())
    accepted = sum(len(batch.contacts) for batch in batches if batch.contacts is not None)
    assert accepted + sum(len(batch.refusals) for batch in batches) == records_in(text) + 1
    assert source.rows == {"contacts": records_in(text) + 1}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 64), st.sampled_from(["utf-8", "cp1252"]))
def test_csv_readers_agree_on_every_record(tmp_path: Path, text: bytes, block: int, encoding: str):
    path = tmp_path / "file.csv"
    path.write_bytes(HEADER + text)
    file, strict = (reader(path, Settings(encoding=encoding), block=block) for reader in (CsvFile, LineByLine))
    assert told(file) == told(strict)


def told(file: CsvFile) -> list[tuple[object, ...]]:
    """Every record and every refused line, in the order of the file."""
    found: list[tuple[object, ...]] = []
    for records in file.records(file.headers):
        cells = zip(*(records.columns[name].texts.to_pylist() for name in file.headers), strict=True)
        found += zip(records.lines.tolist(), records.numbers.tolist(), cells, strict=True)
        found += [(each.line, each.text, each.reason, each.reason.code) for each in records.unreadable]
    return sorted(found, key=lambda each: (each[0], str(each)))
