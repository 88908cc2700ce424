"""How customers judge: latent normal opinions, cut into answers; and how the answers differ from what all experienced.

An opinion z is standard normal. It is the sum of the customer's leniency u and of the occasion, and becomes the answer
1 + (number of thresholds below z). Less lenient customers are likelier to answer at all, so the mean of the answers is
lower than the mean of what all customers experienced. The thresholds are set so that the *answers* have the mean asked
for; everything else follows by numerical integration.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LENIENCY_SHARE = 0.25
"""Of the variance of an opinion: the customer's, not the occasion's."""
ANSWERING_SHARE = 0.62
"""Of all people: would answer if asked."""
GRUDGE = 0.55
"""How much likelier the less lenient are to answer: the slope of the probit of answering on -u."""
SPREAD = 1.28
"""Of the answers 1 to 5 before they are rounded and cut; it makes their SD about 1.1."""
LOW, HIGH = 1, 5

_FAR = 7.0
_GAUSS = np.polynomial.legendre.leggauss(16)
_normal = np.vectorize(lambda x: (1 + math.erf(x / math.sqrt(2))) / 2, otypes=[float])


def answers_at_all(rng: np.random.Generator, leniency: Floats) -> NDArray[np.bool_]:
    return rng.standard_normal(len(leniency)) < _cut() - GRUDGE * leniency


@cache
def _cut() -> float:
    """The probit's constant that makes ANSWERING_SHARE of all people answer."""
    low, high = -5.0, 5.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if _normal(middle / math.hypot(1, GRUDGE)) > ANSWERING_SHARE else (middle, high)
    return low


def answering(kindness: Floats, unknown: float) -> Floats:
    """How much likelier than all people those answer whose leniency is normal with this mean and variance."""
    share: Floats = _normal((_cut() - GRUDGE * kindness) / math.sqrt(1 + GRUDGE**2 * unknown))
    return share / ANSWERING_SHARE


@dataclass(frozen=True)
class Nodes:
    """Points of integration over an opinion: where, with what probability, and which answer is given there."""

    z: Floats
    weight: Floats
    score: Floats


def nodes(thresholds: Floats, low: float = LOW) -> Nodes:
    """Exact for what is smooth between the thresholds."""
    edges = np.concatenate([[-_FAR], np.clip(thresholds, -_FAR, _FAR), [_FAR]])
    half = np.diff(edges)[:, None] / 2
    z = (edges[:-1, None] + half + half * _GAUSS[0]).ravel()
    weight = (half * _GAUSS[1]).ravel() * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return Nodes(z, weight, low + np.repeat(np.arange(len(edges) - 1.0), len(_GAUSS[0])))


@dataclass(frozen=True)
class Answers:
    """A question's answers: their shares (from the lowest score), mean and SD."""

    low: float
    shares: tuple[float, ...]

    @property
    def scores(self) -> Floats:
        return self.low + np.arange(len(self.shares), dtype=np.float64)

    @property
    def mean(self) -> float:
        return float(self.scores @ self.shares)

    @property
    def sd(self) -> float:
        return math.sqrt(float((self.scores - self.mean) ** 2 @ self.shares))


def answered(thresholds: Floats, leniency: float = math.sqrt(LENIENCY_SHARE), low: float = LOW) -> Answers:
    """What those say who answer; `leniency` is its correlation with the opinion."""
    points = nodes(thresholds, low)
    return _answers(points, points.weight * answering(leniency * points.z, 1 - leniency**2), low)


def experienced(thresholds: Floats, low: float = LOW) -> Answers:
    """What all would say."""
    points = nodes(thresholds, low)
    return _answers(points, points.weight, low)


def _answers(points: Nodes, weight: Floats, low: float) -> Answers:
    shares = np.bincount((points.score - low).astype(int), weight)
    return Answers(low, tuple(shares / shares.sum()))


def rounded(centre: float, spread: float, low: float, high: float) -> Floats:
    """Thresholds of answers that are a rounded and cut normal variable."""
    return (np.arange(low, high) + 0.5 - centre) / spread


@cache
def _centre(mean: float, leniency: float) -> float:
    low, high = LOW - 4.0, HIGH + 4.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        too_high = answered(rounded(middle, SPREAD, LOW, HIGH), leniency).mean > mean
        low, high = (low, middle) if too_high else (middle, high)
    return low


def thresholds(mean: float, leniency: float = math.sqrt(LENIENCY_SHARE)) -> Floats:
    """Those that give the answers 1 to 5 this mean."""
    return rounded(_centre(mean, leniency), SPREAD, LOW, HIGH)


def cut(opinion: Floats, limits: Floats, low: float = LOW) -> Floats:
    """The answers; `limits` holds the thresholds of each opinion in its last axis."""
    above: Floats = (opinion[..., None] > limits).sum(axis=-1).astype(np.float64)
    return low + above
