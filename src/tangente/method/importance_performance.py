"""Importance-performance analysis: what matters against how well it is done, in four quadrants."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from statistics import fmean, median
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from tangente.errors import QuestionError

Rule = Literal["means", "medians", "scale_middle"]
"""Where the crosshair stands: at the items' means, at their medians, in the middle of both scales."""

Quadrant = Literal["concentrate", "keep_up", "low_priority", "overkill"]
"""Important and weak; important and strong; unimportant and weak; unimportant and strong."""

Scale = tuple[float, float]
"""Lowest and highest point."""


@dataclass(frozen=True, kw_only=True)
class Crosshair:
    """Two lines that part the items; an item on a line counts as important, or as strong."""

    rule: Rule
    importance: float
    performance: float


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one item lies. All is None if its importance or its performance is missing."""

    quadrant: Quadrant | None = None
    gap: float | None = None  # importance less performance: says something only if both were asked on one scale
    quadrant_share: float | None = None  # of the resamples, those that put it into this quadrant


@dataclass(frozen=True, kw_only=True)
class ImportancePerformance:
    """The crosshair, None if no item has both values, and one placement per item."""

    crosshair: Crosshair | None
    placements: tuple[Placement, ...]


class _Item(NamedTuple):
    importance: float
    performance: float


def importance_performance(
    importance: Sequence[float | None],
    performance: Sequence[float | None],
    *,
    rule: Rule = "means",
    scales: tuple[Scale, Scale] | None = None,
    resampled_importance: ArrayLike = (),
    resampled_performance: ArrayLike = (),
) -> ImportancePerformance:
    """Place each item in one of the four quadrants, and say how sure its place is.

    Where the lines stand decides more than most readers expect, so the rule is part of the answer. Every resample
    draws its own crosshair by the same rule.

    Args:
        importance: of each item, stated or derived; None if unknown.
        performance: of each item; None if unknown.
        rule: where the crosshair stands.
        scales: of importance and of performance, for the rule "scale_middle" only.
        resampled_importance: one row a resample, one column an item, NaN if unknown; empty: no resamples.
        resampled_performance: the same for performance, from the same resamples.
    Returns: quadrants, gaps in the units given, shares of resamples from 0 to 1 (None without resamples).
    Raises: QuestionError if the numbers of items or resamples differ, or the rule is unknown or lacks its scales.
    Cost: resamples × items.  Source: docs/explanation/importance-performance.md

    >>> placed = importance_performance([0.5, 0.3, 0.2], [2.9, 4.1, 3.8])
    >>> [item.quadrant for item in placed.placements]
    ['concentrate', 'overkill', 'overkill']
    """
    if rule not in get_args(Rule) or (rule == "scale_middle") != (scales is not None):
        raise QuestionError(
            f"rule {rule!r} with scales {scales}; take means or medians without, scale_middle with scales"
        )
    resamples = np.asarray(resampled_importance, float), np.asarray(resampled_performance, float)
    if len(importance) != len(performance) or resamples[0].shape != resamples[1].shape:
        raise QuestionError("importance and performance differ in their number of items or resamples; give both alike")
    if resamples[0].size and resamples[0].shape[1:] != (len(importance),):
        raise QuestionError(
            f"resamples of shape {resamples[0].shape} do not fit {len(importance)} items; one column each"
        )
    items = _items(importance, performance)
    crosshair, quadrants = _place(items, rule, scales)
    resampled = [_place(_items(*rows), rule, scales)[1] for rows in zip(*resamples, strict=True)]
    return ImportancePerformance(
        crosshair=crosshair,
        placements=tuple(
            _placement(item, quadrant, [places[column] for places in resampled])
            for column, (item, quadrant) in enumerate(zip(items, quadrants, strict=True))
        ),
    )


def _items(importance: Sequence[float | None], performance: Sequence[float | None]) -> list[_Item | None]:
    return [
        None if i is None or p is None or isnan(i) or isnan(p) else _Item(float(i), float(p))
        for i, p in zip(importance, performance, strict=True)
    ]


def _place(
    items: Sequence[_Item | None], rule: Rule, scales: tuple[Scale, Scale] | None
) -> tuple[Crosshair | None, list[Quadrant | None]]:
    known = [item for item in items if item]
    if not known:
        return None, [None] * len(items)
    if scales:
        lines = [fmean(scale) for scale in scales]
    else:
        middle = _mean if rule == "means" else median
        lines = [middle([item.importance for item in known]), middle([item.performance for item in known])]
    crosshair = Crosshair(rule=rule, importance=lines[0], performance=lines[1])
    return crosshair, [_quadrant(item, crosshair) if item else None for item in items]


def _mean(values: list[float]) -> float:
    # Rounding may put the mean of equal values beside them, and all items on the wrong side of the line.
    return min(max(fmean(values), min(values)), max(values))


def _quadrant(item: _Item, crosshair: Crosshair) -> Quadrant:
    is_strong = item.performance >= crosshair.performance
    if item.importance >= crosshair.importance:
        return "keep_up" if is_strong else "concentrate"
    return "overkill" if is_strong else "low_priority"


def _placement(item: _Item | None, quadrant: Quadrant | None, resampled: Sequence[Quadrant | None]) -> Placement:
    if item is None:
        return Placement()
    placed = [place for place in resampled if place]
    return Placement(
        quadrant=quadrant,
        gap=item.importance - item.performance,
        quadrant_share=placed.count(quadrant) / len(placed) if placed and quadrant else None,
    )
