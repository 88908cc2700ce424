import csv
import gzip
from itertools import permutations
from math import factorial, fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.attribution import attribute

PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), max_size=6), st.integers(0, 3), st.integers(0, 3)), max_size=8
)
RULES = ("markov", "shapley", "first", "last", "linear", "position")


def by_name(paths, column, digits=12):
    return {row.touchpoint: round(getattr(row, column), digits) for row in attribute(paths)}


def shapley_by_definition(paths):
    """Each touchpoint's mean gain over all orders in which touchpoints join, v(S) = conversions of paths within S."""
    names = sorted({name for path, _, _ in paths for name in path})
    gains = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        for k, name in enumerate(order):
            values = [sum(won for path, won, _ in paths if path and {*path} <= {*order[:end]}) for end in (k, k + 1)]
            gains[name] += (values[1] - values[0]) / factorial(len(names))
    return gains


def test_attribution_of_two_channels_has_the_printed_values():
    paths = [(["G"], 2, 1), (["M"], 1, 0), (["G", "M"], 1, 0)]
    assert by_name(paths, "removal_effect") == {"G": 0.75, "M": 0.5}
    assert {name: 4 * share for name, share in by_name(paths, "markov").items()} == {"G": 2.4, "M": 1.6}
    assert {name: 4 * share for name, share in by_name(paths, "shapley").items()} == {"G": 2.5, "M": 1.5}


def test_attribution_of_three_channels_has_the_printed_values():
    paths = [(["C1", "C2", "C3"], 1, 0), (["C1"], 0, 1), (["C2", "C3"], 0, 1)]
    assert by_name(paths, "removal_effect") == {"C1": 0.5, "C2": 1, "C3": 1}
    assert by_name(paths, "markov") == {"C1": 0.2, "C2": 0.4, "C3": 0.4}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("a", {"a": 1}, id="one step gets all"),
        pytest.param("ab", {"a": 0.5, "b": 0.5}, id="two get half each"),
        pytest.param("abcb", {"a": 0.4, "b": 0.5, "c": 0.1}, id="between the ends a fifth is shared"),
        pytest.param("aaa", {"a": 1}, id="steps of one touchpoint add up"),
    ],
)
def test_position_gives_the_ends_two_fifths_each(path, expected):
    assert by_name([(path, 1, 0)], "position") == expected


def test_linear_counts_steps_and_shapley_touchpoints():
    assert by_name([("abb", 1, 0)], "linear", 3) == {"a": 0.333, "b": 0.667}
    assert by_name([("abb", 1, 0)], "shapley") == {"a": 0.5, "b": 0.5}


@given(PATHS)
def test_shapley_share_equals_the_definition_of_the_shapley_value(paths):
    total = sum(won for path, won, _ in paths if path)
    if total:
        expected = {name: round(gain / total, 9) for name, gain in shapley_by_definition(paths).items()}
        assert by_name(paths, "shapley", 9) == expected


@given(PATHS)
def test_shares_of_each_rule_sum_to_1_or_are_all_unknown(paths):
    rows = attribute(paths)
    for rule in RULES:
        shares = [getattr(row, rule) for row in rows]
        assert shares == [None] * len(rows) or fsum(shares) == pytest.approx(1)


@given(PATHS)
def test_attribution_does_not_depend_on_the_order_of_the_paths(paths):
    assert [(row.touchpoint, row.paths, row.conversions) for row in attribute(paths[::-1])] == [
        (row.touchpoint, row.paths, row.conversions) for row in attribute(paths)
    ]


def test_attribution_counts_a_path_once_for_each_of_its_touchpoints():
    rows = attribute([("aab", 2, 1), ("b", 0, 4), ("", 5, 5)])
    assert [(row.touchpoint, row.paths, row.conversions) for row in rows] == [("a", 3, 2), ("b", 7, 2)]


def test_attribution_knows_no_shares_where_no_touchpoint_converts():
    assert [(row.removal_effect, row.markov, row.linear) for row in attribute([("a", 0, 2), ("", 1, 0)])] == [
        (None, None, None)
    ]


def test_attribution_refuses_paths_taken_less_than_0_times():
    with pytest.raises(QuestionError, match=r"^A path was taken less than 0 times"):
        attribute([("a", 1, -1)])


@pytest.mark.shared_data
def test_attribution_reproduces_the_table_of_the_standard_example(shared_data):
    folder = shared_data / "mta_conversion_paths"
    with gzip.open(folder / "data.csv.gz", "rt") as file:
        counted = [(row["path"].split(" > "), row) for row in csv.DictReader(file)]
    rows = attribute((path, int(row["total_conversions"]), int(row["total_null"])) for path, row in counted)
    with (folder / "expected_attribution_recomputed.csv").open() as file:
        for row, expected in zip(rows, csv.DictReader(file), strict=True):
            touches = [round(19_785 * share, 6) for share in (row.first, row.last, row.linear)]
            assert [row.touchpoint, *touches] == [
                expected["channel"],
                *(float(expected[k]) for k in ("first", "last", "linear")),
            ]
            effect, share = (float(expected[f"markov1_removal_{k}_repeats_collapsed"]) for k in ("effect", "share"))
            assert (round(row.removal_effect, 6), round(row.markov, 6)) == (effect, share)
