from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tangente.errors import QuestionError
from tangente.method.mantel_haenszel import Stratum, common_odds

ADMITTED = [(512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391), (138, 279, 131, 244), (53, 138, 94, 299)]
ADMITTED.append((22, 351, 24, 317))
"""Berkeley 1973, by department: men admitted and rejected, women admitted and rejected (Bickel et al. 1975)."""
TABLES = st.lists(st.tuples(*[st.integers(1, 40)] * 4), min_size=1, max_size=5)


def stratum(both, exposed_only, outcome_only, neither):
    people = both + exposed_only + outcome_only + neither
    return Stratum(people=people, exposed=both + exposed_only, outcome=both + outcome_only, both=both)


def test_common_odds_of_the_berkeley_admissions():
    found = common_odds(stratum(*table) for table in ADMITTED)
    assert (found.ratio, found.p_value) == (pytest.approx(0.9046968, abs=1e-7), pytest.approx(0.2169, abs=1e-4))


def test_common_odds_sees_what_the_sum_of_strata_hides():
    whole = common_odds([stratum(*map(sum, zip(*ADMITTED, strict=True)))])
    assert (whole.ratio > 1.8, whole.p_value < 1e-6) == (True, True)


@given(TABLES)
def test_common_odds_equal_plain_python(tables):
    sums = [[a * d / (a + b + c + d), b * c / (a + b + c + d)] for a, b, c, d in tables]
    sets = [stats.hypergeom(a + b + c + d, a + b, a + c) for a, b, c, d in tables]
    more = sum(a - of.mean() for (a, *_), of in zip(tables, sets, strict=True))
    found = common_odds(stratum(*table) for table in tables)
    assert found.ratio == pytest.approx(sum(one for one, _ in sums) / sum(other for _, other in sums))
    assert found.p_value == pytest.approx(stats.chi2.sf(more**2 / sum(of.var() for of in sets), 1), abs=1e-9)


@pytest.mark.parametrize("table", [(0, 9, 0, 9), (9, 0, 9, 0), (0, 0, 9, 9), (9, 9, 0, 0), (0, 0, 0, 0)])
def test_common_odds_leave_out_who_has_nobody_to_compare_with(table):
    says = stratum(20, 30, 10, 40)
    assert common_odds([stratum(*table)]) is None
    assert common_odds([stratum(*table), says]) == common_odds([says])


def test_common_odds_are_infinite_if_only_the_exposed_have_the_outcome():
    assert common_odds([stratum(9, 9, 0, 9)]).ratio == inf


@pytest.mark.parametrize("counts", [(10, 5, 5, 6), (10, 8, 8, 5), (10, 5, 5, -1)])
def test_common_odds_refuse_counts_that_cannot_be(counts):
    names = ("people", "exposed", "outcome", "both")
    with pytest.raises(QuestionError, match="cannot be part of both"):
        common_odds([Stratum(**dict(zip(names, counts, strict=True)))])
