import pytest

from tangente.errors import QuestionError
from tangente.method.mean import independent_mean
from tangente.method.proportion import wilson
from tangente.method.satisfaction import satisfaction


def test_satisfaction_is_the_share_of_the_two_best_answers_and_the_mean():
    found = satisfaction([1, 1, 6, 22, 20])
    assert found.top_two_box == wilson(42, 50)
    assert found.mean == independent_mean(50, 209, 911)


def test_satisfaction_of_nothing_is_none():
    found = satisfaction([0, 0, 0, 0, 0])
    assert (found.top_two_box.share, found.mean.mean) == (None, None)


@pytest.mark.parametrize("counts", [[], [4, 6], [1, -1, 3]])
def test_satisfaction_refuses_what_is_no_scale(counts):
    with pytest.raises(QuestionError, match="are no counts of a satisfaction scale"):
        satisfaction(counts)
