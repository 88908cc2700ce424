"""Cox regression: how much sooner an event comes to those with a property, all else alike, from sums over risk sets.

Whoever could have the event at a time is in its risk set. All that the partial likelihood needs of a risk set are sums over
its members, so rows in memory and a pass over a contact log serve the same estimator.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError

Numbers = NDArray[np.float64]

AT_RISK, LEAVING = range(2)

MOST_STEPS = 30
CLOSE = 1e-7  # a step that would raise the logarithm of the likelihood by less than half of this is the last
NOISE = 1e-6  # of that logarithm: a step that lowers it by more went too far
SINGULAR = 1e-7  # of the squares of covariates: less information in a direction says nothing about it


@dataclass(frozen=True)
class Fit:
    """Per covariate the logarithm of its hazard ratio and the standard error; both NaN where the data cannot tell: where
    the likelihood has no top but rises without end, or else where covariates cannot be told apart."""

    coefficients: Numbers
    errors: Numbers
    endless: NDArray[np.bool_]


@dataclass(frozen=True)
class _Likelihood:
    """Logarithm of Efron's partial likelihood, its slope and its information."""

    value: float
    gradient: Numbers
    information: Numbers


def fit(sums: Callable[[Numbers], Numbers], covariates: int, *, most: float = np.inf) -> Fit:
    """Fit Cox's proportional hazards by Newton's method, with Efron's treatment of ties.

    Args:
        sums: for given coefficients the sums over each risk set. Members weigh exp(covariates · coefficients);
            [AT_RISK, time] is the sum of weight × z × zᵀ over the risk set, with z the k covariates behind a 1;
            [LEAVING, time] the same over those of them who have the event. Of each square the lower triangle, row by row:
            2 × times × (1 + k)(2 + k)/2.
        covariates: k, how many.
        most: the largest coefficient looked for, of either sign; one beyond counts as not finite. A step changes none by
            more than a quarter of it, so that `sums` is asked for nothing absurd.
    Returns: coefficients and standard errors, both NaN for covariates that cannot be told from others or have no finite
        coefficient, and which these last are; all if the likelihood has no top within reach.
    Cost: about six calls of `sums`.  Source: docs/explanation/hazard.md; Cox 1972, Efron 1977

    >>> found = fit(risk_sets([5, 8, 9, 12], [1, 1, 0, 1], [[1.0], [0.0], [1.0], [0.0]]), 1)
    >>> found.coefficients.round(4).tolist(), found.errors.round(4).tolist()
    ([0.3466], [1.4355])
    """
    after = before = np.zeros(covariates)
    moments = sums(after)
    events = np.round(moments[LEAVING, :, 0]).astype(np.int64)
    totals = moments[LEAVING][:, _first(covariates)].sum(axis=0)
    best = reached = _likelihood(moments, events, totals, after)
    scale = _scale(moments[AT_RISK], events, covariates)
    del moments  # large
    _, alike = _inverse(best.information, scale, np.zeros(covariates, bool))
    for _ in range(MOST_STEPS):
        if not best.value - NOISE <= reached.value <= NOISE:  # not a number, or more than a likelihood can be
            after = (before + after) / 2
        else:
            before, best = after, reached
            held = (np.abs(before) >= most) & (before * best.gradient > 0)
            covariance, unknown = _inverse(best.information, scale, held)
            step = covariance @ best.gradient
            after = (before + step / max(1, 4 * np.abs(step).max() / most)).clip(-most, most)
            if step @ best.gradient < CLOSE:
                break
        reached = _likelihood(sums(after), events, totals, after)
    else:
        unknown = np.ones(covariates, bool)
    errors = np.sqrt(np.diag(covariance))
    return Fit(np.where(unknown, np.nan, after), np.where(unknown, np.nan, errors), unknown & ~alike)


@np.errstate(all="ignore")  # where weights are 0 or overflow the value is no number
def _likelihood(moments: Numbers, events: NDArray[np.int64], totals: Numbers, coefficients: Numbers) -> _Likelihood:
    """Of k events at one time the l-th sees the risk set without l/k of those who leave it (Efron)."""
    time = np.repeat(np.arange(len(events)), events)
    gone = (np.arange(len(time)) - (np.cumsum(events) - events)[time]) / events[time]
    rest = moments[AT_RISK, time, 0] - gone * moments[LEAVING, time, 0]
    all_, leaving = moments[:, :, _first(len(coefficients))]

    def of_times(shares: Numbers) -> Numbers:
        return np.bincount(time, shares, len(events)).astype(np.float64)

    once, less = of_times(1 / rest), of_times(gone / rest)
    squared = (all_.T * of_times(rest**-2)) @ all_ + (leaving.T * of_times((gone / rest) ** 2)) @ leaving
    mixed = (all_.T * of_times(gone / rest**2)) @ leaving
    products = _square(once @ moments[AT_RISK] - less @ moments[LEAVING], len(coefficients) + 1)
    return _Likelihood(
        float(coefficients @ totals - np.log(rest).sum()),
        totals - once @ all_ + less @ leaving,
        products[1:, 1:] - squared + mixed + mixed.T,
    )


