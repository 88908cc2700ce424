from pathlib import Path

import pytest

from tangente.sources.rejects import Refusal, inert, write


def test_rejects_write_only_the_header_where_nothing_is_refused(tmp_path: Path):
    write(tmp_path / "rejects.csv", [])
    assert (tmp_path / "rejects.csv").read_text() == "file,table,line,column,value,reason\n"


def test_rejects_write_one_line_for_each_row(tmp_path: Path):
    write(tmp_path / "rejects.csv", [Refusal("ä.csv", "contacts", 7, "Kosten", '=1,"2"', "not a number")])
    assert (tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()[1] == (
        'ä.csv,contacts,7,Kosten,"\'=1,""2""",not a number'
    )


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "-", "+"])
def test_inert_puts_an_apostrophe_before_a_formula(cell: str):
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Hotline", "-4", "+4,5", "-1.234,56", "4-5", " =1"])
def test_inert_leaves_the_rest_alone(cell: str):
    assert inert(cell) == cell
