"""CSV, Parquet and XLSX of one table give the same rows."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tangente.errors import SourceError
from tangente.sources.mapping import Mapping
from tangente.sources.parts import Settings
from tangente.sources.reading import open_source
from tangente.sources.table_file import open_table

from .files import CONTACTS, read, write, write_table

TABLE = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text("aä ß-+1", min_size=1, max_size=5), st.just("k")),
        st.one_of(
            st.none(),
            st.just("x"),
            st.datetimes(datetime.fromisoformat("1890-01-01"), datetime.fromisoformat("2110-01-01")).map(str),
        ),
        st.just("touch"),
        st.one_of(st.none(), st.integers(-3, 10**6), st.floats(-1, 1e6).map(lambda x: round(x, 7))),
    ),
    min_size=1,
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(TABLE)
def test_csv_parquet_and_xlsx_of_one_table_give_the_same(tmp_path: Path, rows: list[tuple[object, ...]]):
    customers, times, touchpoints, costs = zip(*rows, strict=True)
    columns = [
        pa.array(customers, pa.string()),
        pa.array(times, pa.string()),
        touchpoints,
        pa.array(costs, pa.float64()),
    ]
    table = pa.table(columns, names=["customer", "time", "touchpoint", "cost"])
    texts = pa.table(
        [*columns[:3], [None if cost is None else f"{cost:.7f}" for cost in costs]], names=table.column_names
    )
    arrow_csv.write_csv(texts, tmp_path / "file.csv")
    paths = [tmp_path / "file.csv", write_table(tmp_path, table, "parquet"), write_table(tmp_path, table, "xlsx")]
    first, *others = [read(path, CONTACTS + 'cost = "cost"\nsegment = "touchpoint"') for path in paths]
    for other in others:
        assert other.contacts == first.contacts
        assert other.source.rows == first.source.rows
        assert [each[3:4] + each[5:] for each in other.refusals] == [each[3:4] + each[5:] for each in first.refusals]


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_typed_cells_need_neither_format_nor_decimal_sign(tmp_path: Path, kind: str):
    table = pa.table(
        {"customer": [17], "time": [datetime.fromisoformat("2026-07-01 10:00")], "touchpoint": [True], "cost": [1.5]}
    )
    mapping = CONTACTS.replace('"time"', '{ column = "time", format = "%d.%m.%Y" }') + 'decimal = ","\ncost = "cost"'
    (contact,) = read(write_table(tmp_path, table, kind), mapping).contacts
    assert (contact["customer_id"], contact["touchpoint"], contact["cost"]) == ("17", "true", 1_500_000)
    assert contact["occurred_at"] == datetime(2026, 7, 1, 8, tzinfo=UTC)


PARQUET_TYPES = [
    pytest.param(pa.array(["a"]).dictionary_encode(), "a", id="dictionary"),
    pytest.param(pa.array(["a"], pa.large_string()), "a", id="large string"),
    pytest.param(pa.array([17.0]), "17", id="whole float"),
    pytest.param(pa.array([0.1], pa.float32()), "0.1", id="float32"),
    pytest.param(pa.array([1e-7]), "0.0000001", id="small float"),
    pytest.param(pa.array([1.2345678901234567e-05]), "0.000012345678901235", id="long float"),
    pytest.param(pa.array([float("inf"), 1e20][:1]), "inf", id="infinite"),
    pytest.param(pa.array([1e20]), "100000000000000000000", id="large float"),
    pytest.param(pa.array([Decimal("1.50")]), "1.50", id="decimal"),
    pytest.param(pa.array([date(2026, 1, 2)]), "2026-01-02", id="date"),
    pytest.param(pa.array([time(9, 30)], pa.time32("s")), "09:30:00", id="time"),
    pytest.param(pa.array([None], pa.null()), None, id="null"),
]


@pytest.mark.parametrize(("array", "expected"), PARQUET_TYPES)
def test_parquet_reads_each_type_as_the_text_it_stands_for(tmp_path: Path, array: pa.Array, expected: str | None):
    table = pa.table({"customer": ["k"], "time": ["2026-01-01"], "touchpoint": ["x"], "reason": array})
    (contact,) = read(write_table(tmp_path, table, "parquet"), CONTACTS + 'reason = "reason"').contacts
    assert contact["reason"] == expected


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(pa.array([0], pa.timestamp("s")), datetime(1969, 12, 31, 23, tzinfo=UTC), id="local seconds"),
        pytest.param(
            pa.array([1_500], pa.timestamp("ns", "UTC")), datetime(1970, 1, 1, 0, 0, 0, 1, UTC), id="nanoseconds"
        ),
        pytest.param(pa.array([0], pa.timestamp("us", "Asia/Tokyo")), datetime(1970, 1, 1, tzinfo=UTC), id="zone"),
        pytest.param(pa.array([date(2026, 7, 1)]), datetime(2026, 6, 30, 22, tzinfo=UTC), id="date"),
    ],
)
def test_parquet_times_are_instants(tmp_path: Path, array: pa.Array, expected: datetime):
    table = pa.table({"customer": ["k"], "time": array, "touchpoint": ["x"]})
    (contact,) = read(write_table(tmp_path, table, "parquet"), CONTACTS).contacts
    assert contact["occurred_at"] == expected


def test_parquet_numbers_rows_across_batches(tmp_path: Path):
    path = write_table(tmp_path, pa.table({"a": ["x"] * 5}), "parquet")
    file = open_table(path, Settings())
    file.rows = 2  # type: ignore[attr-defined]
    assert [part.lines.tolist() for part in file.records(["a"])] == [[1, 2], [3, 4], [5]]


def test_parquet_names_a_column_of_a_type_that_is_no_text(tmp_path: Path):
    table = pa.table({"customer": [["k"]], "time": ["2026-01-01"], "touchpoint": ["x"]})
    with pytest.raises(
        SourceError, match="the column 'customer' holds list<element: string>; Tangente reads texts, numbers"
    ):
        read(write_table(tmp_path, table, "parquet"), CONTACTS)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_parquet_refuses_rows_with_a_lone_surrogate(tmp_path: Path, kind: pa.DataType):
    cells = pa.array([b"a", "\ud800".encode(errors="surrogatepass"), None, "ä".encode()]).view(pa.string()).cast(kind)
    table = pa.table({"customer": ["1", "2", "3", "4"], "time": ["2026-01-01"] * 4, "touchpoint": cells})
    outcome = read(write_table(tmp_path, table, "parquet"), CONTACTS)
    assert [(row["customer_id"], row["touchpoint"]) for row in outcome.contacts] == [("1", "a"), ("4", "ä")]
    assert [(each[0], each[3]) for each in outcome.reasons] == [
        (2, "a text is not UTF-8"),
        (3, "empty; every row of contacts needs its touchpoint"),
    ]


def test_parquet_refuses_a_damaged_file(tmp_path: Path):
    path = write_table(tmp_path, pa.table({"a": ["x"]}), "parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match=r"file\.parquet is damaged: it cannot be read as Parquet"):
        open_table(path, Settings())


def test_parquet_refuses_damaged_pages(tmp_path: Path):
    path = tmp_path / "file.parquet"
    pq.write_table(
        pa.table({"customer": [str(i) for i in range(999)], "time": ["2026-01-01"] * 999, "touchpoint": ["x"] * 999}),
        path,
    )
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"file\.parquet is damaged after row 0"):
        read(path, CONTACTS)


def sheet(folder: Path, *rows: tuple[object, ...], title: str = "Sheet") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.create_sheet("Second").append(("customer", "time", "touchpoint"))
    book["Second"].append(("second", "2026-01-01", "x"))
    book.save(folder / "file.xlsx")
    return folder / "file.xlsx"


HEADER = ("customer", "time", "touchpoint")


def test_xlsx_lines_are_the_rows_of_the_sheet(tmp_path: Path):
    path = sheet(
        tmp_path, (), HEADER, ("a", "2026-01-01", "x"), (), ("b", "x", "y"), ("c", date(2026, 1, 2), "z", None, 5)
    )
    outcome = read(path, CONTACTS)
    assert [(row["customer_id"], row["sequence"]) for row in outcome.contacts] == [("a", 1)]
    assert [(each.line, each.reason[:20]) for each in outcome.refusals] == [
        (5, "not an ISO date or t"),
        (6, "the row has 5 cells,"),
    ]


def test_xlsx_reads_the_first_sheet_or_a_named_one(tmp_path: Path):
    path = sheet(tmp_path, HEADER, ("first", "2026-01-01", "x"))
    assert [row["customer_id"] for row in read(path, CONTACTS).contacts] == ["first"]
    assert [row["customer_id"] for row in read(path, CONTACTS + 'sheet = "Second"').contacts] == ["second"]


def test_xlsx_names_its_sheets_where_one_is_missing(tmp_path: Path):
    with pytest.raises(SourceError, match=r"file\.xlsx has no sheet 'Daten'; it has Blatt, Second"):
        read(sheet(tmp_path, HEADER, title="Blatt"), CONTACTS + 'sheet = "Daten"')


def test_xlsx_joins_typed_day_and_clock(tmp_path: Path):
    path = sheet(tmp_path, ("customer", "day", "clock", "touchpoint"), ("a", date(2026, 1, 1), time(10, 30), "x"))
    (contact,) = read(path, CONTACTS.replace('"time"', '{ columns = ["day", "clock"] }')).contacts
    assert contact["occurred_at"] == datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


def test_xlsx_reads_typed_durations(tmp_path: Path):
    path = sheet(
        tmp_path,
        (*HEADER, "d"),
        ("a", datetime.fromisoformat("2026-01-01 10:00:01"), "x", timedelta(hours=25, seconds=5)),
    )
    (contact,) = read(path, CONTACTS + 'duration_s = { column = "d", unit = "h:m:s" }\nreason = "time"').contacts
    assert (contact["duration_s"], contact["reason"]) == (90_005.0, "2026-01-01 10:00:01")


def test_xlsx_refuses_an_empty_sheet(tmp_path: Path):
    with pytest.raises(SourceError, match=r"file\.xlsx is empty; it needs a row of column names"):
        read(sheet(tmp_path), CONTACTS)


def zipped(**entries: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(lambda: b"PK\x03\x04 broken", "cannot be unpacked as XLSX: File is not a zip file", id="broken"),
        pytest.param(lambda: zipped(a=b"b"), "is a ZIP archive, not an XLSX file", id="other archive"),
        pytest.param(
            lambda: zipped(**{"xl/vbaProject.bin": b""}), "holds macros; save it as XLSX without macros", id="macros"
        ),
        pytest.param(lambda: zipped(xl__workbook=bytes(3 << 20)), "would unpack to 3,145,728 bytes", id="bomb"),
        pytest.param(
            lambda: zipped(xl__workbook=b"<x/>"),
            "cannot be unpacked as XLSX: xl/workbook.xml is missing",
            id="no workbook",
        ),
        pytest.param(lambda: b"\xd0\xcf\x11\xe0....", "is an old Excel file (XLS); save it as XLSX", id="old Excel"),
        pytest.param(lambda: b"<html>", "is not what its name says: its content looks like HTML", id="HTML"),
    ],
)
def test_xlsx_refuses_what_is_none(tmp_path: Path, content: Callable[[], bytes], message: str):
    with pytest.raises(SourceError) as error:
        read(write(tmp_path, content(), "file.xlsx"), CONTACTS)
    assert str(error.value).startswith(f"file.xlsx {message}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "file.doc",
            "file.doc is of no kind that Tangente reads; it reads .csv, .txt, .tsv, .xes, .json, .jsonocel, "
            "each also with .gz, .zst behind, and .parquet, .xlsx, .sqlite, .sqliteocel",
        ),
        ("file.parquet", "file.parquet is not what its name says: its content looks like CSV; export it again"),
        ("empty.csv", "empty.csv is empty; it needs a row of column names and rows below it"),
        ("folder", "{folder}/folder is not a file"),
        ("none.csv", "there is no file {folder}/none.csv"),
    ],
)
def test_kind_of_file_is_judged_by_name_and_content(tmp_path: Path, name: str, message: str):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    write(tmp_path, "a,b\n", "file.doc")
    write(tmp_path, "a,b\n", "file.parquet")
    with pytest.raises(SourceError) as error:
        open_source(tmp_path / name, Mapping.from_text(CONTACTS))
    assert str(error.value) == message.format(folder=tmp_path)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_kind_of_file_names_a_file_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "file.csv").symlink_to("/proc/self/mem")
    with pytest.raises(SourceError, match=r"file\.csv cannot be read: Input/output error"):
        open_source(tmp_path / "file.csv", Mapping.from_text(CONTACTS))
