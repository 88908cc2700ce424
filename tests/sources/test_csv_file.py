import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tangente.errors import SourceError
from tangente.sources.csv_dialect import dialect
from tangente.sources.csv_file import MOST_COLUMNS, CsvFile
from tangente.sources.csv_lines import LONGEST_LINE, LONGEST_RECORD
from tangente.sources.parts import Settings

from .files import write

Read = tuple[list[tuple[int, int, list[str]]], list[tuple[int, str, str]]]


def read(path: Path, block: int = 1 << 20, **writing: str) -> Read:
    """Records as (line, number, cells), and the unreadable lines."""
    file = CsvFile(path, Settings(**writing), block=block)
    records, unreadable = [], []
    for part in file.records(file.headers):
        cells = [part.columns[name].texts.to_pylist() for name in file.headers]
        records += zip(part.lines.tolist(), part.numbers.tolist(), map(list, zip(*cells, strict=True)), strict=True)
        unreadable += [tuple(each) for each in part.unreadable]
    return records, unreadable


def test_csv_gives_each_record_its_line_and_number(tmp_path: Path):
    path = write(tmp_path, 'a,b\n1,2\n\n3,"x\ny"\n5,""\n')
    assert read(path) == ([(2, 1, ["1", "2"]), (4, 2, ["3", "x\ny"]), (6, 3, ["5", ""])], [])


