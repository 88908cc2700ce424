"""No exported cell is a formula, a link or a number that was a text; nobody else writes such files."""

import csv
import io
import re
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest

from tangente.web.exports import Cell, attachment, csv_of, xlsx_of

HOSTILE = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "\0=1+1", " =1+1", "   @x",
    '=HYPERLINK("http://example.org","x")', "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0",
    '=IMPORTXML("http://example.org","//a")', "@A1", "=", "+", "-", "@", "＝1+1", "＋1", "－1", "＠x",
    "=\"a\"&\"b\"", "-", "--1", "+49 30 1234567", "-4,50", "=WEBSERVICE(\"http://example.org\")",
]  # fmt: skip
HARMLESS: list[Cell] = [
    "Hotline",
    "'quoted",
    "http://example.org",
    "12",
    "1e5",
    "Käse, „fein“",
    "a\nb",
    "",
    None,
    4,
    -4.5,
    0,
]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_has_no_formula(text: str):
    [[head], [cell]] = read_csv(csv_of([text], [[text]]))
    assert (head, cell) == (f"'{text}", f"'{text}")


def test_csv_has_formulas_without_the_guard(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.web.exports.STARTERS", ())
    assert read_csv(csv_of([], [["=1+1"]]))[1] == ["=1+1"]


def test_csv_keeps_what_is_harmless():
    [_, row] = read_csv(csv_of(["head"], [HARMLESS]))
    assert row == ["" if cell is None else str(cell) for cell in HARMLESS]


@pytest.mark.parametrize("text", HOSTILE)
def test_xlsx_has_no_formula(text: str):
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of("title", [text], [[text]]))).active
    assert sheet is not None
    assert [cell.data_type for row in sheet.iter_rows() for cell in row] == ["s", "s"]


def test_xlsx_keeps_numbers_numbers_and_texts_texts():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_of("title", ["head"] * len(HARMLESS), [HARMLESS]))).active
    assert sheet is not None
    cells = [cell for cell in sheet[2] if cell.value is not None]
    assert [(cell.data_type, cell.hyperlink) for cell in cells] == [("s", None)] * 8 + [("n", None)] * 3


def test_attachment_is_saved_not_opened():
    response = attachment("csv", "x-cost", title="Cost", heads=["Touchpoint"], rows=[])
    assert (response["Content-Disposition"], response["X-Content-Type-Options"]) == (
        'attachment; filename="x-cost.csv"',
        "nosniff",
    )


def test_nobody_else_writes_tables():
    writers = re.compile(r"^\s*(?:import|from) (?:csv|xlsxwriter|openpyxl)\b", re.MULTILINE)
    found = [path.name for path in Path(str(files("tangente.web"))).rglob("*.py") if writers.search(path.read_text())]
    assert found == ["exports.py"]
