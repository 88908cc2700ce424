"""Opinions become answers with the mean asked for, though the dissatisfied answer more often."""

import numpy as np
import pytest

from tangente.contactlog.simulate.scores import (
    ANSWERING_SHARE,
    LENIENCY_SHARE,
    answered,
    answers_at_all,
    cut,
    experienced,
    thresholds,
)


@pytest.fixture
def crowd() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leniency, whether they answer, opinion of 400,000 people."""
    rng = np.random.default_rng(1)
    leniency, own = rng.standard_normal((2, 400_000))
    opinion = np.sqrt(LENIENCY_SHARE) * leniency + np.sqrt(1 - LENIENCY_SHARE) * own
    return leniency, answers_at_all(rng, leniency), opinion


def test_so_many_answer_as_said(crowd):
    assert crowd[1].mean() == pytest.approx(ANSWERING_SHARE, abs=0.003)


def test_the_dissatisfied_answer_more_often(crowd):
    leniency, answers, _ = crowd
    assert answers[leniency < -1].mean() > 1.5 * answers[leniency > 1].mean()


@pytest.mark.parametrize("mean", [1.8, 3.0, 4.3])
def test_thresholds_give_the_answers_their_mean(mean):
    assert answered(thresholds(mean)).mean == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("mean", [1.8, 3.0, 4.3])
def test_answers_of_a_crowd_are_as_integrated(crowd, mean):
    _, answers, opinion = crowd
    limits = thresholds(mean)
    score = cut(opinion, limits)
    assert score[answers].mean() == pytest.approx(mean, abs=0.01)
    assert score[answers].std() == pytest.approx(answered(limits).sd, abs=0.01)
    assert score.mean() == pytest.approx(experienced(limits).mean, abs=0.01)


def test_answers_are_lower_than_what_all_experienced():
    limits = thresholds(3.0)
    assert 0.1 < experienced(limits).mean - answered(limits).mean < 0.25


def test_answers_spread_by_about_eleven_tenths():
    assert answered(thresholds(3.5)).sd == pytest.approx(1.1, abs=0.1)
