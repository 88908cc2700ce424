"""What an import would do is said without one."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tangente.analysis.check import Check, Content, Distinct, check
from tangente.analysis.reading import Reading
from tangente.contactlog.schema import CONTACTS

MAPPING = """
[contacts]
timezone = "UTC"
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
cost = "cost"
[contacts.rating]
metric = { constant = "nps" }
score = "nps"
"""
ROWS = "customer,time,touchpoint,cost,nps\na,2026-01-02,shop,1.5,9\nb,2026-02-30,shop,,\nb,2026-01-01,web,x,\na,2026-01-03,shop,,\n"


def checked(folder: Path, *rows: str) -> list[Check]:
    (folder / "m.toml").write_text(MAPPING)
    files = [folder / f"{i}.csv" for i in range(len(rows))]
    for file, text in zip(files, rows, strict=True):
        file.write_text(text)
    return check(files, [folder / "m.toml"], Reading(), lambda step, rows: None)


def test_check_counts_what_would_be_accepted_of_each_table(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, ROWS)
    assert found.read is not None
    assert (found.read.rows, found.read.rejected) == ({"contacts": 4, "ratings": 1}, {"contacts": 2, "ratings": 0})
    contacts = found.contents["contacts"]
    assert (contacts.rows, len(contacts.customers), dict(contacts.touchpoints)) == (2, 1, {"shop": 2})
    assert [row["occurred_at"] for row in contacts.shown] == ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]
    assert [row["cost"] for row in contacts.shown] == [1.5, None]


def test_check_tells_each_kind_of_refusal_with_its_first_row(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, ROWS + "c,2026-02-30,web,,\n")
    assert found.read is not None
    kinds = [(kind.table, kind.code, kind.column, kind.rows, kind.line) for kind in found.read.refused.kinds()]
    assert kinds[0] == ("contacts", "E-DATE", "time", 2, 3)
    assert ("contacts", "E-NUM", "cost", 1, 4) in kinds


def test_check_stops_where_an_import_would(tmp_path: Path) -> None:
    good, bad, strange = checked(tmp_path, "customer,time,touchpoint,cost,nps\na,2026-01-02,shop,,\n", ROWS, "x\n1\n")
    assert [one.passes for one in (good, bad, strange)] == [True, False, False]
    assert bad.stopped is not None
    assert strange.refusal is not None
    assert (bad.stopped.code, strange.refusal.code) == ("E-REFUSED", "E-MISSING")


@given(st.lists(st.lists(st.text(max_size=2))))
def test_distinct_counts_different_values(batches: list[list[str]]) -> None:
    distinct = Distinct()
    for batch in batches:
        distinct.add(pa.array(batch, pa.string()))
    assert len(distinct) == len({value for batch in batches for value in batch})


def test_distinct_merges_on_the_way() -> None:
    distinct = Distinct()
    for _ in range(3):
        distinct.add(pa.array(np.arange(40_000).astype(str)))
    assert len(distinct) == 40_000


def test_content_names_touchpoints_within_bounds() -> None:
    names = [f"t{i}" for i in range(10_002)]
    nulls = {name: pa.nulls(len(names), CONTACTS.field(name).type) for name in CONTACTS.names}
    moments = pa.array([0] * len(names)).cast(CONTACTS.field("occurred_at").type)
    columns = nulls | {"touchpoint": pa.array(names), "customer_id": pa.array(names), "occurred_at": moments}
    content = Content()
    content.add(pa.RecordBatch.from_pydict(columns))
    assert (len(content.touchpoints), len(content.shown)) == (10_000, 5)