@pytest.mark.parametrize(
    ("content", "writing"),
    [
        pytest.param("a,b\nä€,2", {}, id="no line feed at the end"),
        pytest.param("\ufeffa,b\r\nä€,2\r\n", {}, id="byte order mark and CRLF"),
        pytest.param('"a","b"\n"ä€","2"\n', {}, id="all quoted"),
        pytest.param("a,b\rä€,2\r", {}, id="bare carriage returns"),
        pytest.param("a;b\nä€;2\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}, id="cp1252"),
        pytest.param("a\tb\nä€\t2\n", {"delimiter": "\t"}, id="tabs"),
        pytest.param(" a , b \nä€,2\n", {}, id="spaces around names"),
    ],
)
def test_csv_reads_the_ways_files_are_written(tmp_path: Path, content: str, writing: dict[str, str]):
    path = write(tmp_path, content)
    assert read(path, **writing) == ([(2, 1, ["ä€", "2"])], [])
    assert CsvFile(path, Settings(**writing)).headers == ["a", "b"]


def test_csv_reads_gzip(tmp_path: Path):
    assert read(write(tmp_path, "a,b\n1,2\n", "file.csv.gz")) == ([(2, 1, ["1", "2"])], [])


def test_csv_reads_zstd(tmp_path: Path):
    packed = bytes(pa.compress(b"a,b\n1,2\n", codec="zstd", asbytes=True))
    assert read(write(tmp_path, packed, "file.csv.zst")) == ([(2, 1, ["1", "2"])], [])


@pytest.mark.parametrize("declared", [",", ";", "\t"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_csv_obeys_the_separator_line_of_excel(tmp_path: Path, sign: str, declared: str):
    path = write(tmp_path, f"sep={sign}\na{sign}b\n1{sign}2\n")
    assert read(path, delimiter=declared) == ([(3, 1, ["1", "2"])], [])


def test_csv_takes_a_name_that_begins_like_a_separator_line(tmp_path: Path):
    path = write(tmp_path, "sep=x,b\n1,2\n")
    assert CsvFile(path, Settings()).headers == ["sep=x", "b"]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("block", [1 << 20, 1 << 12])
def test_csv_reads_utf16_of_any_size(tmp_path: Path, codec: str, block: int):
    text = "\ufeffa\tb\r\n" + "ä€😀\t2\r\n" * 30_000
    records, unreadable = read(write(tmp_path, text.encode(codec)), block, encoding="utf-16", delimiter="\t")
    assert ({tuple(cells) for *_, cells in records}, len(records), unreadable) == ({("ä€😀", "2")}, 30_000, [])


@pytest.mark.parametrize("block", [1 << 20, 8])
def test_csv_warns_once_of_letters_that_nobody_writes(tmp_path: Path, block: int):
    path = write(tmp_path, "a,b\nÃO,â\n1,für\n2,für\n")
    file = CsvFile(path, Settings(encoding="cp1252"), block=block)
    for _ in range(2):
        assert sum(len(records) for records in file.records(["a"])) == 3
    assert file.warnings == [
        'file.csv, line 2: “Ã\u0192” shows that the file is UTF-8; write encoding = "utf-8" in the mapping'
    ]


@pytest.mark.parametrize("text", ["ÀÉÎ São Paulo", "NÃO Ângela", "„für“ – 5 €", "château"])
def test_csv_warns_of_nothing_that_people_write(tmp_path: Path, text: str):
    for encoding in ("utf-8", "cp1252"):
        file = CsvFile(write(tmp_path, f"a\n{text}\n".encode(encoding)), Settings(encoding=encoding))
        assert (len(list(file.records(["a"]))), file.warnings) == (1, [])


@pytest.mark.parametrize(("mark", "encoding"), [("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be")])
def test_dialect_finds_utf16_by_its_mark(tmp_path: Path, mark: str, encoding: str):
    found = dialect(write(tmp_path, f"{mark}a;b\n1;2\n".encode(encoding)))
    assert (found.encoding, found.delimiter) == ("utf-16", ";")


BAD_LINES = [
    pytest.param(b"1,2,3", "1,2,3", "the line has 3 columns, the file has 2", id="too long"),
    pytest.param(b"1", "1", "the line has 1 columns, the file has 2", id="too short"),
    pytest.param(b'1,"2', '1,"2', "a quote opens and does not close", id="unclosed quote"),
    pytest.param(
        b'1,"2"x',
        '1,"2"x',
        "text follows a closing quote; a quote inside a field is written twice",
        id="text after a quote",
    ),
    pytest.param(b"1,\x00", "1,\x00", "the line holds a NUL byte", id="NUL"),
    pytest.param(
        b"1,\xe4",
        "1,\ufffd",
        'character 3, byte 0xE4, is not UTF-8; if all of the file is cp1252, write encoding = "cp1252"',
        id="no UTF-8",
    ),
    pytest.param(b"1,2\r3,4", "1,2\r3,4", "a bare carriage return stands in the line", id="bare carriage return"),
]


@pytest.mark.parametrize("block", [1 << 20, 8])
@pytest.mark.parametrize(("line", "text", "reason"), BAD_LINES)
def test_csv_refuses_a_bad_line_and_reads_the_others(tmp_path: Path, line: bytes, text: str, reason: str, block: int):
    path = write(tmp_path, b"a,b\n0,0\n" + line + b"\nx,y\nu,v\n")
    records, unreadable = read(path, block)
    assert records == [(2, 1, ["0", "0"]), (4, 3, ["x", "y"]), (5, 4, ["u", "v"])]
    assert unreadable == [(3, text, reason)]


def test_csv_refuses_a_byte_that_cp1252_lacks(tmp_path: Path):
    records, unreadable = read(write(tmp_path, b"a,b\n1,\x81\n2,\xfc\n"), encoding="cp1252")
    assert records == [(3, 2, ["2", "ü"])]
    assert [reason for *_, reason in unreadable] == ["character 3, byte 0x81, is not cp1252"]


def test_csv_refuses_both_lines_of_a_record_that_breaks_in_the_second(tmp_path: Path):
    records, unreadable = read(write(tmp_path, 'a,b\n1,"x\ny"z,3,4\n5,6\n'))
    assert records == [(4, 3, ["5", "6"])]
    assert [line for line, *_ in unreadable] == [2, 3]


def test_csv_takes_a_quote_inside_a_field_as_it_is(tmp_path: Path):
    assert read(write(tmp_path, 'a,b\n5" screen,"say ""hi"""\n')) == ([(2, 1, ['5" screen', 'say "hi"'])], [])


def test_csv_bounds_what_an_unclosed_quote_can_swallow(tmp_path: Path):
    rows = "".join(f"{i},{i}\n" for i in range(LONGEST_RECORD // 4))
    records, unreadable = read(write(tmp_path, f'a,b\n1,"2\n{rows}'), block=1 << 12)
    assert (len(records), len(unreadable)) == (LONGEST_RECORD // 4, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "file.csv is empty; it needs a row of column names and rows below it", id="empty"),
        pytest.param(
            b"\xef\xbb\xbf", "file.csv is empty; it needs a row of column names and rows below it", id="mark only"
        ),
        pytest.param(b"\n1,2\n", "file.csv, line 1: there are no column names", id="no names"),
        pytest.param(
            b'a,"b\n1,2\n',
            "file.csv, line 1: the column names cannot be read: a quote opens and does not close",
            id="quote",
        ),
        pytest.param(
            "a,b".encode("utf-16"),
            'file.csv is marked as UTF-16, the mapping says utf-8; write encoding = "utf-16"',
            id="UTF-16",
        ),
        pytest.param(
            b"a" * (LONGEST_LINE + 1),
            "file.csv, line 1: the column names cannot be read: longer than 1,048,576 bytes; a line end may be missing",
            id="one endless line",
        ),
        pytest.param(
            b"a" * (LONGEST_RECORD + 1),
            "file.csv, line 1: the column names cannot be read: a field is longer than 131,072 characters",
            id="one long name",
        ),
        pytest.param(b"," * MOST_COLUMNS + b"x", "file.csv has 16,385 columns; at most 16,384 are read", id="too wide"),
    ],
)
def test_csv_refuses_a_file_without_column_names(tmp_path: Path, content: bytes, message: str):
    with pytest.raises(SourceError) as error:
        read(write(tmp_path, content))
    assert str(error.value) == message


def test_csv_refuses_utf8_read_as_cp1252(tmp_path: Path):
    with pytest.raises(SourceError, match='is marked as UTF-8, the mapping says cp1252; write encoding = "utf-8"'):
        read(write(tmp_path, "\ufeffa,b\n"), encoding="cp1252")


def test_csv_refuses_a_truncated_gzip(tmp_path: Path):
    path = write(tmp_path, "a,b\n1,2\n" * 99, "file.csv.gz")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SourceError, match=r"file\.csv\.gz is damaged: it cannot be unpacked"):
        read(path)


def test_csv_names_a_file_that_cannot_be_opened(tmp_path: Path):
    with pytest.raises(SourceError, match=r"none\.csv cannot be read: No such file or directory"):
        read(tmp_path / "none.csv")


FIELDS = st.text(st.sampled_from('ab1;,"\n ä'), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(FIELDS, FIELDS), max_size=12), st.integers(1, 64))
def test_csv_reads_what_python_writes_whatever_the_block(tmp_path: Path, rows: list[tuple[str, str]], block: int):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("a", "b"), *rows])
    records, unreadable = read(write(tmp_path, text.getvalue()), block)
    assert [tuple(cells) for *_, cells in records] == rows
    assert unreadable == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('a,"\n'), max_size=40), st.integers(1, 64))
