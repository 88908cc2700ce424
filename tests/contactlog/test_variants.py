import pickle
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.testing import from_rows, journeys
from tangente.contactlog.variants import BEGIN, Paths, variants
from tangente.errors import QuestionError
from tests.contactlog.strategies import contacts, examples, histories, tuples


def plain_variants(rows, collapse, outcome):
    """The same question in plain Python: path, customers, customers with the outcome."""
    customers, reached = Counter(), Counter()
    for _, history in histories(rows):
        names = [row["touchpoint"] for row in history]
        path = tuple(n for k, n in enumerate(names) if not (collapse and k and names[k - 1] == n))
        customers[path] += 1
        reached[path] += any(row["outcome"] == outcome for row in history)
    paths = sorted(customers, key=lambda path: (-customers[path], path))
    return [(list(path), customers[path], reached[path]) for path in paths]


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(["anna: ad shop", "ben: ad shop"], [(["ad", "shop"], 2)], id="equal paths"),
        pytest.param(["anna: ad shop", "ben: shop ad"], [(["ad", "shop"], 1), (["shop", "ad"], 1)], id="order counts"),
        pytest.param(["anna: ad ad", "ben: ad"], [(["ad"], 1), (["ad", "ad"], 1)], id="repeats count"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_variants_are_whole_paths(log, expected):
    assert tuples(variants(journeys(*log)), "path", "customers") == expected


def test_variants_collapse_direct_repeats_on_request():
    table = variants(journeys("anna: ad ad shop ad", "ben: ad shop shop ad"), collapse_repeats=True)
    assert tuples(table, "path", "customers") == [(["ad", "shop", "ad"], 2)]


def test_variants_count_customers_with_an_outcome_wherever_on_the_path():
    table = variants(journeys("anna: ad!purchase shop", "ben: ad shop", "cem: shop"), outcome="purchase")
    assert tuples(table) == [(["ad", "shop"], 2, 1), (["shop"], 1, 0)]


def test_variants_leave_the_outcome_null_if_none_is_asked_for():
    assert variants(journeys("anna: ad"))["outcome_customers"].to_pylist() == [None]


def test_variants_say_how_many_there_are_behind_the_most_frequent():
    table = variants(journeys("anna: a", "ben: a", "cem: b c", "dora: b d"), most=2)
    assert tuples(table, "path") == [(["a"],), (["b", "c"],)]
    assert table.schema.metadata == {b"total": b"3", b"customers": b"4"}


@examples
@given(contacts(), st.booleans())
def test_variants_equal_plain_python(rows, collapse):
    rows = [*rows, {**rows[0], "outcome": "purchase", "sequence": 99, "contact_id": "c99"}] if rows else rows
    outcome = "purchase" if rows else None
    table = variants(from_rows(rows, [], buckets=2), collapse_repeats=collapse, outcome=outcome)
    assert tuples(table) == plain_variants(rows, collapse, outcome)


PATHS = st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=7), min_size=1, max_size=30)


@examples
@given(PATHS, st.integers(1, 12))
def test_variants_keep_the_most_frequent_and_of_equals_the_first_by_name(paths, most):
    log = journeys(*(f"c{place}: {' '.join(path)}" for place, path in enumerate(paths)), buckets=3)
    found = Counter(map(tuple, paths))
    expected = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]
    assert tuples(variants(log, most=most), "path", "customers") == [(list(path), n) for path, n in expected]


@examples
@given(contacts())
def test_variants_hold_every_customer_once(rows):
    table = variants(from_rows(rows, []))
    assert sum(table["customers"].to_pylist()) == len(histories(rows)) == int(table.schema.metadata[b"customers"])


def test_paths_of_one_hash_stay_apart_unless_they_are_equal():
    codes = np.array([1, 2, 1, 3, 1, 2], np.uint16)  # three paths of two steps
    paths = Paths(codes, np.array([[0, 2, 4], [2, 4, 6], [7, 7, 7], [1, 1, 1], [0, 0, 1]]))
    assert paths.merged().of.tolist() == [[0, 2], [2, 4], [7, 7], [2, 1], [1, 0]]


def test_paths_travel_without_equal_ones_and_without_steps_of_none():
    codes = np.array([9, 1, 2, 9, 1, 2], np.uint16)
    paths = Paths(codes, np.array([[1, 4], [3, 6], [7, 7], [1, 1], [0, 1]]))
    there = pickle.loads(pickle.dumps(paths))  # noqa: S301  (our own)
    assert there.codes.tolist() == [1, 2]
    assert there.of.tolist() == [[0], [2], [7], [2], [1]]


@pytest.mark.parametrize(("shares", "filled"), [(1, 1), (2, 2), (8, 6), (100, 6)])
def test_shares_of_paths_hold_each_distinct_path_once(shares, filled):
    codes, begins = np.arange(40, dtype=np.uint16) % 19, np.arange(20) * 2
    hashes = np.arange(20) // 2 * 6_552 << 48  # some below 0; equal ones need not be of equal paths
    paths = Paths(codes, np.array([begins, begins + 2, hashes, np.ones(20, int), np.zeros(20, int)]))
    found = [paths.merged(share, shares).of[BEGIN].tolist() for share in range(shares)]
    assert (sum(map(bool, found)), sorted(chain(*found))) == (filled, sorted(paths.merged().of[BEGIN].tolist()))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"most": 0}, "most is 0; it must be at least 1"),
        ({"outcome": "purchas"}, "The log has no outcome 'purchas'; the nearest known: purchase"),
    ],
)
def test_variants_refuse_what_cannot_be_asked(asked, message):
    with pytest.raises(QuestionError) as refusal:
        variants(journeys("anna: ad!purchase"), **asked)
    assert str(refusal.value) == message
