from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.pareto import CostShare, cost_pareto

CONTACTS = {"fault": 3000, "explain bill": 12_000, "advice": 900, "address": 8000}
UNIT_COSTS = {"fault": 18, "explain bill": 4.2, "advice": 45, "address": 3.1}
TOUCHPOINTS = st.dictionaries(
    st.text(max_size=3), st.tuples(st.integers(0, 99), st.none() | st.integers(0, 9)), max_size=8
)


def test_cost_pareto_gives_the_gold_values():
    rows = [(row.touchpoint, row.cost, round(row.cumulative_share, 3)) for row in cost_pareto(CONTACTS, UNIT_COSTS)]
    assert rows == [
        ("fault", 54_000, 0.318),
        ("explain bill", 50_400, 0.615),
        ("advice", 40_500, 0.854),
        ("address", 24_800, 1),
    ]


def test_cost_pareto_lists_unknown_costs_last_and_keeps_them_unknown():
    rows = cost_pareto({"web": 9, "app": 5, "shop": 2}, {"shop": 3, "app": None})
    assert [row.touchpoint for row in rows] == ["shop", "app", "web"]
    assert rows[1] == CostShare(touchpoint="app", contacts=5, unit_cost=None, cost=None, cumulative_share=None)


def test_cost_pareto_gives_no_share_of_nothing():
    (row,) = cost_pareto({"web": 9}, {"web": 0})
    assert (row.cost, row.cumulative_share) == (0, None)


def test_cost_pareto_keeps_a_divided_unit_cost_exact():
    (row,) = cost_pareto({"web": 3}, {"web": Fraction(1, 30)})
    assert row.cost == 0.1


@pytest.mark.parametrize(("contacts", "unit_cost"), [(-1, 2.0), (3, -0.5), (3, float("nan"))])
def test_cost_pareto_refuses_negative_effort(contacts, unit_cost):
    with pytest.raises(QuestionError, match=f"^web: {contacts} contacts at {unit_cost} each"):
        cost_pareto({"web": contacts}, {"web": unit_cost})


@given(TOUCHPOINTS, st.randoms())
def test_cost_pareto_does_not_depend_on_the_order_of_rows(touchpoints, random):
    names = random.sample(sorted(touchpoints), len(touchpoints))
    first = cost_pareto({n: c for n, (c, _) in touchpoints.items()}, {n: u for n, (_, u) in touchpoints.items()})
    assert cost_pareto({n: touchpoints[n][0] for n in names}, {n: touchpoints[n][1] for n in names}) == first


@given(TOUCHPOINTS)
def test_cost_pareto_equals_a_plain_sort(touchpoints):
    rows = cost_pareto({n: c for n, (c, _) in touchpoints.items()}, {n: u for n, (_, u) in touchpoints.items()})
    known = sorted((-c * u, n) for n, (c, u) in touchpoints.items() if u is not None)
    assert [(-row.cost, row.touchpoint) for row in rows if row.cost is not None] == known
