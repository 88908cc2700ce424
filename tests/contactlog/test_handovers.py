from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog.handovers import handovers
from tangente.contactlog.testing import from_rows, journeys
from tangente.errors import QuestionError
from tests.contactlog.strategies import contacts, examples, histories, tuples


def plain_handovers(rows, within_days):
    """The same question in plain Python: from, to, contacts, customers."""
    found = defaultdict(list)
    for customer, history in histories(rows):
        for one, next_one in pairwise(history):
            wait = next_one["occurred_at"] - one["occurred_at"]
            if None in (one["unit"], next_one["unit"]) or one["unit"] == next_one["unit"]:
                continue
            if within_days is None or wait.total_seconds() <= within_days * 86_400:
                found[one["unit"], next_one["unit"]].append(customer)
    return {pair: (len(customers), len(set(customers))) for pair, customers in found.items()}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param("anna: a(unit=X) b(unit=Y)", [("X", "Y", 3600)], id="from one department to another"),
        pytest.param("anna: a(unit=X) b(unit=X)", [], id="the same department keeps the customer"),
        pytest.param("anna: a(unit=X) b c(unit=Y)", [], id="a contact without department breaks the chain"),
        pytest.param("anna: a(unit=X) a(unit=Y)", [("X", "Y", 3600)], id="touchpoints do not matter"),
        pytest.param("anna: a b", [], id="no departments"),
    ],
)
def test_handovers_are_changes_of_department(log, expected):
    assert tuples(handovers(journeys(log)), "from", "to", "median_wait_s") == expected


def test_handovers_count_waits_up_to_and_with_the_longest():
    log = journeys("anna: a(unit=X) b+2d(unit=Y) c+3d(unit=X)")
    assert tuples(handovers(log, within_days=2), "from", "to") == [("X", "Y")]


@examples
@given(contacts(), st.sampled_from([None, 0.5, 2]))
def test_handovers_equal_plain_python(rows, within_days):
    table = handovers(from_rows(rows, []), within_days=within_days)
    assert {row[:2]: row[2:] for row in tuples(table, "from", "to", "contacts", "customers")} == plain_handovers(
        rows, within_days
    )


@examples
@given(contacts())
def test_handovers_never_hand_over_to_themselves(rows):
    assert [pair for pair in tuples(handovers(from_rows(rows, [])), "from", "to") if pair[0] == pair[1]] == []


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_handovers_refuse_an_impossible_wait(days):
    with pytest.raises(QuestionError, match=r"^within_days is .*; it must be more than 0"):
        handovers(journeys("anna: a b"), within_days=days)
