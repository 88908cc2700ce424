"""Correlations of answer sheets with gaps: every pair of questions from the sheets that answer both.

Answers become whole numbers first. All sums are then exact in floating point, whatever the order of the rows, the
number of threads or the library that multiplies the matrices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError
from tangente.method.reporting import FEW
from tangente.method.resampling import MOST_REPEATS, Words, poisson_weights, sheet_keys

Matrix = NDArray[np.float64]

EIGENVALUE_FLOOR = 1e-8
"""Below this an eigenvalue counts as not positive."""

UNITS_PER_POINT = 1000
"""Scores and relative weights are taken to the thousandth."""

_MISSING = -(2**63)
_LARGEST_SCORE = 2**40
_PRODUCTS_AT_ONCE = 2**22  # 32 MB


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheets:
    """Answer sheets in whole numbers, one row a sheet, one column a question."""

    keys: Words
    weights: Matrix  # one a sheet
    steps: Matrix  # answers in steps above the lowest answer; 0 where missing
    present: Matrix  # 1 where answered, else 0
    lowest: Matrix  # of each question, in points
    step: Matrix  # of each question, in points

    def questions(self, columns: Sequence[int]) -> "Sheets":
        """The same sheets with these questions only; their keys stay."""
        chosen = list(columns)
        return Sheets(
            keys=self.keys,
            weights=self.weights,
            steps=self.steps[:, chosen],
            present=self.present[:, chosen],
            lowest=self.lowest[chosen],
            step=self.step[chosen],
        )

    def pairs(self) -> NDArray[np.int64]:
        """How many sheets answer both questions, for each pair; on the diagonal, how many answer the question."""
        return (self.present.T @ self.present).astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class PairSums:
    """Weighted sums over the sheets that answer both i and j: the sheets as they are first, then every resample."""

    weights: Matrix  # Σ w
    totals: Matrix  # Σ w·x_i
    squares: Matrix  # Σ w·x_i²
    products: Matrix  # Σ w·x_i·x_j

    def correlations(self) -> Matrix:
        """Pearson's r of every pair; 0 where a question does not vary, as nothing varies together with it."""
        covariances = self.weights * self.products - self.totals * self.totals.mT
        variances = np.maximum(self.weights * self.squares - self.totals**2, 0)
        scale = np.sqrt(variances) * np.sqrt(variances.mT)
        r: Matrix = np.divide(covariances, scale, out=np.zeros_like(scale), where=scale > 0).clip(-1, 1)
        diagonal = np.arange(r.shape[-1])
        r[..., diagonal, diagonal] = 1
        return r

    def means(self) -> Matrix:
        """Mean steps of every question, one row a resample; NaN where a resample holds no answer."""
        totals, weights = (np.diagonal(sums, axis1=-2, axis2=-1) for sums in (self.totals, self.weights))
        means: Matrix = np.divide(totals, weights, out=np.full(totals.shape, np.nan), where=weights > 0)
        return means


@dataclass(frozen=True, kw_only=True, eq=False)
class Correlation:
    """Pairwise-complete correlation matrix, the sheets behind each pair, and how many eigenvalues were lifted."""

    matrix: Matrix
    n: NDArray[np.int64]
    lifted: int


def pairwise_correlation(scores: ArrayLike, *, weights: ArrayLike | None = None) -> Correlation:
    """Correlate every pair of questions over the sheets that answer both.

    Args:
        scores: one row a sheet, one column a question, in scale points to the thousandth; NaN where not answered.
        weights: survey weights of the sheets, 0 or more; None: all alike. A sheet of weight 0 does not count.
    Returns: matrix (r from -1 to 1; 0 with a question that does not vary), made positive definite if it was not; n:
        sheets behind each pair; lifted: eigenvalues that were lifted for it.
    Raises: QuestionError if a score is infinite, or a weight is negative or missing.
    Cost: sheets × questions².  Source: docs/explanation/key-drivers.md

    >>> answers = pairwise_correlation([[1, 2], [2, 4], [3, 5], [4, float("nan")]])
    >>> answers.matrix.round(4).tolist(), answers.n.tolist()
    ([[1.0, 0.982], [0.982, 1.0]], [[4, 3], [3, 3]])
    """
    sheets = whole_sheets(scores, weights=weights)
    matrices, lifted = positive_definite(pair_sums(sheets, resamples=0, seed=0).correlations())
    return Correlation(matrix=matrices[0], n=sheets.pairs(), lifted=int(lifted[0]))


