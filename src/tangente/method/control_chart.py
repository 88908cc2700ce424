"""Control charts: which ups and downs of a series chance explains, and which points are signals."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, inf, isfinite, sqrt
from statistics import mean

from tangente.errors import QuestionError

LEAST, ENOUGH = 6, 12
"""Points that limits rest on at least; below the second number limits are provisional."""

RUN = 8
WINDOW, NEAR = 4, 3

INDIVIDUALS, MOVING_RANGES = 2.66, 3.267
"""Limits in mean moving ranges, as the field rounds them."""

SPREADS = {
    2: (1.128, 0.853),
    3: (1.693, 0.888),
    4: (2.059, 0.880),
    5: (2.326, 0.864),
    6: (2.534, 0.848),
    7: (2.704, 0.833),
    8: (2.847, 0.820),
    9: (2.970, 0.808),
    10: (3.078, 0.797),
}
"""Mean and standard deviation of the range of so many normal values, in their standard deviations (d2 and d3)."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A point that chance hardly explains, by its place from 0.

    rule: outside (beyond a limit), run (8 in a row on one side of the centre) or near_limit (3 of 4 on one side, nearer
    the limit than the centre); side: high or low.
    """

    place: int
    rule: str
    side: str


@dataclass(frozen=True, kw_only=True)
class ControlChart:
    """The series as it is drawn, its centre and limits, and its signals by place.

    n: points that centre and limits rest on; below 12 they are provisional, below 6 there are none and all is None.
    """

    n: int
    provisional: bool
    values: list[float]
    centre: float | None
    lower: list[float] | None
    upper: list[float] | None
    signals: list[Signal]


def individuals_chart(values: Sequence[float], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart one value a period, as contacts, minutes or a rating (X of XmR): centre ± 2.66 mean moving ranges.

    Args:
        values: the series in order of time, any unit.
        baseline: places of the points that centre and limits rest on, from 0; None: all.
    Returns: centre and limits in the unit of the values, the same for each point.
    Raises: QuestionError if a place of `baseline` is not in the series.
    Cost: one look at each point.  Source: docs/explanation/control-charts.md

    >>> chart = individuals_chart([310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299])
    >>> round(chart.centre, 1), round(chart.lower[0], 1), round(chart.upper[0], 1), chart.signals
    (300.1, 279.0, 321.1, [])
    """
    places = _places(values, baseline)
    resting = [values[place] for place in places]
    spread = INDIVIDUALS * _mean([abs(later - earlier) for earlier, later in pairwise(resting)])
    return _chart(values, len(places), _mean(resting), [spread] * len(values))