def test_csv_accounts_for_every_line_whatever_the_block(tmp_path: Path, text: str, block: int):
    path = write(tmp_path, f"a,b\n{text}")
    records, unreadable = read(path, block)
    whole = read(path)
    assert (records, [line for line, *_ in unreadable]) == (whole[0], [line for line, *_ in whole[1]])
    covered = [at for line, _, cells in records for at in range(line, line + 1 + "".join(cells).count("\n"))]
    covered += [line for line, *_ in unreadable]
    filled = {at for at, line in enumerate(text.split("\n"), 2) if line}
    assert len(covered) == len(set(covered))
    assert filled <= set(covered)


def test_csv_refuses_a_field_that_is_longer_than_any_name(tmp_path: Path):
    records, unreadable = read(write(tmp_path, f"a,b\n1,{'x' * (LONGEST_RECORD + 1)}\n3,4\n"))
    assert records == [(3, 2, ["3", "4"])]
    assert [(line, reason) for line, _, reason in unreadable] == [(2, "a field is longer than 131,072 characters")]


def test_csv_takes_a_long_line_of_short_fields(tmp_path: Path):
    names, cells = (",".join(f"{cell}{i}" for i in range(MOST_COLUMNS)) for cell in ("c", "1234567"))
    file = CsvFile(write(tmp_path, f"{names}\n{cells}\n"), Settings())
    assert [len(records) for records in file.records(["c7"])] == [1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(
    st.lists(
        st.sampled_from(
            ['a,b"c', 'a"b"",c', '"a",b', '"a""","b,c"', "a,b", 'a,"b', '"b",c', '"",d', 'x"y,""', ',"', '"']
        ),
        max_size=8,
    ),
    st.integers(1, 40),
)
def test_csv_reads_as_python_does_where_python_reads(tmp_path: Path, lines: list[str], block: int):
    text = "\n".join(["a,b", *lines, ""])
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error:
        return
    if all(len(row) == 2 for row in rows):
        assert read(write(tmp_path, text), block) == read(tmp_path / "file.csv")
        assert [cells for *_, cells in read(tmp_path / "file.csv")[0]] == rows[1:]
