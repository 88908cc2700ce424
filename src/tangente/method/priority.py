"""Priority: one score from several reasons to work on a touchpoint, and how far it depends on their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tangente.errors import QuestionError

DEFAULT_WEIGHTS = {
    "importance": 0.21,
    "gap": 0.21,
    "cost": 0.105,
    "repeats": 0.105,
    "volume": 0.07,
    "hazard": 0.12,
    "purchase": 0.06,
    "repurchase": 0.06,
    "recommendation": 0.06,
}
"""What customers say counts 42 %, whether they come, stay and bring others 30 %, what it takes 28 %.

Why so: docs/explanation/priority.md.
"""


Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Priority:
    """One item's place: rank from 1, score and components from 0 to 1, a missing component None.

    `top_share` is the share of random weightings that keep the item among the first `top`.
    """

    key: str
    rank: int
    score: float
    components: dict[str, float | None]
    top_share: float


@dataclass(frozen=True, kw_only=True)
class Priorities:
    """The ranking, first things first, and the weights behind it."""

    weights: dict[str, float]  # of the components that exist, together 1
    missing: tuple[str, ...]  # components with a weight that no item has
    ranking: tuple[Priority, ...]  # items without any component are not in it

    def of(self, key: str) -> Priority | None:
        """The priority of one item, None if it has no component."""
        return next((priority for priority in self.ranking if priority.key == key), None)


def share_of_largest(values: Sequence[float | None]) -> list[float | None]:
    """Bring one component to 0 to 1: each value as a share of the largest.

    Args:
        values: 0 or more, the more the stronger the reason to act; None if unknown.
    Returns: 0 to 1, None where unknown; all 0 if the largest is 0.
    Raises: QuestionError if a value is negative or not a number.
    Cost: linear.  Source: docs/explanation/priority.md

    >>> share_of_largest([4, None, 1, 0])
    [1.0, None, 0.25, 0.0]
    """
    known = [value for value in values if value is not None]
    strange = [value for value in known if not 0 <= value < float("inf")]
    if strange:
        raise QuestionError(f"a reason to act is {strange[0]}; it must be a number of 0 or more, None if unknown")
    largest = max(known, default=0)
    return [None if value is None else value / largest if largest else 0.0 for value in values]


def prioritise(
    components: Mapping[str, Sequence[float | None]],
    *,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    keys: Sequence[str],
    top: int = 5,
    draws: int = 1000,
    seed: int = 0,
) -> Priorities:
    """Rank items by the weighted mean of their components, and test the ranking against other weights.

    An item that lacks a component is judged by the ones it has, their weights scaled up to 1; so is every item if
    nobody has the component. Random weightings are uniform over all weightings of the components that exist, the same
    for all items.

    Args:
        components: by name, a value per item from 0 to 1 (`share_of_largest`), None if unknown.
        weights: of the components by name, 0 or more; one with weight 0 is not used.
        keys: names of the items, all different; ties in score go by name.
        top: `top_share` counts the first so many.
        draws: random weightings.
        seed: of the weightings.
    Returns: scores and shares from 0 to 1. Nothing is ranked if no component exists.
    Raises: QuestionError if a component has no weight or not one value per item, a value is outside 0 to 1, a weight
        is negative, a key comes twice, or `draws` is below 1.
    Cost: draws × items.  Source: docs/explanation/priority.md

    >>> found = prioritise({"importance": [1, 0.5], "cost": [0.2, None]}, keys=["hotline", "shop"], top=1)
    >>> [(item.key, round(item.score, 3), item.top_share) for item in found.ranking], len(found.missing)
    ([('hotline', 0.733, 0.62), ('shop', 0.5, 0.38)], 7)
    """
    _check(components, weights, keys, draws)
    used = [name for name, weight in weights.items() if weight > 0]
    existing = [name for name in used if any(value is not None for value in components.get(name, ()))]
    if not existing:
        return Priorities(weights={}, missing=tuple(used), ranking=())
    by_item = _known(components, keys, used)
    columns = sorted(existing)
    table = np.array([[values[name] for name in columns] for values in by_item.values()], float)
    scores = _scores(table, np.array([[weights[name] for name in columns]], float))[0]
    top_shares = _top_shares(table, top=top, draws=draws, seed=seed)
    found = zip(scores.tolist(), by_item.items(), top_shares.tolist(), strict=True)
    ranked = sorted(found, key=lambda item: -item[0])  # stable: equal scores stay in the order of their keys
    total = sum(weights[name] for name in existing)
    return Priorities(
        weights={name: weights[name] / total for name in existing},
        missing=tuple(name for name in used if name not in existing),
        ranking=tuple(
            Priority(key=key, rank=rank, score=score, components=values, top_share=share)
            for rank, (score, (key, values), share) in enumerate(ranked, start=1)
        ),
    )


def _known(
    components: Mapping[str, Sequence[float | None]], keys: Sequence[str], used: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    """Components of the items that have any, in the order of their keys, on which nothing may depend but ties."""
    by_item = {
        key: {name: components[name][item] if name in components else None for name in used}
        for item, key in sorted(enumerate(keys), key=lambda pair: pair[1])
    }
    return {key: values for key, values in by_item.items() if any(value is not None for value in values.values())}


def _top_shares(table: Matrix, *, top: int, draws: int, seed: int) -> Matrix:
    weightings = np.random.default_rng(seed).dirichlet(np.ones(table.shape[1]), size=draws)
    first = np.argsort(-_scores(table, weightings), axis=1, kind="stable")[:, :top]
    return np.bincount(first.ravel(), minlength=len(table)) / draws


def _scores(table: Matrix, weightings: Matrix) -> Matrix:
    """Weighted means, one row a weighting, one column an item, over the components the item has."""
    total = np.zeros((len(weightings), len(table)))
    weight = np.zeros_like(total)
    for values, weights in zip(table.T, weightings.T, strict=True):  # one by one: equal items get equal sums
        is_known = ~np.isnan(values)
        total += np.outer(weights, np.where(is_known, values, 0))
        weight += np.outer(weights, is_known)
    return total / weight


def _check(
    components: Mapping[str, Sequence[float | None]], weights: Mapping[str, float], keys: Sequence[str], draws: int
) -> None:
    if len(set(keys)) < len(keys):
        raise QuestionError(f"a key comes twice among {', '.join(keys)}; every item needs its own")
    if draws < 1:
        raise QuestionError(f"{draws} random weightings tell nothing; take 1 or more, 1000 as a rule")
    for name, weight in weights.items():
        if not 0 <= weight < float("inf"):
            raise QuestionError(f"the weight of {name} is {weight}; it must be a number of 0 or more")
    for name, values in components.items():
        if name not in weights:
            raise QuestionError(f"{name} has no weight; weights are given for {', '.join(weights)}")
        if len(values) != len(keys):
            raise QuestionError(
                f"{name} has {len(values)} values for {len(keys)} items; give one each, None if unknown"
            )
        if any(value is not None and not 0 <= value <= 1 for value in values):
            raise QuestionError(f"{name} has values outside 0 to 1; bring them there with share_of_largest")
