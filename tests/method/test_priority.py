import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method.priority import DEFAULT_WEIGHTS, Priorities, prioritise, share_of_largest

COMPONENT = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0])
ITEMS = st.dictionaries(st.text(max_size=3), st.tuples(*[COMPONENT] * len(DEFAULT_WEIGHTS)), min_size=1, max_size=12)
EQUAL = {"importance": 1, "cost": 1}


def prioritised(items, **options):
    columns = zip(*items.values(), strict=True)
    return prioritise(dict(zip(DEFAULT_WEIGHTS, columns, strict=True)), keys=list(items), draws=20, **options)


def test_default_weights_add_up_to_1():
    assert sum(DEFAULT_WEIGHTS.values()) == pytest.approx(1)


@given(ITEMS)
def test_prioritise_scores_by_the_weights_of_the_components_an_item_has(items):
    found = prioritised(items)
    for item in found.ranking:
        known = {name: value for name, value in item.components.items() if value is not None}
        total = sum(DEFAULT_WEIGHTS[name] for name in known)
        expected = sum(DEFAULT_WEIGHTS[name] * value for name, value in known.items()) / total
        assert item.score == pytest.approx(expected)


@given(ITEMS)
def test_prioritise_ranks_every_item_with_a_component_by_score_then_key(items):
    found = prioritised(items)
    assert {item.key for item in found.ranking} == {key for key, values in items.items() if set(values) != {None}}
    assert list(found.ranking) == sorted(found.ranking, key=lambda item: (-item.score, item.key))
    assert [item.rank for item in found.ranking] == list(range(1, len(found.ranking) + 1))


@given(ITEMS, st.randoms())
def test_prioritise_does_not_depend_on_the_order_of_items(items, random):
    shuffled = dict(random.sample(sorted(items.items(), key=str), len(items)))
    assert prioritised(shuffled) == prioritised(items)


@given(ITEMS)
def test_prioritise_keeps_as_many_items_on_top_as_there_are_places(items):
    found = prioritised(items, top=3)
    assert sum(item.top_share for item in found.ranking) == pytest.approx(min(3, len(found.ranking)))


def test_prioritise_breaks_ties_by_key_in_every_weighting():
    keys = [f"t{number:02d}" for number in range(40)]
    found = prioritise({"importance": [0.5] * 40, "cost": [0.5] * 40}, weights=EQUAL, keys=keys)
    assert [item.top_share for item in found.ranking] == [1.0] * 5 + [0.0] * 35


def test_prioritise_scales_the_weights_up_where_nobody_has_a_component():
    weights = {"importance": 0.3, "gap": 0.3, "cost": 0.15, "repeats": 0.25}
    components = {"importance": [1, 0], "cost": [0, None], "gap": [None, None]}
    found = prioritise(components, weights=weights, keys=["a", "b"])
    assert found.weights == pytest.approx({"importance": 2 / 3, "cost": 1 / 3})
    assert found.missing == ("gap", "repeats")
    assert found.of("a").components == {"importance": 1, "gap": None, "cost": 0, "repeats": None}


def test_prioritise_ranks_nothing_without_any_component():
    found = prioritise({"cost": [None]}, weights=EQUAL, keys=["a"])
    assert found == Priorities(weights={}, missing=("importance", "cost"), ranking=())
    assert found.of("a") is None


def test_prioritise_does_not_use_a_component_of_weight_zero():
    found = prioritise({"importance": [0, 1], "cost": [1, 0]}, weights={"importance": 1, "cost": 0}, keys=["a", "b"])
    assert [(item.key, item.components) for item in found.ranking] == [
        ("b", {"importance": 1}),
        ("a", {"importance": 0}),
    ]


def test_prioritise_weighs_all_weightings_alike():
    # a is first where its weight w exceeds 0.25 · (1 - w), that is from 0.2 on: 80 % of all weightings
    found = prioritise({"importance": [1, 0], "cost": [0, 0.25]}, weights=EQUAL, keys=["a", "b"], top=1, draws=20_000)
    assert found.of("a").top_share == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 20_000))


@pytest.mark.parametrize(
    ("components", "options", "message"),
    [
        ({"cost": [1, 1]}, {"keys": ["a", "a"]}, "a key comes twice among a, a"),
        ({"cost": [1, 1]}, {"draws": 0}, "0 random weightings tell nothing"),
        ({"cost": [1, 1]}, {"weights": {"cost": -1}}, "the weight of cost is -1"),
        ({"beauty": [1, 1]}, {}, "beauty has no weight; weights are given for importance, gap, cost"),
        ({"cost": [1]}, {}, "cost has 1 values for 2 items"),
        ({"cost": [1, 1.5]}, {}, "cost has values outside 0 to 1"),
    ],
)
def test_prioritise_refuses_what_it_cannot_weigh(components, options, message):
    with pytest.raises(QuestionError, match=f"^{message}"):
        prioritise(components, **{"keys": ["a", "b"], **options})


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], []), ([None], [None]), ([0, None, 0.0], [0, None, 0]), ([4, 3, None], [1, 0.75, None])],
)
def test_share_of_largest_keeps_unknown_values_unknown(values, expected):
    assert share_of_largest(values) == expected


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_share_of_largest_refuses_what_is_no_reason(value):
    with pytest.raises(QuestionError, match=f"^a reason to act is {value}"):
        share_of_largest([1, value])
