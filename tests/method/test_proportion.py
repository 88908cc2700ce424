import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.proportion import Proportion, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (42, 50, 0.7149, 0.9166), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)],
)
def test_wilson_gives_the_published_intervals(k, n, low, high):
    found = wilson(k, n)
    assert (found.share, round(found.low, 4), round(found.high, 4)) == (k / n, low, high)


def test_wilson_ends_at_0_and_1_exactly():
    assert {wilson(0, n).low for n in range(1, 300)} == {0.0}
    assert {wilson(n, n).high for n in range(1, 300)} == {1.0}


def test_wilson_of_nothing_has_no_share():
    assert wilson(0, 0) == Proportion(n=0, k=0, share=None, low=None, high=None)


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 5)])
def test_wilson_refuses_a_part_outside_the_whole(k, n):
    with pytest.raises(QuestionError, match=f"^{k} of {n} is no share"):
        wilson(k, n)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_wilson_refuses_a_confidence_that_is_no_probability(confidence):
    with pytest.raises(QuestionError, match=f"^confidence is {confidence}; it must lie between 0 and 1"):
        wilson(1, 2, confidence=confidence)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_ends_solve_the_score_equation(counts):
    k, n = counts
    found = wilson(k, n)
    for end in {found.low, found.high} - {0.0, 1.0}:
        assert (k / n - end) ** 2 == pytest.approx(1.959963985**2 * end * (1 - end) / n, rel=1e-6)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_mirrors_when_successes_become_failures(counts):
    k, n = counts
    found, mirrored = wilson(k, n), wilson(n - k, n)
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)
