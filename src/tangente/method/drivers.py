"""Key drivers: how much each touchpoint contributes to explaining the overall judgement.

Shares of R² come from correlations alone: LMG (the Shapley value of R²) exactly up to 15 items, Johnson's relative
weights beyond. They describe association, not cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError
from tangente.method.correlation import Matrix, Sheets, pair_sums, positive_definite, short_of_pairs, whole_sheets
from tangente.method.quantiles import f_probability
from tangente.method.reporting import CONFIDENCE, FEW

LMG_MOST_ITEMS = 15
"""Up to here LMG is exact and quick: it looks at all 2¹⁵ subsets of the items."""

_MATRICES_AT_ONCE = 16  # keeps the 2¹⁵ subsets of so many resamples within 30 MB


@dataclass(frozen=True, kw_only=True)
class Driver:
    """One item: its share of what all items explain (0 to 1, together 1), its contribution to R², its answers."""

    item: str
    share: float
    low: float | None
    high: float | None
    contribution: float
    n: int


def _nothing() -> Matrix:
    return np.empty((0, 0))


@dataclass(frozen=True, kw_only=True)
class KeyDrivers:
    """The drivers in the order of their names, and what they rest on.

    Without drivers `unsaid` tells why: "fewer_than_two_items" are left, the overall judgement is
    "overall_without_variation", or the items explain "nothing".
    """

    method: str  # lmg, relative_weights
    r2: float | None = None
    drivers: tuple[Driver, ...] = ()
    unsaid: str | None = None
    too_few: tuple[str, ...] = ()  # left out: a pair with fewer than 30 sheets
    without_variation: tuple[str, ...] = ()  # left out: nothing varies on the sheets that judge both item and whole
    sheets: int = 0  # with at least two answers among the drivers and the overall judgement
    pairs_low: int | None = None  # fewest and most sheets behind one correlation
    pairs_high: int | None = None
    lifted: int = 0  # eigenvalues lifted in the correlation matrix
    resamples: int = 0  # behind the intervals
    pairs: NDArray[np.generic] = field(
        default_factory=_nothing, repr=False, compare=False
    )  # sheets of each pair, overall last
    resampled_shares: Matrix = field(default_factory=_nothing, repr=False, compare=False)  # resamples × drivers
    resampled_means: Matrix = field(default_factory=_nothing, repr=False, compare=False)  # the same, in scale points


def key_drivers(
    items: ArrayLike,
    overall: ArrayLike,
    *,
    names: Sequence[str],
    resamples: int = 200,
    seed: int = 0,
    weights: ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> KeyDrivers:
    """Share the explained variance of the overall judgement out among the items that were judged singly.

    Every correlation comes from the sheets that answer both questions; nobody is dropped for not having used a
    touchpoint. Items with a pair of fewer than 30 sheets are left out and named.

    Args:
        items: one row an answer sheet, one column an item, in scale points to the thousandth; NaN where not answered.
        overall: the judgement of the whole on the same sheets; NaN where not answered.
        names: of the items, all different.
        resamples: Poisson resamples of the sheets behind the intervals, 200 or more; 0: no intervals.
        seed: of the resamples.
        weights: survey weights of the sheets, 0 or more; None: all alike.
        confidence: probability between the ends of an interval (percentiles of the resamples).
    Returns: shares from 0 to 1; low and high are None without resamples. Equal for every order of sheets and items.
    Raises: QuestionError if the shapes do not fit, a name comes twice, a score is infinite, or a weight is negative.
    Cost: 4 s for 50,000 sheets, 40 items and 200 resamples on two cores.  Source: docs/explanation/key-drivers.md

    >>> sheets = np.repeat([[5, 4, 5], [2, 2, 1], [4, 2, 3], [3, 5, 4], [1, 3, 2]], 10, axis=0)
    >>> found = key_drivers(sheets[:, :2], sheets[:, 2], names=["hotline", "shop"], resamples=0)
    >>> [(driver.item, round(driver.share, 4)) for driver in found.drivers], round(found.r2, 4)
    ([('hotline', 0.5587), ('shop', 0.4413)], 0.9425)
    """
    names, answers = _by_name(names, items, overall)
    everything = whole_sheets(answers, weights=weights)
    kept, too_few, constant = _items_to_judge(everything, names)
    if len(kept) < 2:
        unsaid = "fewer_than_two_items" if _varies(everything)[-1] else "overall_without_variation"
        return KeyDrivers(method="lmg", unsaid=unsaid, too_few=too_few, without_variation=constant)
    found = _explain(
        everything.questions([*kept, -1]),
        [names[i] for i in kept],
        resamples=resamples,
        seed=seed,
        confidence=confidence,
    )
    return replace(found, too_few=too_few, without_variation=constant)


def chance_of(r2: float, *, items: int, n: int) -> float:
    """Say how likely unrelated answers would explain as much: the F test of all items together.

    Args:
        r2: explained share of the variance, 0 to 1.
        items: how many explain it.
        n: sheets behind it; where pairs have different numbers, their median with the overall judgement.
    Returns: probability, 0 to 1; 1 if there are too few sheets to tell.
    Cost: constant.  Source: docs/explanation/key-drivers.md

    >>> round(chance_of(0.05, items=4, n=100), 2), round(chance_of(0.6, items=4, n=100), 2)
    (0.3, 0.0)
    """
    freedom = n - items - 1
    if freedom < 1 or items < 1:
        return 1.0
    return f_probability(r2 / items / ((1 - r2) / freedom), items, freedom) if r2 < 1 else 0.0


def lmg(matrices: Matrix) -> Matrix:
    """Give each item's LMG contribution to R²: its gain in R² averaged over all orders of entering (Shapley value).

    The residual variance of the overall judgement is needed for each subset of the items. Item after item, every
    matrix becomes two: the item left out (its row and column dropped) and the item in (its row and column eliminated,
    a Schur complement). After the last item the one number left in each is the residual variance of its subset.

    Args:
        matrices: correlation matrices, positive definite, overall judgement last; any number of them in front.
    Returns: one row a matrix, one column an item: contributions from 0, adding up to R².
    Cost: 2^items: 1 s for 15 items and 200 matrices.
    Source: docs/explanation/key-drivers.md; Lindeman, Merenda, Gold 1980; Grömping 2006

    >>> matrix = np.array([[[1, 0.5, 0.6], [0.5, 1, 0.4], [0.6, 0.4, 1]]])
    >>> lmg(matrix).round(4).tolist()
    [[0.2867, 0.0867]]
    """
    blocks = [matrices[start : start + _MATRICES_AT_ONCE] for start in range(0, len(matrices), _MATRICES_AT_ONCE)]
    explained = 1 - np.concatenate([_residual_variances(block) for block in blocks])
    # Not a matrix product: that would add up in another order with another number of threads.
    contributions: Matrix = np.einsum("ms,si->mi", explained, _shapley_weights(matrices.shape[-1] - 1))
    return np.maximum(contributions, 0)


def relative_weights(matrices: Matrix) -> Matrix:
    """Give each item's contribution to R² by Johnson's relative weights, for any number of items.

    The items are replaced by the orthogonal variables closest to them, which explain the overall judgement without
    overlap; what these explain is handed back to the items by their squared correlations: with R = VΛV', L = VΛ^½V'
    and β = L⁻¹r, item j gets Σ_k L_jk²·β_k².

    Args:
        matrices: correlation matrices, positive definite, overall judgement last; any number of them in front.
    Returns: one row a matrix, one column an item: contributions from 0, adding up to R².
    Cost: items³ a matrix.  Source: docs/explanation/key-drivers.md; Johnson 2000

    >>> matrix = np.array([[[1, 0.5, 0.6], [0.5, 1, 0.4], [0.6, 0.4, 1]]])
    >>> relative_weights(matrix).round(4).tolist()
    [[0.2867, 0.0867]]
    """
    values, vectors = np.linalg.eigh(matrices[..., :-1, :-1])
    roots = np.sqrt(values)[..., None, :]
    loadings = (vectors * roots) @ vectors.mT
    coefficients = (vectors / roots) @ vectors.mT @ matrices[..., :-1, -1:]
    contributions: Matrix = (loadings**2 @ coefficients**2)[..., 0]
    return contributions


def _by_name(names: Sequence[str], items: ArrayLike, overall: ArrayLike) -> tuple[list[str], Matrix]:
    """Names and columns in the order of the names, so that resamples do not depend on the order they came in."""
    scores, whole = np.asarray(items, float), np.asarray(overall, float)
    if scores.shape != (len(whole), len(names)):
        raise QuestionError(f"{scores.shape} scores do not fit {len(whole)} overall judgements and {len(names)} names")
    if len(set(names)) < len(names):
        raise QuestionError(f"a name comes twice among {', '.join(names)}; every item needs its own")
    order = sorted(range(len(names)), key=lambda item: names[item])
    return [names[item] for item in order], np.column_stack([scores[:, order], whole])


def _varies(sheets: Sheets) -> NDArray[np.bool_]:
    """For each question, whether it and the overall judgement both vary on the sheets that answer both."""
    both = (sheets.present * sheets.present[:, -1:]) > 0
    varies = np.ones(both.shape[1], bool)
    for steps in (sheets.steps, sheets.steps[:, -1:]):
        highest = np.where(both, steps, -np.inf).max(axis=0, initial=-np.inf)
        varies &= highest > np.where(both, steps, np.inf).min(axis=0, initial=np.inf)
    return varies


def _items_to_judge(sheets: Sheets, names: Sequence[str]) -> tuple[list[int], tuple[str, ...], tuple[str, ...]]:
    """Places of the items that can be judged; names of those with too few sheets, and of those without variation."""
    pairs, varies = sheets.pairs(), _varies(sheets)
    constant = [item for item in range(len(names)) if pairs[item, -1] >= FEW and not varies[item]]
    tried = [item for item in range(len(names)) if item not in constant]
    too_few = short_of_pairs(pairs[np.ix_([*tried, -1], [*tried, -1])], names=[names[item] for item in tried])
    kept = [item for item in tried if names[item] not in too_few]
    return kept, tuple(too_few), tuple(names[item] for item in constant)


def _explain(sheets: Sheets, names: Sequence[str], *, resamples: int, seed: int, confidence: float) -> KeyDrivers:
    sums = pair_sums(sheets, resamples=resamples, seed=seed)
    matrices, lifted = positive_definite(sums.correlations())
    method = "lmg" if len(names) <= LMG_MOST_ITEMS else "relative_weights"
    contributions = lmg(matrices) if method == "lmg" else relative_weights(matrices)
    r2 = contributions.sum(axis=1)
    usable = (r2 > 0) & (np.arange(len(r2)) > 0)  # a resample in which nothing is explained has no shares
    shares = contributions[usable] / r2[usable, None]
    pairs = sheets.pairs()
    behind = pairs[np.triu_indices(len(pairs), k=1)]
    return KeyDrivers(
        method=method,
        r2=float(r2[0]),
        drivers=_drivers(names, contributions[0], shares, np.diagonal(pairs), confidence) if r2[0] > 0 else (),
        unsaid=None if r2[0] > 0 else "nothing",
        sheets=int((sheets.present.sum(axis=1) >= 2).sum()),
        pairs_low=int(behind.min()),
        pairs_high=int(behind.max()),
        lifted=int(lifted[0]),
        resamples=len(shares),
        pairs=pairs,
        resampled_shares=shares,
        resampled_means=(sheets.lowest + sheets.step * sums.means())[usable, :-1],
    )


def _drivers(
    names: Sequence[str], contributions: Matrix, shares: Matrix, n: NDArray[np.int64], confidence: float
) -> tuple[Driver, ...]:
    own = contributions / contributions.sum()
    lows, highs = [None] * len(names), [None] * len(names)
    if len(shares):
        # Resamples of weak drivers explain too much, so a share can lie outside all of theirs: it widens its interval.
        low, high = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
        lows, highs = np.minimum(low, own).tolist(), np.maximum(high, own).tolist()
    return tuple(
        Driver(item=name, share=share, low=low, high=high, contribution=contribution, n=answers)
        for name, share, low, high, contribution, answers in zip(
            names,
            own.tolist(),
            lows,
            highs,
            contributions.tolist(),
            n.tolist(),
            strict=False,
        )
    )


def _residual_variances(matrices: Matrix) -> Matrix:
    """Residual variance of the last variable for each subset of the others; subset s holds item i if bit i of s is set."""
    level = matrices.transpose(1, 2, 0)[None]  # matrices last: what lies side by side is reckoned with at once
    while level.shape[1] > 1:
        without = level[:, 1:, 1:]
        column = level[:, 1:, :1]
        level = np.concatenate([without, without - column * (column.swapaxes(1, 2) / level[:, :1, :1])])
    return level[:, 0, 0].T


def _shapley_weights(items: int) -> Matrix:
    """How each subset's R² enters each item's contribution: subsets × items."""
    subsets = np.arange(2**items)[:, None]
    holds = (subsets >> np.arange(items)) & 1
    size = holds.sum(axis=1, keepdims=True)
    orders = np.array([factorial(k) * factorial(items - k - 1) / factorial(items) for k in range(items)])
    weights: Matrix = np.where(holds == 1, orders[size - 1], -orders[np.minimum(size, items - 1)])
    return weights
