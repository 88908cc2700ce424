from collections import defaultdict
from fractions import Fraction

from hypothesis import given

from tangente.contactlog.cost import cost
from tangente.contactlog.schema import MICRO
from tangente.contactlog.testing import START, from_rows, journeys
from tests.contactlog.strategies import contacts, examples, tuples


def plain_cost(rows):
    """Touchpoint, contacts, unit cost, cost; in plain Python."""
    costs = defaultdict(list)
    for row in rows:
        costs[row["touchpoint"]].append(row["cost"])
    found = []
    for name, each in costs.items():
        known = [Fraction(one, MICRO) for one in each if one is not None]
        total = float(sum(known)) if known else None
        found.append((name, len(each), round(float(sum(known) / len(known)), 9) if known else None, total))
    return sorted(found, key=lambda row: (row[3] is None, -(row[3] or 0), row[0]))


@examples
@given(contacts())
def test_cost_equals_plain_python(rows):
    table = cost(from_rows(rows, [], buckets=2))
    assert tuples(table, "touchpoint", "contacts", "unit_cost", "cost") == plain_cost(rows)


@examples
@given(contacts())
def test_cumulative_shares_rise_to_one(rows):
    shares = [share for share in cost(from_rows(rows, []))["cumulative_share"].to_pylist() if share is not None]
    assert shares == sorted(shares)
    assert shares[-1:] in ([], [1.0])


def test_cost_leaves_out_touchpoints_that_were_only_judged():
    said = {"customer_id": "anna", "occurred_at": START, "touchpoint": "shop", "score": 3.0}
    met = {"customer_id": "anna", "occurred_at": START, "touchpoint": "web"}
    assert tuples(cost(from_rows([met], [said]))) == [("web", 1, None, None, None)]


def test_cost_puts_the_dearest_first_and_unknown_cost_last():
    log = journeys("anna: call(cost=3) web shop(cost=1)")
    assert tuples(cost(log), "touchpoint", "cumulative_share") == [("call", 0.75), ("shop", 1), ("web", None)]
