"""Absorbing chain: where paths go from each touchpoint, and what share of the conversions would be lost without it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tangente.errors import QuestionError

Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class RemovalEffects:
    """conversion: probability that a path converts, NaN without paths; effects: per touchpoint, NaN if none converts.

    Both have one more dimension in front if several chains were given.
    """

    conversion: Numbers
    effects: Numbers


@dataclass(frozen=True)
class _Solved:
    """What one inverse of I - Q tells. passages: mean visits to j from i; visits: from the start; success: P(conv | i)."""

    passages: Numbers
    visits: Numbers
    success: Numbers
    conversion: Numbers


def removal_effects(moves: ArrayLike) -> RemovalEffects:
    """Say for each touchpoint what share of the conversions would be lost if every path ended where it meets it.

    The chain is first order: where a path goes next depends on its touchpoint alone. The effect of touchpoint i is
    1 - P(conversion without i) / P(conversion) = P(a path meets i) · P(conversion from i) / P(conversion), exact, for
    all touchpoints from one inverse of I - Q.

    Args:
        moves: how often paths went from where to where, 0 or more. Rows: the start, then n touchpoints; columns: the n
            touchpoints, then conversion, then no conversion. Chains in front of each other as further dimensions.
    Returns: conversion and effects, 0 to 1; NaN as said there. Repeating a touchpoint at once changes neither.
    Raises: QuestionError if the shape does not fit, or if paths that meet some touchpoint never end.
    Cost: n³ operations a chain; 40 µs for 40 touchpoints.  Source: docs/explanation/attribution.md; Anderl et al. 2016

    >>> found = removal_effects([[4, 1, 0, 0], [0, 1, 2, 1], [0, 0, 2, 0]])  # G twice and M convert, so does G M, G not
    >>> round(float(found.conversion), 3), found.effects.round(3).tolist()
    (0.8, [0.75, 0.5])
    """
    solved = _solved(moves)
    met = solved.visits / np.diagonal(solved.passages, axis1=-2, axis2=-1)
    return RemovalEffects(solved.conversion, _share_of(met * solved.success, solved.conversion[..., None]))


def joint_removal_effects(moves: ArrayLike) -> Numbers:
    """Say for each two touchpoints what share of the conversions would be lost without both of them.

    Args:
        moves: of one chain, as for `removal_effects`.
    Returns: n × n, symmetric, 0 to 1; on the diagonal the effects of single touchpoints; NaN where nothing converts.
    Raises: QuestionError as `removal_effects`.
    Cost: one inverse, then n² operations.  Source: docs/explanation/attribution.md

    >>> joint_removal_effects([[4, 1, 0, 0], [0, 1, 2, 1], [0, 0, 2, 0]]).round(3).tolist()
    [[0.75, 1.0], [1.0, 0.5]]
    """
    solved = _solved(moves)
    own = np.diag(solved.passages)
    # Of two removed touchpoints the first met counts: visits @ inverse of their 2 × 2 passages, written out.
    first = (np.outer(solved.visits, own) - solved.visits * solved.passages.T) * solved.success[:, None]
    determinant = np.outer(own, own) - solved.passages * solved.passages.T
    np.fill_diagonal(determinant, 1)
    lost = (first + first.T) / determinant
    np.fill_diagonal(lost, solved.visits / own * solved.success)
    return _share_of(lost, solved.conversion)


def _solved(moves: ArrayLike) -> _Solved:
    counts = np.asarray(moves, np.float64)
    n = counts.shape[-1] - 2 if counts.ndim > 1 else 0
    if counts.shape[-2:] != (n + 1, n + 2):
        raise QuestionError(f"moves has the shape {counts.shape}; n touchpoints need n + 1 rows and n + 2 columns")
    totals = counts.sum(axis=-1, keepdims=True)
    shares = counts / np.where(totals == 0, 1, totals)
    onward, ends = shares[..., :n], shares[..., n:]
    try:
        passages = np.linalg.inv(np.eye(n) - onward[..., 1:, :])
    except np.linalg.LinAlgError:
        raise QuestionError("moves has touchpoints from which no path ends; count every path up to its end") from None
    visits = (onward[..., :1, :] @ passages)[..., 0, :]
    success = (passages @ ends[..., 1:, :1])[..., 0]
    conversion = (onward[..., 0, :] * success).sum(axis=-1) + ends[..., 0, 0]
    return _Solved(passages, visits, success, np.where(totals[..., 0, 0] == 0, np.nan, conversion))


def _share_of(parts: Numbers, wholes: Numbers) -> Numbers:
    """Parts divided by wholes; NaN where there is no whole."""
    there = np.broadcast_to(wholes != 0, parts.shape)
    shares: Numbers = np.divide(parts, wholes, out=np.full(parts.shape, np.nan), where=there)
    return shares