def moving_range_chart(values: Sequence[float], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart how far each value lies from the one before (mR of XmR): up to 3.267 mean moving ranges.

    Args:
        values: the series in order of time, any unit.
        baseline: places of the moving ranges that the limit rests on, from 0, the range of the first two values; None: all.
    Returns: one point less than values; signals only outside, for neighbouring ranges share a value.
    Raises: QuestionError if a place of `baseline` is not in the series of ranges.
    Cost: one look at each point.  Source: docs/explanation/control-charts.md

    >>> chart = moving_range_chart([310, 288, 297, 298, 307, 303, 294, 297, 308, 306, 294, 299])
    >>> round(chart.centre, 2), round(chart.upper[0], 2)
    (7.91, 25.84)
    """
    ranges = [abs(later - earlier) for earlier, later in pairwise(values)]
    return _range_chart(ranges, baseline, MOVING_RANGES - 1)


def count_chart(counts: Sequence[int], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart rare, independent events in periods of one size (c chart): centre ± 3 roots of it, never below 0.

    Args:
        counts: events in each period, 0 or more; a period without events is 0, not missing.
        baseline: places of the points that centre and limits rest on, from 0; None: all.
    Returns: centre and limits in events.
    Raises: QuestionError if a count is negative or a place of `baseline` is not in the series.
    Cost: one look at each point.  Source: docs/explanation/control-charts.md

    >>> chart = count_chart([16, 14, 19, 16, 12, 20, 15, 28, 10, 14, 15, 13])
    >>> chart.centre, chart.lower[0], [signal.place for signal in chart.signals]
    (16.0, 4.0, [])
    """
    return rate_chart(counts, [1] * len(counts), baseline=baseline)


def rate_chart(counts: Sequence[int], sizes: Sequence[float], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart events per unit where periods differ in size, as complaints per 1,000 customers (u chart).

    Args:
        counts: events in each period, 0 or more.
        sizes: units in each period, more than 0.
        baseline: places of the points that centre and limits rest on, from 0; None: all.
    Returns: values, centre and limits in events per unit; limits are wider where a period is smaller, never below 0.
    Raises: QuestionError if a count is negative, a size not positive or a place of `baseline` not in the series.
    Cost: one look at each point.  Source: docs/explanation/control-charts.md

    >>> chart = rate_chart([10, 12, 8, 14, 10, 16], [5, 5, 5, 5, 5, 10])
    >>> chart.centre, round(chart.upper[0], 2), round(chart.upper[5], 2)
    (2.0, 3.9, 3.34)
    """
    for place, (count, size) in enumerate(zip(counts, sizes, strict=True)):
        if count < 0 or not 0 < size < inf:
            raise QuestionError(
                f"point {place}: {count} events in {size} units; events may not be below 0, units not 0"
            )
    values = [count / size for count, size in zip(counts, sizes, strict=True)]
    places = _places(values, baseline)
    centre = _ratio(sum(counts[place] for place in places), fsum(sizes[place] for place in places))
    return _chart(values, len(places), centre, [3 * sqrt(centre / size) for size in sizes], floor=0.0)


def share_chart(parts: Sequence[int], sizes: Sequence[int], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart a share of independent cases, as of the contacts that were repeated (p chart).

    Args:
        parts: cases that count, of each period, 0 to all of them.
        sizes: cases of each period, more than 0.
        baseline: places of the points that centre and limits rest on, from 0; None: all.
    Returns: values, centre and limits as shares from 0 to 1; limits are wider where there are fewer cases.
    Raises: QuestionError if a part is no part of its size or a place of `baseline` is not in the series.
    Cost: one look at each point.  Source: docs/explanation/control-charts.md

    >>> chart = share_chart([12, 15, 8, 10, 4, 7], [50, 50, 50, 50, 50, 50])
    >>> round(chart.centre, 4), round(chart.lower[0], 4), round(chart.upper[0], 4), chart.provisional
    (0.1867, 0.0214, 0.352, True)
    """
    for place, (part, size) in enumerate(zip(parts, sizes, strict=True)):
        if not 0 <= part <= size or size == 0:
            raise QuestionError(f"point {place}: {part} of {size} is no share; the part lies between 0 and the whole")
    values = [part / size for part, size in zip(parts, sizes, strict=True)]
    places = _places(values, baseline)
    centre = _ratio(sum(parts[place] for place in places), sum(sizes[place] for place in places))
    spreads = [3 * sqrt(centre * (1 - centre) / size) for size in sizes]
    return _chart(values, len(places), centre, spreads, floor=0.0, ceiling=1.0)


def mean_chart(samples: Sequence[Sequence[float]], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart the means of small samples of one size, as five handling times a day (x̄ of x̄-R).

    Args:
        samples: the samples in order of time, each of the same 2 to 10 values in any unit.
        baseline: places of the samples that centre and limits rest on, from 0; None: all.
    Returns: values, centre and limits in the unit of the values.
    Raises: QuestionError if the samples are not of one such size or a place of `baseline` is not in the series.
    Cost: one look at each value.  Source: docs/explanation/control-charts.md

    >>> chart = mean_chart([[4, 6], [5, 5], [3, 6], [4, 4], [5, 7], [6, 4]])
    >>> round(chart.centre, 2), round(chart.lower[0], 2), round(chart.upper[0], 2)
    (4.92, 2.1, 7.74)
    """
    size, ranges = _ranges(samples)
    values = [_mean(sample) for sample in samples]
    places = _places(values, baseline)
    centre, spread = (_mean([series[place] for place in places]) for series in (values, ranges))
    return _chart(values, len(places), centre, [3 * spread / SPREADS[size][0] / sqrt(size)] * len(values))


def range_chart(samples: Sequence[Sequence[float]], *, baseline: Sequence[int] | None = None) -> ControlChart:
    """Chart how far small samples of one size are spread: largest less smallest value (R of x̄-R).

    Args:
        samples: the samples in order of time, each of the same 2 to 10 values in any unit.
        baseline: places of the samples that centre and limits rest on, from 0; None: all.
    Returns: values, centre and limits in the unit of the values; signals only outside.
    Raises: QuestionError if the samples are not of one such size or a place of `baseline` is not in the series.
    Cost: one look at each value.  Source: docs/explanation/control-charts.md

    >>> chart = range_chart([[4, 6], [5, 5], [3, 6], [4, 4], [5, 7], [6, 4]])
    >>> chart.centre, round(chart.upper[0], 2)
    (1.5, 4.9)
    """
    size, ranges = _ranges(samples)
    width, deviation = SPREADS[size]
    return _range_chart(ranges, baseline, 3 * deviation / width)


def _ranges(samples: Sequence[Sequence[float]]) -> tuple[int, list[float]]:
    """The one size of the samples, and the range of each."""
    sizes = sorted({len(sample) for sample in samples})
    if len(sizes) != 1 or sizes[0] not in SPREADS:
        raise QuestionError(f"the samples have {sizes} values; each must have the same number of them, 2 to 10")
    return sizes[0], [max(sample) - min(sample) for sample in samples]


def _range_chart(ranges: Sequence[float], baseline: Sequence[int] | None, factor: float) -> ControlChart:
    """Ranges with limits at so many mean ranges around their mean."""
    places = _places(ranges, baseline)
    centre = _mean([ranges[place] for place in places])
    return _chart(ranges, len(places), centre, [factor * centre] * len(ranges), floor=0.0, rules=(_outside,))


def _places(values: Sequence[float], baseline: Sequence[int] | None) -> list[int]:
    """The points that limits rest on, of a series that is whole."""
    for place, value in enumerate(values):
        if not isfinite(value):
            raise QuestionError(f"point {place} is {value}; leave out periods of which nothing is known")
    places = list(range(len(values))) if baseline is None else sorted(set(baseline))
    for place in places:
        if not 0 <= place < len(values):
            raise QuestionError(f"baseline has the place {place}; the series has {len(values)} points, counted from 0")
    return places


def _mean(values: Sequence[float]) -> float:
    """Exact but for the last rounding, so that equal values all lie on their mean."""
    return float(mean(values)) if values else 0.0


def _ratio(numerator: float, denominator: float) -> float:
    """0 where nothing is counted: such a chart has no limits anyway."""
    return numerator / denominator if denominator else 0.0


Points = Sequence[tuple[float, float, float]]
"""Each value with its lower and upper limit."""


def _outside(points: Points, centre: float) -> Iterator[Signal]:
    for place, (value, low, high) in enumerate(points):
        if not low <= value <= high:
            yield Signal(place=place, rule="outside", side=_side(value, centre))


def _run(points: Points, centre: float) -> Iterator[Signal]:
    length, before = 0, ""
    for place, (value, *_) in enumerate(points):
        side = _side(value, centre)
        length = length + 1 if side == before else 1
        before = side
        if side and length >= RUN:
            yield Signal(place=place, rule="run", side=side)


def _near_limit(points: Points, centre: float) -> Iterator[Signal]:
    near = [
        _side(value, centre) if value > (centre + high) / 2 or value < (centre + low) / 2 else ""
        for value, low, high in points
    ]
    for place in range(WINDOW - 1, len(near)):
        for side in ("high", "low"):
            if near[place - WINDOW + 1 : place + 1].count(side) >= NEAR:
                yield Signal(place=place, rule="near_limit", side=side)


def _side(value: float, centre: float) -> str:
    if value == centre:
        return ""
    return "high" if value > centre else "low"


def _chart(
    values: Sequence[float],
    n: int,
    centre: float,
    spreads: Sequence[float],
    *,
    floor: float = -inf,
    ceiling: float = inf,
    rules: Sequence[Callable[[Points, float], Iterator[Signal]]] = (_outside, _run, _near_limit),
) -> ControlChart:
    """The series with limits that lie a spread around the centre, but within floor and ceiling."""
    if n < LEAST:
        return ControlChart(n=n, provisional=True, values=[*values], centre=None, lower=None, upper=None, signals=[])
    lower, upper = [max(floor, centre - one) for one in spreads], [min(ceiling, centre + one) for one in spreads]
    points = list(zip(values, lower, upper, strict=True))
    signals = sorted((signal for rule in rules for signal in rule(points, centre)), key=lambda signal: signal.place)
    return ControlChart(
        n=n, provisional=n < ENOUGH, values=[*values], centre=centre, lower=lower, upper=upper, signals=signals
    )
