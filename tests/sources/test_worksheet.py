"""What the cells of a worksheet say, beyond the corpus."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tangente.sources.parts import Settings
from tangente.sources.xlsx_file import XlsxFile

from .corpus_xlsx import DATES, HEADER, MAPPING, ROW, SHARED, TABLE, parts, raw_row, row, worksheet, zipped
from .files import read, write

STRINGS = "<sst><si><t>4.</t><rPh><t>no</t></rPh><r><t>8</t></r></si></sst>"


def book(folder: Path, entries: dict[str, str]) -> Path:
    return write(folder, zipped(entries), "book.xlsx")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param("", datetime(2023, 2, 28, 23, tzinfo=UTC), id="1900"),
        pytest.param(' date1904="true"', datetime(2027, 3, 1, 23, tzinfo=UTC), id="1904"),
    ],
)
def test_worksheet_counts_days_as_its_book_says(tmp_path: Path, settings: str, expected: datetime):
    (contact,) = read(book(tmp_path, parts(DATES, book=settings)), MAPPING).contacts
    assert contact["occurred_at"] == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param('<c r="C2" t="str"><v>a_x000A_b</v></c>', "a\nb", id="escaped line break"),
        pytest.param('<c r="C2" t="str"><v>_xD800_</v></c>', "_xD800_", id="half a letter stays"),
        pytest.param('<c r="C2" t="b"><v>1</v></c>', "true", id="truth"),
        pytest.param('<c r="C2"><v>1.1000000000000001</v></c>', "1.1", id="as short as it can be"),
        pytest.param('<c r="C2"><v>17</v></c>', "17", id="whole"),
        pytest.param('<c r="C2" s="1"><v>9999999999</v></c>', "9999999999", id="beyond the calendar"),
        pytest.param('<c r="C2"><v>nothing</v></c>', "nothing", id="no number"),
        pytest.param('<c r="C2" t="d"><v>2026-03-02</v></c>', "2026-03-02", id="ISO date"),
        pytest.param('<c t="str"><f>T("")</f><v>x</v></c>', "x", id="place not told"),
    ],
)
def test_worksheet_reads_each_kind_of_cell(tmp_path: Path, cell: str, expected: str):
    line = row(2, *ROW[:2]).replace("</row>", f'{cell}<c r="D2"><v>1</v></c></row>')
    (contact,) = read(book(tmp_path, parts(worksheet(row(1, *HEADER), line))), MAPPING).contacts
    assert contact["touchpoint"] == expected


def test_worksheet_joins_the_runs_of_a_text_and_leaves_out_how_it_sounds(tmp_path: Path):
    (contact,) = read(book(tmp_path, parts(SHARED, sharedStrings=STRINGS)), MAPPING).contacts
    assert contact["cost"] == 4_800_000


def test_worksheet_may_have_its_names_in_a_prefixed_namespace(tmp_path: Path):
    prefixed = TABLE.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    assert len(read(book(tmp_path, parts(prefixed)), MAPPING).contacts) == 1


def test_worksheet_reads_an_error_that_means_nothing(tmp_path: Path):
    line = raw_row(2, '<c r="D2" t="e"><v>#N/A</v></c>')
    path = book(tmp_path, parts(worksheet(row(1, *HEADER), line)))
    assert [each["cost"] for each in read(path, MAPPING + 'missing = ["#N/A"]').contacts] == [None]


def test_worksheet_names_a_sheet_of_charts_not_at_all(tmp_path: Path):
    entries = parts()
    entries["xl/workbook.xml"] = entries["xl/workbook.xml"].replace(
        "<sheets>", '<sheets><sheet name="Chart" r:id="c"/>'
    )
    assert XlsxFile.sheets(book(tmp_path, entries)) == ["Data"]


def test_worksheet_numbers_rows_across_parts(tmp_path: Path):
    lines = [row(i, *ROW) for i in (2, 3, 5, 6, 7)]
    path = book(tmp_path, parts(worksheet(row(1, *HEADER), *lines)))
    read_in_parts = [*XlsxFile(path, Settings(), rows=2).records(["customer"])]
    assert [part.lines.tolist() for part in read_in_parts] == [[2, 3], [5, 6], [7]]
    assert [part.numbers.tolist() for part in read_in_parts] == [[1, 2], [3, 4], [5]]


def test_worksheet_warns_of_no_merged_title_above_the_table(tmp_path: Path):
    merged = '<mergeCells><mergeCell ref="A1:D1"/><mergeCell ref="H3:I3"/><mergeCell ref="nowhere"/></mergeCells>'
    source = read(book(tmp_path, parts(worksheet(row(3, *HEADER), row(4, *ROW), behind=merged))), MAPPING).source
    assert source.warnings == []