def _diagonal(size: int) -> NDArray[np.int64]:
    """Where in the lower triangle of a square its diagonal is."""
    return np.cumsum(np.arange(1, size + 1)) - 1


def _first(covariates: int) -> NDArray[np.int64]:
    """Where in the lower triangle the first column is, that of the constant, without its own square."""
    return _diagonal(covariates) + 1


def _square(triangle: Numbers, size: int) -> Numbers:
    """The symmetric square of which this is the lower triangle."""
    square = np.zeros((size, size))
    square[np.tril_indices(size)] = triangle
    return square + np.tril(square, -1).T


def _scale(at_risk: Numbers, events: NDArray[np.int64], covariates: int) -> Numbers:
    """Of each covariate the root mean square over the risk sets, as large as it can be told apart; 1 for 0 throughout."""
    all_, *squares = at_risk[:, _diagonal(covariates + 1)][events > 0].T
    scale: Numbers = np.sqrt(squares / all_ @ events[events > 0])
    return np.where(scale > 0, scale, 1)


def _inverse(information: Numbers, scale: Numbers, held: NDArray[np.bool_]) -> tuple[Numbers, NDArray[np.bool_]]:
    """The covariance of the coefficients, 0 for those held where they are, and of which there is nothing to be known."""
    scaled = np.where(held | held[:, None], 0, information / np.outer(scale, scale))
    values, vectors = np.linalg.eigh(scaled)
    known = values > SINGULAR
    covariance = (vectors[:, known] / values[known]) @ vectors[:, known].T
    unknown = (vectors[:, ~known] ** 2).sum(axis=1) > SINGULAR
    return covariance / np.outer(scale, scale), unknown


def risk_sets(time: ArrayLike, event: ArrayLike, covariates: ArrayLike) -> Callable[[Numbers], Numbers]:
    """The sums that `fit` asks for, over rows in memory.

    Args:
        time: how long each row was followed.
        event: whether the event ended that, else the row is censored.
        covariates: rows × k numbers, known at the beginning.
    Returns: a function for `fit`.
    Raises: QuestionError if the lengths differ or no row has the event.
    Cost: times × rows × k² operations a call.  Source: docs/explanation/hazard.md

    >>> risk_sets([1, 2], [True, True], [[0.0], [0.0]])(np.zeros(1))[:, :, 0].tolist()  # 2 and 1 at risk, 1 leaves
    [[2.0, 1.0], [1.0, 1.0]]
    """
    followed, happened = np.asarray(time, np.float64), np.asarray(event, bool)
    rows = np.asarray(covariates, np.float64)
    if not len(followed) == len(happened) == len(rows) or not happened.any():
        raise QuestionError("time, event and covariates must be of equal length, with at least one event")
    times = np.unique(followed[happened])[:, None]
    members = np.stack([followed >= times, (followed == times) & happened])
    z = np.column_stack([np.ones(len(rows)), rows - rows.mean(axis=0)])
    triangle = np.tril_indices(z.shape[1])

    @np.errstate(all="ignore")
    def sums(coefficients: Numbers) -> Numbers:
        weighted = z * np.exp(z[:, 1:] @ coefficients)[:, None]
        return np.stack([[(weighted[here].T @ z[here])[triangle] for here in part] for part in members])

    return sums


def concordance(risk: ArrayLike, time: ArrayLike, event: ArrayLike) -> float:
    """Give the share of comparable pairs in which the row of higher risk has the event first (Harrell's C).

    A pair is comparable if one has the event while the other is still followed. Equal risks count half.

    Args:
        risk: the higher, the sooner the event is expected.
        time: how long each row was followed.
        event: whether the event ended that.
    Returns: 0 to 1, 0.5 for chance; NaN without comparable pairs.
    Cost: events × rows.  Source: docs/explanation/hazard.md; Harrell et al. 1982

    >>> concordance([3, 2, 1], [1, 2, 3], [True, True, False])
    1.0
    """
    scores, followed, happened = np.asarray(risk, np.float64), np.asarray(time), np.asarray(event, bool)
    pairs = won = 0.0
    for row in np.flatnonzero(happened):
        later = (followed > followed[row]) | ((followed == followed[row]) & ~happened)
        pairs += later.sum()
        won += (scores[row] > scores[later]).sum() + (scores[row] == scores[later]).sum() / 2
    return float(won / pairs) if pairs else float("nan")