def whole_sheets(scores: ArrayLike, *, weights: ArrayLike | None = None) -> Sheets:
    """Turn answer sheets into whole numbers: answers in steps of their scale, weights relative to their mean.

    Scores are rounded to the thousandth, weights to a thousandth of their mean. A question with more steps than exact
    sums allow (100,000 for 50,000 sheets without weights) is taken in coarser steps.

    Args:
        scores: one row a sheet, one column a question; NaN where not answered.
        weights: survey weights, 0 or more; None: all alike. A sheet of weight 0 is left out.
    Returns: the sheets, in the order given.
    Raises: QuestionError if a score is infinite, or a weight is negative or missing.
    Cost: linear, and one sort.  Source: docs/explanation/key-drivers.md

    >>> sheets = whole_sheets([[1.5, 7], [3.0, float("nan")]])
    >>> sheets.steps.tolist(), sheets.present.tolist(), sheets.lowest.tolist()
    ([[0.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]], [1.5, 7.0])
    """
    points = np.array(scores, float, ndmin=2)
    if (np.abs(points) > _LARGEST_SCORE).any():
        raise QuestionError(
            f"a score is {np.nanmax(np.abs(points)):g}; it must be a number below 2**40, NaN if missing"
        )
    counts = _whole_weights(weights, len(points))
    points, counts = points[counts > 0], counts[counts > 0]
    present = ~np.isnan(points)
    thousandths = np.where(present, np.rint(points * UNITS_PER_POINT), _MISSING).astype(np.int64)
    most_steps = isqrt(2**53 // (MOST_REPEATS * max(1, int(counts.sum()))))
    lowest, step = _scales(thousandths, present, most_steps)
    return Sheets(
        keys=sheet_keys(np.column_stack([thousandths, counts])),
        weights=counts.astype(float),
        steps=np.where(present, (np.where(present, thousandths, lowest) - lowest + step // 2) // step, 0).astype(float),
        present=present.astype(float),
        lowest=lowest / UNITS_PER_POINT,
        step=step / UNITS_PER_POINT,
    )


def pair_sums(sheets: Sheets, *, resamples: int, seed: int) -> PairSums:
    """Add up every pair of questions, over the sheets as they are and over every Poisson resample of them.

    Args:
        sheets: from `whole_sheets`.
        resamples: how many, 0 or more.
        seed: of the resamples.
    Returns: matrices of shape (1 + resamples, questions, questions), exact whole numbers.
    Raises: QuestionError if `seed` or `resamples` is out of range.
    Cost: sheets × resamples × questions²: 3 s for 50,000 sheets, 200 resamples and 40 questions on two cores.
    Source: docs/explanation/key-drivers.md

    >>> sums = pair_sums(whole_sheets([[1, 2], [2, 4], [3, 5]]), resamples=0, seed=0)
    >>> sums.products[0].tolist()
    [[5.0, 8.0], [8.0, 13.0]]
    """
    n, questions = sheets.steps.shape
    sums = np.zeros((1 + resamples, 4 * questions**2))
    rows_at_once = max(1, _PRODUCTS_AT_ONCE // (4 * questions**2))
    products = np.empty((rows_at_once, 4, questions, questions))
    for start in range(0, n, rows_at_once):
        rows = slice(start, start + rows_at_once)
        steps, present = sheets.steps[rows], sheets.present[rows]
        block = products[: len(steps)]
        for kind, (of_i, of_j) in enumerate(
            [(present, present), (steps, present), (steps**2, present), (steps, steps)]
        ):
            np.multiply(of_i[:, :, None], of_j[:, None, :], out=block[:, kind])
        repeats = poisson_weights(sheets.keys[rows], resamples=resamples, seed=seed)
        weights = np.vstack([np.ones(len(steps)), repeats]) * sheets.weights[rows]
        sums += weights @ block.reshape(len(steps), -1)
    weights, totals, squares, cross = np.moveaxis(sums.reshape(-1, 4, questions, questions), 1, 0)
    return PairSums(weights=weights, totals=totals, squares=squares, products=cross)


def short_of_pairs(n: NDArray[np.int64], *, names: Sequence[str], least: int = FEW) -> list[str]:
    """Name the items to leave out so that every pair that is left rests on at least `least` sheets.

    First goes every item with too few sheets of its own, or together with the overall judgement. Then, while a pair is
    short, goes the item with most short pairs; of several, the one with fewest answers; of several, the first by name.

    Args:
        n: sheets behind each pair of items, the overall judgement last (never left out).
        names: of the items, all different.
        least: sheets a pair needs.
    Returns: names, in the order they were left out.
    Cost: items³.  Source: docs/explanation/key-drivers.md

    >>> n = np.array([[90, 12, 40, 90], [12, 60, 20, 60], [40, 20, 50, 50], [90, 60, 50, 100]])
    >>> short_of_pairs(n, names=["hotline", "kiosk", "shop"])
    ['kiosk']
    """
    left_out = sorted(name for i, name in enumerate(names) if min(n[i, i], n[i, -1]) < least)
    kept = [i for i, name in enumerate(names) if name not in left_out]
    while kept:
        short = (n[np.ix_(kept, kept)] < least).sum(axis=1).tolist()
        if not any(short):
            break
        *_, worst = min(
            (-pairs, n[i, i], names[i], place) for place, (i, pairs) in enumerate(zip(kept, short, strict=True))
        )
        left_out.append(names[kept.pop(worst)])
    return left_out


def positive_definite(matrices: Matrix) -> tuple[Matrix, NDArray[np.int64]]:
    """Lift the smallest eigenvalues of correlation matrices that are not positive definite.

    Correlations from different sheets may contradict each other; the matrix then has negative eigenvalues, and shares
    of variance would be nonsense. The most negative one shows how large the contradiction is: every eigenvalue below
    its size is lifted to that size (to EIGENVALUE_FLOOR at least), and the diagonal is scaled back to 1.

    Args:
        matrices: symmetric, ones on the diagonal, any number of them in the leading axis.
    Returns: the matrices, those that were positive definite untouched to the last digit; eigenvalues lifted in each.
    Cost: questions³ each.  Source: docs/explanation/key-drivers.md

    >>> contradiction = np.array([[[1, 0.9, 0.9], [0.9, 1, 0.1], [0.9, 0.1, 1]]])
    >>> lifted, count = positive_definite(contradiction)
    >>> count.tolist(), lifted.round(3).tolist()
    ([1], [[[1.0, 0.635, 0.635], [0.635, 1.0, 0.187], [0.635, 0.187, 1.0]]])
    """
    smallest = np.linalg.eigvalsh(matrices)[:, :1]
    is_broken = smallest[:, 0] < EIGENVALUE_FLOOR
    values, vectors = np.linalg.eigh(matrices[is_broken])
    floor = np.maximum(EIGENVALUE_FLOOR, -smallest[is_broken])
    lifted = (vectors * np.maximum(values, floor)[:, None, :]) @ vectors.mT
    scale = np.sqrt(np.diagonal(lifted, axis1=1, axis2=2))
    repaired = matrices.astype(float)
    repaired[is_broken] = lifted / (scale[:, :, None] * scale[:, None, :])
    counts = np.zeros(len(matrices), np.int64)
    counts[is_broken] = (values < floor).sum(axis=1)
    return repaired, counts


def _whole_weights(weights: ArrayLike | None, n: int) -> NDArray[np.int64]:
    if weights is None:
        return np.ones(n, np.int64)
    shares: Matrix = np.asarray(weights, float)
    if len(shares) != n or not (np.isfinite(shares).all() and (shares >= 0).all()):
        raise QuestionError(f"{len(shares)} survey weights for {n} sheets; every sheet needs one, 0 or more")
    mean = fsum(shares) / max(1, int(np.count_nonzero(shares)))
    relative = shares / mean if mean > 0 else shares
    return np.where(shares > 0, np.maximum(1, np.rint(relative * UNITS_PER_POINT)), 0).astype(np.int64)


def _scales(
    thousandths: NDArray[np.int64], present: NDArray[np.bool_], most_steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    lowest, step = np.zeros(present.shape[1], np.int64), np.ones(present.shape[1], np.int64)
    for question in np.flatnonzero(present.any(axis=0)):
        answers = np.unique(thousandths[present[:, question], question])
        lowest[question] = answers[0]
        common = max(1, int(np.gcd.reduce(answers - answers[0])))
        steps = int(answers[-1] - answers[0]) // common
        step[question] = common * max(1, -(-steps // most_steps))
    return lowest, step
