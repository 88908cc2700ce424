import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.absorbing_chain import joint_removal_effects, removal_effects


@st.composite
def moves(draw):
    """Moves among up to four touchpoints; from each some path ends."""
    n = draw(st.integers(0, 4))
    counts = np.array(draw(st.lists(st.integers(0, 9), min_size=(n + 1) * (n + 2), max_size=(n + 1) * (n + 2))), float)
    counts = counts.reshape(n + 1, n + 2)
    counts[:, -1] += 1
    return counts


def converts(counts, without=()):
    """The probability of conversion by walking on and on; whoever meets a touchpoint of `without` is lost."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    kept = np.isin(np.arange(len(counts) - 1), without, invert=True)
    chance = np.zeros(len(counts) - 1)
    for _ in range(500):
        chance = kept * (shares[1:, :-2] @ chance + shares[1:, -2])
    return shares[0, :-2] @ chance + shares[0, -2]


def lost(counts, *without):
    return 1 - converts(counts, without) / converts(counts)


@given(moves())
def test_removal_effects_equal_walks_without_each_touchpoint(counts):
    found = removal_effects(counts)
    assert found.conversion == pytest.approx(converts(counts))
    if found.conversion > 0:
        assert found.effects == pytest.approx([lost(counts, i) for i in range(len(counts) - 1)], abs=1e-9)


@given(moves())
def test_joint_removal_effects_equal_walks_without_two_touchpoints(counts):
    found = joint_removal_effects(counts)
    places = range(len(counts) - 1)
    if converts(counts) > 0:
        expected = np.reshape([lost(counts, i, j) for i in places for j in places], found.shape)
        np.testing.assert_allclose(found, expected, atol=1e-9)


@given(moves())
def test_removal_effects_do_not_change_when_a_touchpoint_is_repeated_at_once(counts):
    repeated = counts.copy()
    np.fill_diagonal(repeated[1:], 7)
    np.testing.assert_allclose(removal_effects(repeated).effects, removal_effects(counts).effects, atol=1e-9)


@given(st.lists(moves(), min_size=1, max_size=3))
def test_removal_effects_of_several_chains_are_those_of_each(chains):
    chains = [counts for counts in chains if counts.shape == chains[0].shape]
    together = removal_effects(np.array(chains))
    np.testing.assert_allclose(together.effects, [removal_effects(counts).effects for counts in chains])
    np.testing.assert_allclose(together.conversion, [removal_effects(counts).conversion for counts in chains])


def test_removal_effects_are_unknown_where_nothing_converts():
    assert np.isnan(removal_effects([[2, 0, 1], [0, 0, 2]]).effects).all()
    assert np.isnan(removal_effects([[0, 0]]).conversion)


def test_removal_effects_of_touchpoints_nobody_meets_are_0():
    assert removal_effects([[2, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]]).effects.tolist() == [1, 0]


@pytest.mark.parametrize("counts", [[1, 2], [[1, 2], [3, 4]], np.zeros((2, 2, 2))])
def test_removal_effects_refuse_another_shape(counts):
    with pytest.raises(
        QuestionError, match=r"^moves has the shape .*; n touchpoints need n \+ 1 rows and n \+ 2 columns"
    ):
        removal_effects(counts)


def test_removal_effects_refuse_paths_that_never_end():
    with pytest.raises(QuestionError, match=r"^moves has touchpoints from which no path ends"):
        removal_effects([[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]])
