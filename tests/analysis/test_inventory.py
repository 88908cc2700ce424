from decimal import Decimal
from pathlib import Path

import pytest

from tangente.analysis.inventory import read_inventory
from tangente.errors import SourceError

HEADING = "touchpoint,phase,order,name_de,name_en,department,channel,mediation,spoken_by,unit_cost,aliases"


def inventory(folder: Path, *rows: str, heading: str = HEADING) -> Path:
    path = folder / "inventory.csv"
    path.write_text("\n".join([heading, *rows]), encoding="utf-8")
    return path


def test_inventory_stands_in_the_order_of_the_journey(tmp_path: Path) -> None:
    rows = ["bill,LOYALTY,2,,,,,,,,", "ad,INFLUENCED,1,,,,,,,,", "call,LOYALTY,1,,,,,,,,"]
    assert list(read_inventory(inventory(tmp_path, *rows)).entries) == ["ad", "call", "bill"]


def test_inventory_names_touchpoints_in_the_language(tmp_path: Path) -> None:
    entry = read_inventory(inventory(tmp_path, "bill,,,Rechnung,Invoice,,,,,4.20,Rg|Faktura")).entries["bill"]
    assert (entry.name("de"), entry.name("en"), entry.unit_cost, entry.aliases) == (
        "Rechnung",
        "Invoice",
        Decimal("4.20"),
        ("Rg", "Faktura"),
    )


def test_inventory_with_semicolons_and_few_columns(tmp_path: Path) -> None:
    path = inventory(tmp_path, "bill;LOYALTY", heading="touchpoint;phase")
    assert read_inventory(path).entries["bill"].phase == "LOYALTY"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",LOYALTY,,,,,,,,,", "touchpoint is empty"),
        ("bill,AFTER,,,,,,,,,", "phase is 'AFTER'; allowed are INFLUENCED"),
        ("bill,,first,,,,,,,,", "order is 'first'; it must be a whole number"),
        ("bill,,,,,,,,,-1,", "unit_cost is '-1'; it must be a number from 0"),
        ("bill,,,,,,,,,NaN,", "unit_cost is 'NaN'"),
        ("bill,,,,,,,,,,bill", "names two touchpoints"),
    ],
)
def test_inventory_refuses_with_the_place(tmp_path: Path, row: str, sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence):
        read_inventory(inventory(tmp_path, row))


def test_inventory_needs_the_column_touchpoint(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="needs the column touchpoint"):
        read_inventory(inventory(tmp_path, "x", heading="name"))


def test_inventory_that_is_missing_or_binary(tmp_path: Path) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="there is no such file"):
        read_inventory(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="save it so"):
        read_inventory(tmp_path / "binary.csv")
