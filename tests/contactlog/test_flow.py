from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from tangente.contactlog import flow as flow_module
from tangente.contactlog import quantiles
from tangente.contactlog.flow import flow
from tangente.contactlog.testing import from_rows, journeys
from tangente.errors import QuestionError
from tests.contactlog.strategies import contacts, examples, histories, tuples


def plain_flow(rows):
    """The same question in plain Python: from, to, contacts, customers, median and 90 % point of the waits."""
    waits, who = defaultdict(list), defaultdict(set)
    for customer, history in histories(rows):
        for one, next_one in pairwise(history):
            pair = one["touchpoint"], next_one["touchpoint"]
            waits[pair].append((next_one["occurred_at"] - one["occurred_at"]).total_seconds())
            who[pair].add(customer)
    points = {pair: np.round(np.quantile(waits[pair], [0.5, 0.9]), 9).tolist() for pair in waits}
    found = [(*pair, len(waits[pair]), len(who[pair]), *points[pair]) for pair in waits]
    return sorted(found, key=lambda row: (-row[2], row[0], row[1]))


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(["anna: ad shop buy"], [("ad", "shop", 1, 1), ("shop", "buy", 1, 1)], id="each step to the next"),
        pytest.param(["anna: ad ad ad"], [("ad", "ad", 2, 1)], id="a touchpoint may follow itself"),
        pytest.param(["anna: ad", "ben: shop"], [], id="customers do not follow each other"),
        pytest.param(["anna: ad shop", "ben: ad shop"], [("ad", "shop", 2, 2)], id="customers add up"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_flow_counts_direct_successions(log, expected):
    assert tuples(flow(journeys(*log)), "from", "to", "contacts", "customers") == expected


def test_flow_interpolates_waits_between_neighbours():
    log = journeys("anna: ad shop+10s ad shop+20s ad shop+40s")
    assert tuples(flow(log), "median_wait_s", "p90_wait_s")[0] == (20, 36)


def test_flow_puts_equally_frequent_pairs_in_the_order_of_their_names():
    log = journeys("anna: b a", "ben: a b", "cem: Ö a")
    assert tuples(flow(log), "from", "to") == [("a", "b"), ("b", "a"), ("Ö", "a")]


@examples
@given(contacts())
def test_flow_equals_plain_python(rows):
    assert tuples(flow(from_rows(rows, []))) == plain_flow(rows)


@examples
@given(contacts())
def test_flow_by_histograms_equals_plain_python(rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow_module, "FEWEST_BINNED", 0)
        patch.setattr(quantiles, "FEWEST_BINNED", 0)
        patch.setattr(quantiles, "FEW_ROWS", 0)
        assert tuples(flow(from_rows(rows, []))) == plain_flow(rows)


@examples
@given(contacts())
def test_flow_has_one_pair_less_than_contacts_for_each_customer(rows):
    table = flow(from_rows(rows, []))
    assert sum(table["contacts"].to_pylist()) == len(rows) - len(histories(rows))


def test_flow_refuses_more_touchpoints_than_it_can_pair(monkeypatch):
    monkeypatch.setattr(flow_module, "MOST_PLACES", 3)
    with pytest.raises(QuestionError, match=r"^The log has 3 different touchpoints; at most 2 can be paired"):
        flow(journeys("anna: a b c"))
