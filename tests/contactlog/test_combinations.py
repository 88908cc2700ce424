from itertools import combinations as pairs
from math import fsum

import pytest
from hypothesis import given

from tangente.contactlog.attribution import attribution
from tangente.contactlog.combinations import combinations
from tangente.contactlog.testing import START, from_rows, journeys
from tangente.errors import QuestionError
from tangente.method.proportion import wilson
from tests.contactlog.strategies import contacts, examples, tuples
from tests.contactlog.test_attribution import OPTIONS, PURCHASE, often, plain_paths, ways


def plain_combinations(rows, **options):
    """The same question in plain Python: of each pair the paths, the conversions, and the conversions it gets."""
    found = {}
    for path, won, lost in plain_paths(rows, **options):
        of_path = list(pairs(sorted(set(path)), 2))
        for pair in of_path:
            paths, conversions, credit = found.get(pair, (0, 0, 0))
            found[pair] = paths + won + lost, conversions + won, credit + won / len(of_path)
    return found


@examples
@given(contacts(), OPTIONS)
def test_combinations_equal_plain_python(rows, options):
    rows = [*rows, PURCHASE | {"touchpoint": "ad", "sequence": -1, "outcome": None}, PURCHASE]
    expected = plain_combinations(rows, **options)
    total = fsum(credit for _, _, credit in expected.values())
    table = combinations(from_rows(often(rows), []), **options)
    shares = {
        (row[0], row[1]): row[2:] for row in tuples(table, "touchpoint", "other", "paths", "conversions", "share")
    }
    assert shares == {
        pair: pytest.approx((30 * paths, 30 * conversions, credit / total if total else None), abs=1e-7)
        for pair, (paths, conversions, credit) in expected.items()
    }


def test_combinations_lose_what_both_touchpoints_lose_alone_but_for_what_they_share():
    log = ways("ad shop!purchase", "ad web shop!purchase", "web shop!purchase", "ad", "web ad")
    single = dict(tuples(attribution(log, resamples=0), "touchpoint", "removal_effect"))
    for one, other, both, shared in tuples(combinations(log), "touchpoint", "other", "removal_effect", "shared"):
        assert both + shared == pytest.approx(single[one] + single[other])


def test_combinations_without_which_nothing_converts_have_effect_1():
    log = ways("ad shop!purchase", "web shop!purchase", "ad web")
    effects = {row[:2]: row[2] for row in tuples(combinations(log), "touchpoint", "other", "removal_effect")}
    assert (effects["ad", "shop"], effects["ad", "web"]) == (1, 1)


def test_combinations_give_the_rate_of_paths_with_both():
    (row,) = combinations(ways("ad shop!purchase", "shop ad", "shop")).to_pylist()
    expected = wilson(30, 60)
    assert (row["rate"], round(row["low"], 9), round(row["high"], 9)) == (
        0.5,
        round(expected.low, 9),
        round(expected.high, 9),
    )


def test_combinations_say_too_few_below_30():
    few = combinations(journeys(*(f"c{k}: ad shop!purchase" for k in range(29))))
    assert tuples(few) == [("ad", "shop", 29, 29, None, None, None, None, None, None)]
    alone = combinations(journeys("anna: ad shop!purchase", *(f"c{k}: ad!purchase" for k in range(40))))
    assert tuples(alone, "paths", "rate", "removal_effect", "share") == [(1, None, None, None)]


def test_combinations_return_the_largest_shares():
    log = ways("a b!purchase", "a b!purchase", "b c!purchase", "c d")
    table = combinations(log, most=2)
    assert tuples(table, "touchpoint", "other", "share") == [("a", "b", 0.666666667), ("b", "c", 0.333333333)]
    assert (table.schema.metadata[b"total"], table.schema.metadata[b"paths"]) == (b"3", b"120")


def test_combinations_of_single_touchpoints_are_none():
    assert combinations(journeys("anna: ad!purchase")).num_rows == 0
    assert combinations(journeys("anna: ad!purchase").where(since=START.date().replace(year=2030))).num_rows == 0


def test_combinations_refuse_to_return_none():
    with pytest.raises(QuestionError, match=r"^most is 0; it must be at least 1"):
        combinations(journeys("anna: ad!purchase"), most=0)
