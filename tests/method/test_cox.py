"""Cox regression against the field's own example, and against the likelihood written out."""

from itertools import product
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.cox import concordance, fit, risk_sets

ROSSI = np.genfromtxt(Path(__file__).with_name("rossi.csv"), delimiter=",", names=True, skip_header=1)
ALL = ("fin", "age", "race", "wexp", "mar", "paro", "prio")
LIVES = st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.booleans(), st.integers(0, 3)), min_size=4, max_size=25)


def rossi(*names):
    covariates = np.column_stack([ROSSI[name] for name in names])
    found = fit(risk_sets(ROSSI["week"], ROSSI["arrest"], covariates), len(names))
    return found, concordance(covariates @ found.coefficients, ROSSI["week"], ROSSI["arrest"])


def plain_likelihood(lives, coefficients):
    """Efron's partial likelihood, event by event."""
    weight = [exp(sum(b * x for b, x in zip(coefficients, life[2:], strict=True))) for life in lives]
    value = 0.0
    for time in {life[0] for life in lives if life[1]}:
        leaving = [w for life, w in zip(lives, weight, strict=True) if life[0] == time and life[1]]
        at_risk = sum(w for life, w in zip(lives, weight, strict=True) if life[0] >= time)
        value += sum(log(w) for w in leaving)
        value -= sum(log(at_risk - k / len(leaving) * sum(leaving)) for k in range(len(leaving)))
    return value


def test_cox_of_the_released_men():
    found, concordant = rossi(*ALL)
    assert (len(ROSSI), ROSSI["arrest"].sum()) == (432, 114)
    assert found.coefficients[[0, 1, 6]].round(4).tolist() == [-0.3794, -0.0574, 0.0915]
    assert found.errors[[0, 1, 6]].round(4).tolist() == [0.1914, 0.022, 0.0286]
    assert round(concordant, 3) == 0.64


def test_cox_of_three_covariates():
    found, concordant = rossi("fin", "age", "prio")
    assert found.coefficients.round(4).tolist() == [-0.347, -0.0671, 0.0969]
    assert round(concordant, 3) == 0.63


@settings(deadline=None)
@given(LIVES)
def test_cox_finds_the_top_of_the_likelihood(lives):
    rows = np.array(lives, float)
    if rows[:, 1].any():
        found = fit(risk_sets(rows[:, 0], rows[:, 1], rows[:, 2:]), 2)
        if not np.isnan(found.coefficients).any() and np.abs(found.coefficients).max() < 5:
            top = plain_likelihood(lives, found.coefficients)
            steps = [s for s in product((-0.01, 0, 0.01), repeat=2) if any(s)]
            assert all(plain_likelihood(lives, found.coefficients + step) < top + 1e-9 for step in steps)


def test_cox_says_nothing_of_what_cannot_be_told_apart():
    twins, other = [1, 0, 0, 1, 1, 0, 1, 0], [3, 1, 4, 1, 5, 9, 2, 6]
    covariates = np.column_stack([twins, other, twins, np.ones(8)])
    found = fit(risk_sets(range(8), [True] * 8, covariates), 4)
    alone = fit(risk_sets(range(8), [True] * 8, covariates[:, :2]), 2)
    assert np.isnan(found.coefficients).tolist() == np.isnan(found.errors).tolist() == [True, False, True, True]
    assert (found.coefficients[1], found.errors[1]) == pytest.approx((alone.coefficients[1], alone.errors[1]))
    assert not found.endless.any()


def test_cox_has_no_finite_effect_of_what_decides_alone():
    first = [1, 1, 1, 1, 0, 0, 0, 0]
    found = fit(risk_sets(range(8), [True] * 8, np.column_stack([first, [1, 0, 0, 1, 0, 1, 0, 1]])), 2)
    assert np.isnan(found.coefficients).tolist() == found.endless.tolist() == [True, False]


def test_cox_asks_for_no_coefficient_beyond_the_largest():
    covariates, asked = np.column_stack([[1, 1, 1, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 1, 0, 1]]), []
    rows = risk_sets(range(8), [True] * 8, covariates)
    found = fit(lambda coefficients: asked.append(coefficients) or rows(coefficients), 2, most=6)
    assert found.endless.tolist() == np.isnan(found.errors).tolist() == [True, False]
    assert (np.max(asked), np.abs(np.diff(asked, axis=0)).max()) == (6, pytest.approx(1.5))


def test_cox_goes_back_where_weights_overflow():
    rows = risk_sets(ROSSI["week"], ROSSI["arrest"], ROSSI["prio"][:, None])
    first = []

    def sums(coefficients):
        first.append(coefficients)
        return rows(coefficients + (10_000 if len(first) == 2 else 0))

    assert fit(sums, 1).coefficients == pytest.approx(fit(rows, 1).coefficients)


def test_cox_goes_back_where_a_step_goes_too_far():
    lives = [(1, True, 1)] * 5 + [(9, False, 1)] + [(time, True, 0) for time in (2, 3, 4)] + [(9, False, 0)] * 500
    rows = np.array(lives, float)
    top = fit(risk_sets(rows[:, 0], rows[:, 1], rows[:, 2:]), 1).coefficients
    around = [plain_likelihood(lives, top + step) for step in (-0.01, 0, 0.01)]
    assert max(around) == around[1]


def test_cox_says_nothing_where_it_came_to_no_end(monkeypatch):
    monkeypatch.setattr("tangente.method.cox.MOST_STEPS", 2)
    assert np.isnan(rossi("fin", "age")[0].coefficients).all()


def test_concordance_counts_equal_risks_half():
    assert concordance([1, 1, 2], [1, 2, 3], [True, True, False]) == (0.5 + 0 + 0) / 3
    assert np.isnan(concordance([1, 2], [1, 2], [False, False]))


def test_risk_sets_refuse_unequal_lengths_and_no_events():
    with pytest.raises(QuestionError, match="with at least one event"):
        risk_sets([1, 2], [False, False], [[1], [2]])
    with pytest.raises(QuestionError, match="of equal length"):
        risk_sets([1, 2], [True], [[1], [2]])
