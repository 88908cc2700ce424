"""The true drivers: the correlations that answer sheets have in the long run, and the shares that follow from them."""

import math
from functools import cache
from itertools import combinations

import numpy as np

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.judgement import overall_leniency, overall_sd, overall_thresholds, weights
from tangente.contactlog.simulate.scores import LENIENCY_SHARE, Floats, Nodes, answering, nodes, thresholds


@cache
def correlations() -> Floats:
    """Of the given answers: company.DRIVERS in their order, then overall satisfaction."""
    satisfaction = {touchpoint.key: touchpoint.satisfaction for touchpoint in company.touchpoints()}
    limits = [thresholds(satisfaction[key] or 0) for key in company.DRIVERS]
    points = [nodes(limit) for limit in [*limits, overall_thresholds()]]
    opinions, leniency = _opinion_correlations(), _leniency_correlations()
    result = np.eye(len(points))
    for i, j in combinations(range(len(points)), 2):
        result[i, j] = result[j, i] = _correlation(points[i], points[j], opinions[i, j], leniency[[i, j]])
    return result


def lmg() -> Floats:
    """Each touchpoint's share of the explained variance, by the mean over all orders of entry; sums to 1."""
    r, count = correlations(), len(company.DRIVERS)
    explained = {0: 0.0}
    for members in range(1, 2**count):
        chosen = [i for i in range(count) if members >> i & 1]
        with_overall = r[chosen, -1]
        explained[members] = float(with_overall @ np.linalg.solve(r[np.ix_(chosen, chosen)], with_overall))
    shares = np.zeros(count)
    for members, before in explained.items():
        size = members.bit_count()
        for i in range(count):
            if not members >> i & 1:
                gain = explained[members | 1 << i] - before
                shares[i] += gain / (count * math.comb(count - 1, size))
    return shares / explained[2**count - 1]


def relative_weights() -> Floats:
    """The same by Johnson's orthogonal counterparts of the touchpoints; sums to 1."""
    r = correlations()
    values, vectors = np.linalg.eigh(r[:-1, :-1])
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    shares: Floats = root**2 @ np.linalg.solve(root, r[:-1, -1]) ** 2 / r2()
    return shares


def r2() -> float:
    r = correlations()
    return float(r[:-1, -1] @ np.linalg.solve(r[:-1, :-1], r[:-1, -1]))


def _opinion_correlations() -> Floats:
    items = np.full((len(weights()), len(weights())), LENIENCY_SHARE) + (1 - LENIENCY_SHARE) * np.eye(len(weights()))
    with_overall = items @ weights() / overall_sd()
    return np.block([[items, with_overall[:, None]], [with_overall, np.ones((1, 1))]])


def _leniency_correlations() -> Floats:
    return np.append(np.full(len(weights()), math.sqrt(LENIENCY_SHARE)), overall_leniency())


def _correlation(a: Nodes, b: Nodes, opinion: float, leniency: Floats) -> float:
    """Of two answers whose opinions correlate so much, among those who answer at all."""
    x, y = a.z[:, None], b.z[None, :]
    rest = 1 - opinion**2
    density = np.exp((2 * opinion * x * y - opinion**2 * (x**2 + y**2)) / (2 * rest)) / math.sqrt(rest)
    slopes = np.linalg.solve(np.array([[1, opinion], [opinion, 1]]), leniency)
    weight = a.weight[:, None] * b.weight * density
    weight *= answering(slopes[0] * x + slopes[1] * y, 1 - float(slopes @ leniency))
    weight /= weight.sum()
    left = a.score - weight.sum(axis=1) @ a.score
    right = b.score - weight.sum(axis=0) @ b.score
    covariance = left @ weight @ right
    return float(covariance / math.sqrt((weight.sum(axis=1) @ left**2) * (weight.sum(axis=0) @ right**2)))
