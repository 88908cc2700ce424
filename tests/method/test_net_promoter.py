import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.net_promoter import (
    NetPromoter,
    answers_for_change,
    answers_for_margin,
    clustered_net_promoter,
    net_promoter,
    net_promoter_groups,
    wave_z,
    weighted_net_promoter,
)

SCORES = st.lists(st.integers(0, 10), min_size=1, max_size=50)


def rounded(score, *fields):
    return tuple(round(getattr(score, field), 3 if field == "standard_error" else 2) for field in fields)


def test_net_promoter_gives_the_gold_values_of_100_answers():
    score = net_promoter(50, 30, 20)
    assert (score.n, score.value) == (100, 30)
    assert rounded(score, "standard_error", "plain_low", "plain_high") == (7.810, 14.69, 45.31)
    assert rounded(score, "low", "high") == (14.05, 44.20)


@pytest.mark.parametrize(
    ("counts", "value", "low", "high"), [((6, 3, 1), 50, -0.20, 77.13), ((10, 0, 0), 100, 47.50, 100)]
)
def test_net_promoter_reports_the_adjusted_interval(counts, value, low, high):
    assert rounded(net_promoter(*counts), "value", "low", "high") == (value, low, high)


def test_net_promoter_has_a_width_where_the_plain_interval_has_none():
    score = net_promoter(10, 0, 0)
    assert (score.plain_low, score.plain_high) == (100, 100)
    assert score.low < 50


def test_net_promoter_of_nothing_is_none():
    assert net_promoter(0, 0, 0) == NetPromoter(n=0, promoters=0, passives=0, detractors=0)


def test_net_promoter_refuses_negative_counts():
    with pytest.raises(QuestionError, match=r"^\(5, -1, 2\) are no counts"):
        net_promoter(5, -1, 2)


@given(st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(1, 90)))
def test_net_promoter_mirrors_when_promoters_become_detractors(counts):
    score, mirrored = net_promoter(*counts), net_promoter(*reversed(counts))
    assert (score.value, score.low, score.high) == pytest.approx((-mirrored.value, -mirrored.high, -mirrored.low))


def test_net_promoter_groups_part_the_scale_at_6_and_9():
    assert net_promoter_groups(range(11)) == (2, 2, 7)


@pytest.mark.parametrize("answer", [11, -1, math.nan])
def test_net_promoter_groups_refuse_answers_off_the_scale(answer):
    with pytest.raises(QuestionError, match=f"^an answer is {answer:g}; a recommendation is rated from 0 to 10"):
        net_promoter_groups([9, answer])


@given(SCORES)
def test_weighted_net_promoter_with_equal_weights_is_the_plain_one(scores):
    weighted, plain = weighted_net_promoter(scores, [0.7] * len(scores)), net_promoter(*net_promoter_groups(scores))
    assert (weighted.value, weighted.low, weighted.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_weighted_net_promoter_counts_answers_and_weighs_shares():
    score = weighted_net_promoter([10, 8, 3, 9], [3, 1, 2, 0])
    assert (score.n, score.promoters, score.passives, score.detractors) == (3, 1, 1, 1)
    assert score.value == pytest.approx(100 * (3 - 2) / 6)


def test_weighted_net_promoter_is_less_sure_with_unequal_weights():
    even, uneven = (weighted_net_promoter([10, 3] * 20, weights) for weights in ([1] * 40, [1, 1, 5, 5] * 10))
    # Kish: (Σw)² / Σw² = 120² / 520 = 27.7 answers instead of 40
    assert even.value == uneven.value
    assert uneven.standard_error / even.standard_error == pytest.approx(math.sqrt(40 / (120**2 / 520)))


def test_weighted_net_promoter_of_nothing_is_none():
    assert weighted_net_promoter([9], [0]) == NetPromoter(n=0, promoters=0, passives=0, detractors=0)


@pytest.mark.parametrize("weight", [-1, math.nan])
def test_weighted_net_promoter_refuses_strange_weights(weight):
    with pytest.raises(QuestionError, match=r"^a survey weight is negative or missing"):
        weighted_net_promoter([9], [weight])


def test_wave_z_of_15_points_more_with_100_answers_each_is_noise():
    assert round(wave_z(net_promoter(50, 30, 20), net_promoter(60, 25, 15)), 3) == 1.394


@pytest.mark.parametrize(("before", "after"), [((0, 0, 0), (5, 3, 2)), ((5, 3, 2), (0, 0, 0)), ((9, 0, 0), (0, 0, 9))])
def test_wave_z_is_none_without_any_spread(before, after):
    assert wave_z(net_promoter(*before), net_promoter(*after)) is None


def test_answers_for_margin_of_ten_points():
    assert (answers_for_margin(10, variance=0.61), answers_for_margin(10, variance=0.80)) == (235, 308)


def test_answers_for_change_of_ten_points():
    assert answers_for_change(10) == 958


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (0, {}, "^0 points cannot be planned for"),
        (10, {"variance": 1.2}, "^variance is 1.2"),
        (10, {"power": 1}, "^power is 1; it must lie between 0 and 1"),
    ],
)
def test_answers_for_change_refuses_impossible_plans(change, options, message):
    with pytest.raises(QuestionError, match=message):
        answers_for_change(change, **options)


def test_clustered_score_with_one_answer_each_is_the_plain_one() -> None:
    scores = [10] * 50 + [7] * 30 + [3] * 20
    assert clustered_net_promoter(scores, range(100)) == net_promoter(50, 30, 20)


def test_clustered_score_asked_twice_has_the_interval_of_the_people() -> None:
    scores = [10] * 500 + [7] * 300 + [3] * 200
    twice = clustered_net_promoter(scores * 2, [*range(1000)] * 2)
    once = net_promoter(500, 300, 200)
    assert (twice.n, twice.value) == (2000, once.value)
    assert (twice.low, twice.high) == (pytest.approx(once.low, abs=0.02), pytest.approx(once.high, abs=0.02))


def test_clustered_score_by_hand() -> None:
    eight = clustered_net_promoter([10, 10, 9, 9, 2, 2, 7, 7], [1, 1, 2, 2, 3, 3, 4, 4])
    assert eight.standard_error == pytest.approx(100 * math.sqrt((6 / 8 - 1 / 16) / (8 / (7 / 3))))


def test_clustered_score_of_one_customer_or_one_opinion_knows_no_effect() -> None:
    assert clustered_net_promoter([10, 9, 3], [1, 1, 1]) == net_promoter(2, 0, 1)
    assert clustered_net_promoter([10, 10, 10], [1, 1, 2]) == net_promoter(3, 0, 0)


def test_clustered_score_with_equal_weights_is_the_unweighted_one() -> None:
    scores, customers = [10, 9, 2, 7, 7, 10], [1, 1, 2, 3, 3, 4]
    weighted = clustered_net_promoter(scores, customers, weights=[2.0] * 6)
    assert weighted.low == pytest.approx(clustered_net_promoter(scores, customers).low)
