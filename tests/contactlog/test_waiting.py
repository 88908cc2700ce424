import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.slices import EVERYBODY, MOST_ROWS, slices
from tangente.contactlog.waiting import WaitingRows
from tests.contactlog.strategies import examples

ROWS = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2)), max_size=6)


def batch(customers):
    return pa.record_batch({"customer_id": pa.array([f"{customer:08x}" for customer in customers], pa.string())})


def waiting(folder, batches):
    rows = WaitingRows(folder / "rows")
    for pairs in batches:
        rows.add(batch([customer for customer, _ in pairs]), np.array([number for _, number in pairs], np.int32))
    rows.close()
    return rows


def found(rows, number, among):
    return [(part, batch["customer_id"].to_pylist()) for part, batch in rows.sliced(number, among)]


def expected(batches, number, among):
    own = [f"{customer:08x}" for pairs in batches for customer, other in pairs if other == number]
    parts = [(part, [customer for customer in own if part.low <= customer < part.high]) for part in among]
    return [(part, customers) for part, customers in parts if customers]


@pytest.fixture(scope="module")
def _gathered_by_four():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tangente.contactlog.waiting.GATHERED", 4)
        yield


@examples
@given(st.lists(ROWS, max_size=4), st.integers(1, 5))
@pytest.mark.usefixtures("_gathered_by_four")
def test_rows_come_back_slice_by_slice_in_their_order(tmp_path_factory, batches, count):
    rows, among = waiting(tmp_path_factory.mktemp("waiting"), batches), slices(count * MOST_ROWS)
    assert rows.rows.total() == sum(map(len, batches))
    for number in rows.rows:
        assert found(rows, number, among) == expected(batches, number, among)


def test_rows_may_be_asked_for_again_and_leave_nothing_behind(tmp_path):
    rows, among = waiting(tmp_path, [[(7, 1), (2**31, 1)]]), slices(2 * MOST_ROWS)
    assert found(rows, 1, among) == found(rows, 1, among)
    assert found(rows, 1, [EVERYBODY]) == [(EVERYBODY, ["00000007", "80000000"])]
    assert [path.name for path in (tmp_path / "rows").iterdir()] == ["1.arrows"]
