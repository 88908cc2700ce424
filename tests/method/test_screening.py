import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tangente.errors import QuestionError
from tangente.method.screening import benjamini_hochberg

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(P_VALUES)
def test_benjamini_hochberg_equals_scipy(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values).tolist())


@given(P_VALUES)
def test_benjamini_hochberg_does_not_count_what_was_not_tested(p_values):
    assert benjamini_hochberg([None, *p_values, None]) == [None, *benjamini_hochberg(p_values), None]


def test_benjamini_hochberg_of_nothing_is_nothing():
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize("p_value", [-0.1, 1.1, math.nan])
def test_benjamini_hochberg_refuses_what_is_no_probability(p_value):
    with pytest.raises(QuestionError, match=f"^{p_value} is no p-value"):
        benjamini_hochberg([p_value])
