from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import slices as slicing
from tangente.contactlog.coded import coded
from tangente.contactlog.data_files import DataFileForm
from tangente.contactlog.schema import RECORD
from tangente.contactlog.slices import (
    EVERYBODY,
    MOST_ROWS,
    MOST_SLICES,
    DataFileWriter,
    Slice,
    by_number,
    in_order,
    read_slice,
    row_groups,
    slice_starts,
    slices,
)
from tangente.contactlog.testing import START

PEOPLE = pa.schema([pa.field("customer_id", pa.string())])


def digits(number):
    return f"{number:08x}" + "f" * 24


def people(file, numbers, **settings):
    pq.write_table(pa.table({"customer_id": [digits(number) for number in numbers]}), file, **settings)
    return str(file)


@pytest.mark.parametrize("rows", [0, 1, MOST_ROWS, MOST_ROWS + 1, 7 * MOST_ROWS, 10**12])
def test_slices_follow_each_other_from_the_first_pseudonym_to_the_last(rows):
    made = slices(rows)
    assert len(made) == min(max(1, -(-rows // MOST_ROWS)), MOST_SLICES)
    assert (made[0].low, made[-1].high) == (EVERYBODY.low, EVERYBODY.high)
    assert all(one.low < one.high == other.low for one, other in pairwise(made))


@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
def test_slices_begin_where_their_starts_say(number, count):
    made = slices(count * MOST_ROWS)
    place = np.searchsorted(slice_starts(made), number >> 16, side="right")
    assert made[place].low <= digits(number) < made[place].high


def test_only_row_groups_that_reach_into_the_slice_are_read(tmp_path):
    file = people(tmp_path / "file.parquet", range(10), row_group_size=4)
    part = Slice(digits(4), digits(6))
    assert [(group.number, group.first) for group in row_groups(file, part)] == [(1, 4)]
    assert read_slice([file, file], part, PEOPLE)["customer_id"].to_pylist() == [digits(4), digits(5)] * 2


def test_row_groups_without_statistics_are_read(tmp_path):
    file = people(tmp_path / "file.parquet", range(10), row_group_size=4, write_statistics=False)
    assert [group.first for group in row_groups(file, Slice(digits(4), digits(6)))] == [0, 4, 8]


def test_slice_of_no_files_is_empty():
    assert read_slice([], EVERYBODY, PEOPLE) == PEOPLE.empty_table()


def contacts(numbers):
    rows = [{"customer_id": digits(number), "occurred_at": START, "touchpoint": "shop"} for number in numbers]
    rest = {"contact_id": "1", "sequence": 0, "import_id": "may"}
    return pa.Table.from_pylist([row | rest for row in rows], RECORD["contacts"])


def test_writer_makes_sorted_files_of_half_the_most_rows_or_more(store, monkeypatch):
    monkeypatch.setattr(slicing, "MOST_ROWS", 10)
    writer = DataFileWriter(DataFileForm(store.table("contacts")))
    in_bucket = [number for number in range(60) if bucket_of(store, number) == 0][:12]
    for number in reversed(in_bucket):
        writer.add(contacts([number]))
    files = [pq.ParquetFile(file.file_path).read(["customer_id"])["customer_id"].to_pylist() for file in writer.close()]
    assert files == [[digits(n) for n in part] for part in (in_bucket[7:], in_bucket[2:7], in_bucket[:2])]


def bucket_of(store, number):
    (field,) = store.table("contacts").spec().fields
    return field.transform.transform(store.table("contacts").schema().find_type("customer_id"))(digits(number))


def test_writer_without_rows_makes_no_file(store):
    writer = DataFileWriter(DataFileForm(store.table("contacts")))
    writer.add(contacts([]))
    assert writer.close() == []


def test_data_files_have_row_groups_that_slices_can_tell_apart(store):
    writer = DataFileWriter(DataFileForm(store.table("contacts")))
    writer.add(contacts([7] * (slicing.GROUP_ROWS + 1)))
    (file,) = writer.close()
    groups = pq.ParquetFile(file.file_path).metadata
    assert [groups.row_group(k).num_rows for k in range(groups.num_row_groups)] == [slicing.GROUP_ROWS, 1]


def test_data_file_holds_no_name_that_none_of_its_rows_has(store):
    names = pa.DictionaryArray.from_arrays(pa.array([1, 1], pa.int32()), ["only of another row", "shop"])
    writer = DataFileWriter(DataFileForm(store.table("contacts")))
    writer.add(contacts([7, 7]).set_column(4, "touchpoint", names))
    (file,) = writer.close()
    held = pq.ParquetFile(file.file_path, read_dictionary=["touchpoint"]).read(["touchpoint"])["touchpoint"]
    assert held.chunk(0).dictionary.to_pylist() == ["shop"]


def test_data_file_stores_times_by_their_differences(store):
    writer = DataFileWriter(DataFileForm(store.table("contacts")))
    writer.add(contacts([7, 7]))
    (file,) = writer.close()
    columns = pq.ParquetFile(file.file_path).metadata.row_group(0).to_dict()["columns"]
    kinds = {column["path_in_schema"]: column["encodings"] for column in columns if column["physical_type"] == "INT64"}
    assert set(kinds.values()) == {("RLE", "DELTA_BINARY_PACKED")}


def test_data_file_stores_names_and_no_ids_as_dictionary(store):
    writer = DataFileWriter(DataFileForm(store.table("contacts")))
    writer.add(contacts([7, 7]))
    (file,) = writer.close()
    columns = pq.ParquetFile(file.file_path).metadata.row_group(0).to_dict()["columns"]
    texts = {
        column["path_in_schema"]: column["has_dictionary_page"]
        for column in columns
        if column["physical_type"] == "BYTE_ARRAY"
    }
    assert [name for name, has_dictionary in texts.items() if not has_dictionary] == ["contact_id"]


ROW = st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([-(2**63), 0, 1, 2**63 - 1]))


@given(st.lists(ROW, max_size=8), st.booleans())
def test_rows_are_ordered_by_customer_time_and_sequence(rows, in_time):
    rows = sorted(rows, key=lambda row: row[1:]) if in_time else rows
    columns = [[row[k] for row in rows] for k in range(3)]
    kinds = pa.string(), pa.int64(), pa.int64()
    arrays = [pa.array([digits(n) for n in columns[0]], kinds[0]), *(pa.array(c, pa.int64()) for c in columns[1:])]
    table = pa.table([*arrays, pa.array(range(len(rows)))], ["customer_id", "occurred_at", "sequence", "place"])
    assert in_order(coded(table))["place"].to_pylist() == sorted(range(len(rows)), key=lambda place: rows[place])


@given(st.lists(st.integers(0, 2**32 - 1), max_size=8))
def test_numbers_are_ordered_and_equal_ones_keep_their_places(numbers):
    order = by_number(np.array(numbers * 2, np.int64)).tolist()
    assert order == sorted(range(2 * len(numbers)), key=lambda place: numbers[place % len(numbers)])


def test_rows_of_some_customers_are_found(tmp_path):
    file = people(tmp_path / "file.parquet", [1, 1, 2, 3, 3, 5], row_group_size=4)
    found = [group.rows_of(pa.array([digits(1), digits(3), digits(4)])).tolist() for group in row_groups(file)]
    assert found == [[0, 1, 3], [0]]
