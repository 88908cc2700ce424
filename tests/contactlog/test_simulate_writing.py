"""The simulation's files: complete or absent, equal in both formats, in order of arrival, readable by the mapping."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from tangente.contactlog.schema import MICRO
from tangente.contactlog.simulate import simulate, write
from tangente.contactlog.simulate.spool import Spool, slices_for
from tangente.contactlog.simulate.stream import blocks
from tangente.contactlog.simulate.truth import truth
from tangente.contactlog.simulate.writing import FILES
from tangente.errors import ContactLogError, QuestionError
from tangente.sources.mapping import Mapping
from tests.contactlog.simulated import seconds

pytestmark = pytest.mark.slow

CONTACTS, SEED = 40_000, 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write(folder, contacts=CONTACTS, seed=SEED)
    return folder


def test_write_makes_the_files(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_write_makes_the_same_bytes_for_the_same_seed(folder, tmp_path):
    write(tmp_path, contacts=CONTACTS, seed=SEED)
    assert [(tmp_path / name).read_bytes() == (folder / name).read_bytes() for name in FILES] == [True] * len(FILES)


@pytest.mark.parametrize("table", ["contacts", "ratings"])
def test_both_formats_hold_the_same(folder, table):
    parquet = pq.read_table(folder / f"{table}.parquet")
    options = pa_csv.ConvertOptions(column_types=parquet.schema, strings_can_be_null=True)
    assert pa_csv.read_csv(folder / f"{table}.csv", convert_options=options).columns == parquet.columns


def test_files_hold_the_rows_of_the_simulation(folder):
    written = pq.read_table(folder / "contacts.parquet").sort_by("contact_id")
    simulated = pa.Table.from_batches([happened for happened, _ in simulate(contacts=CONTACTS, seed=SEED)])
    simulated = simulated.sort_by("contact_id")
    assert written["contact_id"] == simulated["contact_id"]
    assert np.rint(written["cost"].to_numpy() * MICRO).tolist() == simulated["cost"].to_pylist()
    assert simulated["employee"].null_count == CONTACTS


def test_csv_writes_times_and_amounts_as_the_mapping_says(folder):
    with (folder / "contacts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {len(row["occurred_at"]) for row in rows} == {len("2024-10-01T02:55:37Z")}
    assert {row["occurred_at"][10] + row["occurred_at"][-1] for row in rows} == {"TZ"}
    assert [row["cost"] for row in rows if "e" in row["cost"]] == []


@pytest.mark.parametrize("slices", [1, 7])
def test_spool_gives_rows_in_order_of_arrival(tmp_path, slices):
    with Spool(tmp_path, slices) as spool:
        for block in blocks(contacts=60_000, seed=1):
            spool.add(block.contacts, block.contacts_arrived)
        tables = list(spool.tables())
    at = seconds(pa.concat_tables(tables)["occurred_at"])
    assert (len(tables), len(at)) == (slices, 60_000)
    assert (at < np.maximum.accumulate(at)).mean() == pytest.approx(0.05, abs=0.005)


def test_spool_order_does_not_depend_on_slices(tmp_path):
    tables = []
    for slices in (1, 7):
        with Spool(tmp_path, slices) as spool:
            for block in blocks(contacts=60_000, seed=1):
                spool.add(block.ratings, block.ratings_arrived)
            tables.append(pa.concat_tables(spool.tables()))
    assert tables[0] == tables[1]


@pytest.mark.parametrize(("rows", "slices"), [(1, 1), (1_000_000, 5), (10**9, 365)])
def test_slices_keep_memory_constant(rows, slices):
    assert slices_for(rows) == slices


def test_inventory_lists_the_touchpoints_in_order(folder):
    inventory = pa_csv.read_csv(folder / "inventory.csv")
    assert inventory.column_names == [
        "touchpoint", "phase", "order", "name_de", "name_en", "department", "channel", "mediation", "spoken_by",
        "unit_cost", "aliases",
    ]  # fmt: skip
    assert inventory["order"].to_pylist() == list(range(1, 44))
    assert inventory["phase"].unique().to_pylist() == [
        "INFLUENCED",
        "PREPURCHASE",
        "PURCHASE",
        "LOYALTY",
        "RECOMMENDING",
    ]
    assert set(inventory["spoken_by"].to_pylist()) == {"company", "partner", "customer", "third party"}


def test_mapping_reads_both_tables(folder):
    mapping = Mapping.load(folder / "mapping.toml")
    assert [part.name for part in mapping.parts] == ["contacts", "ratings"]
    assert mapping.currency == "EUR"


def test_truth_counts_what_was_written(folder):
    written = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    contacts, ratings = (pq.read_table(folder / f"{table}.parquet") for table in ("contacts", "ratings"))
    customers = len(contacts["customer_id"].unique())
    assert (written["contacts"], written["ratings"], written["customers"]) == (CONTACTS, len(ratings), customers)
    assert written == truth(contacts=CONTACTS, seed=SEED, customers=customers, ratings=len(ratings))


def test_write_tells_its_progress(tmp_path):
    done: list[int] = []
    write(tmp_path, contacts=60_000, seed=1, progress=done.append)
    assert done == sorted(done)
    assert (len(done) > 1, done[-1]) == (True, 60_000)


def test_write_leaves_nothing_when_stopped(tmp_path):
    def stop(contacts: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "company", contacts=1_000, seed=1, progress=stop)
    assert list((tmp_path / "company").iterdir()) == []


def test_write_replaces_an_earlier_simulation(tmp_path):
    for contacts in (2_000, 1_000):
        write(tmp_path, contacts=contacts, seed=1)
    assert len(pq.read_table(tmp_path / "contacts.parquet")) == 1_000


def test_write_refuses_a_file_as_folder(tmp_path):
    (tmp_path / "company").write_text("not a folder")
    with pytest.raises(ContactLogError, match=r"the folder .*company cannot be written: File exists; name another one"):
        write(tmp_path / "company", contacts=10, seed=1)


def test_write_refuses_numbers_before_it_makes_a_folder(tmp_path):
    with pytest.raises(QuestionError, match="contacts is 0; a simulation needs at least 1"):
        write(tmp_path / "company", contacts=0, seed=1)
    assert not (tmp_path / "company").exists()


def test_spool_leaves_empty_slices_out(tmp_path):
    (block,) = blocks(contacts=1, seed=1)
    with Spool(tmp_path, 7) as spool:
        spool.add(block.contacts, block.contacts_arrived)
        assert [len(table) for table in spool.tables()] == [1]
