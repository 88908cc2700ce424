"""Rows as a table, as CSV and as JSON: every value readable, nothing that a terminal or a spreadsheet would run."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tangente.report.rows import text, write_csv, write_json, write_table
from tangente.translation import language

NAMED = pa.table({"name": ["ad", None, "shop"], "n": [1, 20, None]})


def reader(table: pa.Table) -> pa.RecordBatchReader:
    return table.to_reader(max_chunksize=2)


def shown(table: pa.Table, *, most: int = 50, width: int = 80, code: str = "en") -> list[str]:
    out = io.StringIO()
    write_table(reader(table), out, language(code), most=most, width=width)
    return out.getvalue().splitlines()


def written(write: Any, table: pa.Table) -> str:
    out = io.StringIO()
    write(reader(table), out)
    return out.getvalue()


def test_table_aligns_numbers_and_tells_null_from_nothing() -> None:
    assert shown(NAMED) == ["name     n", "────  ────", "ad       1", "NULL    20", "shop  NULL"]


@pytest.mark.parametrize(
    ("most", "code", "last"),
    [(3, "en", "shop  NULL"), (2, "en", "… 1 more row"), (1, "en", "… 2 more rows"), (2, "de", "… 1 weitere Zeile")],
)
def test_table_says_how_many_rows_it_leaves_out(most: int, code: str, last: str) -> None:
    assert shown(NAMED, most=most, code=code)[-1] == last


def test_table_without_rows_says_so() -> None:
    assert shown(NAMED.slice(0, 0)) == ["name  n", "────  ─", "No rows."]


def test_table_too_wide_becomes_a_block_for_each_row() -> None:
    assert shown(NAMED, width=6, most=1) == ["── 1 ──", "name  ad", "n     1", "… 2 more rows"]


def test_table_keeps_lines_of_a_cell_below_each_other() -> None:
    assert shown(pa.table({"plan": ["scan\nread"]})) == ["── 1 ──", "plan  scan", "      read"]


def test_table_measures_wide_characters() -> None:
    assert shown(pa.table({"a": ["日本", "x"], "b": [1, 2]})) == ["a     b", "────  ─", "日本  1", "x     2"]


def test_table_gives_a_terminal_nothing_to_obey() -> None:
    assert shown(pa.table({"a\x1b[2J": ["\x1b]0;mine\x07"]}))[2] == "\\u001b]0;mine\\u0007"
    assert "\x1b" not in "".join(shown(pa.table({"a\x1b[2J": ["\x1b]0;mine\x07"]})))


def test_csv_is_inert_and_leaves_nulls_empty() -> None:
    table = pa.table({"=name": ["=1+1", None, "@x"], "n": [-1, None, 2.5]})
    assert list(csv.reader(io.StringIO(written(write_csv, table)))) == [
        ["'=name", "n"],
        ["'=1+1", "-1.0"],
        ["", ""],
        ["'@x", "2.5"],
    ]


def test_json_is_an_array_of_rows() -> None:
    assert json.loads(written(write_json, NAMED)) == NAMED.to_pylist()
    assert json.loads(written(write_json, NAMED.slice(0, 0))) == []


def test_json_has_no_number_that_json_does_not_know() -> None:
    assert json.loads(written(write_json, pa.table({"x": [float("nan"), float("inf")]}))) == [
        {"x": "nan"},
        {"x": "inf"},
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 3, 1, 9, tzinfo=UTC), "2026-03-01 09:00:00+00:00"),
        (Decimal("4.20"), "4.20"),
        (Decimal("12345678901234567890"), "12345678901234567890"),
        (True, "true"),
        (b"\x01\xff", "01ff"),
        (pa.MonthDayNano([0, 1, 90_500_000_000]), "P0M1DT90.5S"),
        ([1, None, "ä"], '[1, null, "ä"]'),
        ({"a": (1, Decimal("2"))}, '{"a": [1, 2]}'),
    ],
)
def test_text_is_what_a_program_reads(value: object, expected: str) -> None:
    assert text(value) == expected


def test_rows_with_moments_beyond_python_are_told_in_words() -> None:
    beyond = pa.table({"at": pa.array([2**31 - 1], pa.int32()).cast(pa.date32())})
    assert shown(beyond)[2] == beyond["at"].cast(pa.string())[0].as_py()
