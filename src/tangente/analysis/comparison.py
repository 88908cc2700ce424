"""Against an earlier report: what changed beyond noise, what is new, what vanished."""

from collections.abc import Mapping
from dataclasses import replace
from math import isclose

from tangente.analysis.model import Analysis, Change, Comparison, Mean, Touchpoint
from tangente.method.difference import Difference, difference
from tangente.method.mean import Mean as MethodMean
from tangente.method.screening import benjamini_hochberg

FALSE_DISCOVERIES = 0.05  # of the changes called better or worse, so many are noise on average


def compare(before: Analysis, now: list[Touchpoint], weights: Mapping[str, float]) -> Comparison:
    """Compare the judgements of each touchpoint; many are tested at once, so the test is the stricter for it.

    Ranks of before are told only if they rest on the same `weights`: else a touchpoint moves though nothing happened.
    """
    earlier = {point.touchpoint: point for point in before.touchpoints}
    later = {point.touchpoint: point for point in now}
    both = [name for name in later if name in earlier]
    tests = {name: _difference(earlier[name].satisfaction, later[name].satisfaction) for name in both}
    adjusted = benjamini_hochberg([test.p_value if test else None for test in tests.values()])
    beyond = {name: p is not None and p <= FALSE_DISCOVERIES for name, p in zip(tests, adjusted, strict=True)}
    changes = [
        _change(name, earlier.get(name), later.get(name), tests.get(name), beyond)
        for name in [*later, *_gone(earlier, later)]
    ]
    if is_same := _is_same(before.weights, weights):
        ranks = {name: point.priority.rank for name, point in earlier.items() if point.priority}
        changes = [replace(change, rank_before=ranks.get(change.touchpoint)) for change in changes]
    return Comparison(created=before.created, changes=changes, same_weights=is_same)


def _is_same(before: Mapping[str, float], now: Mapping[str, float]) -> bool:
    """But for the digits that report.json does not keep."""
    return before.keys() == now.keys() and all(isclose(before[name], now[name], rel_tol=1e-6) for name in now)


def _gone(earlier: Mapping[str, Touchpoint], later: Mapping[str, Touchpoint]) -> list[str]:
    return [name for name in earlier if name not in later]


def _difference(before: Mean | None, after: Mean | None) -> Difference | None:
    if before is None or after is None:
        return None
    if (before.scale_low, before.scale_high) != (after.scale_low, after.scale_high):
        return None  # another scale is another question
    return difference(_method(before), _method(after))


def _method(mean: Mean) -> MethodMean:
    return MethodMean(
        n=mean.n,
        mean=mean.mean,
        low=mean.low,
        high=mean.high,
        standard_error=mean.standard_error,
        degrees_of_freedom=mean.degrees_of_freedom,
    )


def _change(
    name: str, before: Touchpoint | None, after: Touchpoint | None, test: Difference | None, beyond: Mapping[str, bool]
) -> Change:
    shown = after or before
    return Change(
        touchpoint=name,
        name=shown.name if shown else name,
        kind=_kind(before, after, test, beyond_noise=beyond.get(name, False)),
        before=before.satisfaction if before else None,
        after=after.satisfaction if after else None,
        difference=test.value if test else None,
        low=test.low if test else None,
        high=test.high if test else None,
        rank_before=None,
        rank_after=after.priority.rank if after and after.priority else None,
    )


def _kind(before: Touchpoint | None, after: Touchpoint | None, test: Difference | None, *, beyond_noise: bool) -> str:
    if before is None:
        return "new"
    if after is None:
        return "vanished"
    if test is None:
        return "too_few"
    if not beyond_noise:
        return "noise"
    scale = after.satisfaction
    counts_down = scale is not None and (scale.scale_low or 0) > (scale.scale_high or 0)
    return "better" if (test.value > 0) != counts_down else "worse"
