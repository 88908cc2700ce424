import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.importance_performance import Crosshair, Placement, importance_performance

# Martilla and James 1977: 14 attributes of an automobile dealer's service department, 284 answers
IMPORTANCE = [3.83, 3.63, 3.60, 3.56, 3.41, 3.41, 3.38, 3.37, 3.29, 3.27, 2.52, 2.43, 2.37, 2.05]
PERFORMANCE = [2.63, 2.73, 3.15, 3.00, 3.05, 3.29, 3.03, 3.11, 2.00, 3.02, 2.25, 2.49, 2.35, 3.33]
LETTERS = {"concentrate": "C", "keep_up": "K", "low_priority": "L", "overkill": "V"}
MIDDLE = {"rule": "scale_middle", "scales": ((1, 4), (1, 4))}
NEITHER = "^importance and performance differ in their number of items or resamples"


@pytest.mark.parametrize(
    ("rule", "lines", "quadrants"),
    [
        ({"rule": "means"}, (3.151, 2.816), "CCKKKKKKCKLLLV"),
        ({"rule": "medians"}, (3.375, 3.010), "CCKCKKKVLVLLLV"),
        (MIDDLE, (2.5, 2.5), "KKKKKKKKCKCLLV"),
    ],
)
def test_importance_performance_places_the_items_by_the_stored_rule(rule, lines, quadrants):
    found = importance_performance(IMPORTANCE, PERFORMANCE, **rule)
    assert found.crosshair.rule == rule["rule"]
    assert (found.crosshair.importance, found.crosshair.performance) == pytest.approx(lines, abs=5e-4)
    assert "".join(LETTERS[item.quadrant] for item in found.placements) == quadrants


def test_importance_performance_shows_the_gap():
    found = importance_performance(IMPORTANCE, PERFORMANCE)
    assert round(found.placements[0].gap, 2) == 1.20


@pytest.mark.parametrize(
    ("importance", "performance"), [([0.5, None, 0.1], [3, 4, 5]), ([0.5, 0.3, 0.1], [3, math.nan, 5])]
)
def test_importance_performance_leaves_items_without_both_values_out(importance, performance):
    found = importance_performance(importance, performance)
    assert found.crosshair == Crosshair(rule="means", importance=0.3, performance=4)
    assert found.placements[1] == Placement()


def test_importance_performance_of_nothing_has_no_crosshair():
    found = importance_performance([None, 0.2], [3, None])
    assert (found.crosshair, found.placements) == (None, (Placement(), Placement()))


@given(st.floats(0.01, 10), st.integers(1, 12))
def test_importance_performance_puts_equal_items_on_the_lines(value, items):
    found = importance_performance([value] * items, [value] * items)
    assert {item.quadrant for item in found.placements} == {"keep_up"}


def test_importance_performance_draws_the_crosshair_anew_in_each_resample():
    # the first item is weak and important in three of the four resamples, strong in the last
    importance = [[0.6, 0.4], [0.7, 0.3], [0.6, 0.4], [0.8, 0.2]]
    performance = [[2, 3], [1, 2], [4, 5], [3, 2]]
    found = importance_performance(
        [0.6, 0.4], [2, 3], resampled_importance=importance, resampled_performance=performance
    )
    assert [item.quadrant_share for item in found.placements] == [0.75, 0.75]


def test_importance_performance_counts_resamples_that_place_the_item():
    importance = [[0.6, 0.4], [math.nan, 0.3]]
    found = importance_performance(
        [0.6, 0.4], [2, 3], resampled_importance=importance, resampled_performance=[[2, 3], [2, 3]]
    )
    assert [item.quadrant_share for item in found.placements] == [1.0, 0.5]


def test_importance_performance_has_no_quadrant_share_without_resamples():
    found = importance_performance(
        [0.6, 0.4], [2, 3], resampled_importance=np.empty((0, 2)), resampled_performance=np.empty((0, 2))
    )
    assert [item.quadrant_share for item in found.placements] == [None, None]


@pytest.mark.parametrize("rule", [{"rule": "eye"}, {"rule": "scale_middle"}, {**MIDDLE, "rule": "means"}])
def test_importance_performance_refuses_rules_it_cannot_follow(rule):
    with pytest.raises(QuestionError, match=f"^rule '{rule['rule']}' with scales"):
        importance_performance([0.6], [2], **rule)


@pytest.mark.parametrize(
    ("performance", "resampled", "message"),
    [
        ([2], ([], []), NEITHER),
        ([2, 3], ([[0.5, 0.5]], []), NEITHER),
        ([2, 3], ([[0.5]], [[2]]), r"^resamples of shape \(1, 1\) do not fit 2 items"),
    ],
)
def test_importance_performance_refuses_shapes_that_do_not_fit(performance, resampled, message):
    with pytest.raises(QuestionError, match=message):
        importance_performance(
            [0.6, 0.4], performance, resampled_importance=resampled[0], resampled_performance=resampled[1]
        )
