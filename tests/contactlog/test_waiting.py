import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.coded import coded, compact, reordered
from tangente.contactlog.identity import BARE
from tangente.contactlog.slices import EVERYBODY, MOST_ROWS, slices
from tangente.contactlog.waiting import WaitingRows
from tests.contactlog.strategies import examples

ROWS = st.lists(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2), st.sampled_from(["shop", "web", None])), max_size=6
)


def pseudonym(number):
    return f"{number:08x}" + "f" * 24


def table(rows):
    customers = pa.array([bytes.fromhex(pseudonym(customer)) for customer, *_ in rows], BARE)
    touchpoints = pa.array([touchpoint for *_, touchpoint in rows], pa.string())
    return coded(pa.table({"customer_id": customers, "touchpoint": touchpoints}))


def waiting(folder, batches):
    rows = WaitingRows(folder / "rows")
    for batch in batches:
        rows.add(table(batch), np.array([bucket for _, bucket, _ in batch], np.int32))
    rows.close()
    return rows


def found(rows, bucket, among):
    return [(part, [tuple(row.values()) for row in piece.to_pylist()]) for part, piece in rows.sliced(bucket, among)]


def expected(batches, bucket, among):
    own = [
        (pseudonym(customer), touchpoint) for rows in batches for customer, other, touchpoint in rows if other == bucket
    ]
    parts = [(part, [row for row in own if part.low <= row[0] < part.high]) for part in among]
    return [(part, rows) for part, rows in parts if rows]


@pytest.fixture(params=[(1, 1), (1, 1 << 20), (1 << 20, 1 << 20)], scope="module")
def _runs(request):
    """Runs of one batch or all; the slices of a bucket at a time or each alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tangente.contactlog.waiting.RUN_BYTES", request.param[0])
        patch.setattr("tangente.contactlog.waiting.HELD_BYTES", request.param[1])
        yield


@examples
@given(st.lists(ROWS.filter(bool), max_size=4), st.integers(1, 5))
@pytest.mark.usefixtures("_runs")
def test_rows_come_back_slice_by_slice(tmp_path_factory, batches, count):
    rows, among = waiting(tmp_path_factory.mktemp("waiting"), batches), slices(count * MOST_ROWS)
    assert rows.rows.total() == sum(map(len, batches))
    for bucket in rows.rows:
        pieces = [(part, sorted(piece, key=str)) for part, piece in found(rows, bucket, among)]
        assert pieces == [(part, sorted(piece, key=str)) for part, piece in expected(batches, bucket, among)]


@pytest.mark.usefixtures("_runs")
def test_rows_of_a_customer_come_back_in_their_order(tmp_path):
    batches = [[(7, 0, "shop"), (8, 0, "web"), (7, 0, "web")], [(7, 0, None), (7, 0, "shop")]]
    ((_, rows),) = found(waiting(tmp_path, batches), 0, [EVERYBODY])
    assert [touchpoint for customer, touchpoint in rows if customer == pseudonym(7)] == ["shop", "web", None, "shop"]


def test_rows_may_be_asked_for_again_and_leave_nothing_behind(tmp_path):
    rows, among = waiting(tmp_path, [[(7, 1, "web"), (2**31, 1, "web")]]), slices(2 * MOST_ROWS)
    assert found(rows, 1, among) == found(rows, 1, among)
    assert found(rows, 1, [EVERYBODY]) == [(EVERYBODY, [(pseudonym(7), "web"), (pseudonym(2**31), "web")])]
    assert [path.name for path in (tmp_path / "rows").iterdir()] == ["runs.arrows"]


@pytest.mark.parametrize(("most", "names"), [(0, ["web"]), (1, ["web"]), (2, ["shop", "web"])])
def test_compact_keeps_names_that_no_row_has_only_where_there_are_few(most, names):
    rows = compact(table([(1, 0, "shop"), (2, 0, "web")]).slice(1), most=most)
    assert rows["touchpoint"].chunk(0).dictionary.to_pylist() == names


@examples
@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))))
def test_reordered_rows_are_those_taken(case):
    rows, order = case
    assert reordered(table(rows), np.array(order, np.int64)).equals(table(rows).take(pa.array(order, pa.int64())))


@pytest.mark.parametrize("later", [0, 1])
def test_run_that_cannot_be_written_is_told_when_no_more_rows_come(tmp_path, monkeypatch, later):
    monkeypatch.setattr("tangente.contactlog.waiting.by_number", lambda _: 1 / 0)
    rows = WaitingRows(tmp_path / "rows")
    for size in (1, 1 << 20)[: 1 + later]:
        monkeypatch.setattr("tangente.contactlog.waiting.RUN_BYTES", size)
        rows.add(table([(1, 0, "shop")]), np.zeros(1, np.int32))
    with pytest.raises(ZeroDivisionError):
        rows.close()
    rows.close()
