"""From figures to judgement: quadrants of importance and performance, and which touchpoints to work on first."""

from collections.abc import Mapping, Sequence

import numpy as np

from tangente.analysis.model import Crosshair, Drivers, Importance, Mean, Pair
from tangente.analysis.voices import Driving
from tangente.method.drivers import KeyDrivers
from tangente.method.importance_performance import Placement, importance_performance


def importances(driven: Driving | None) -> dict[str, Importance]:
    """The importance of each touchpoint that could be judged; of none, if chance alone would explain as much."""
    if driven is None or not driven.beyond_chance:
        return {}
    method = driven.drivers.method
    return {
        driver.item: Importance(method=method, share=driver.share, low=driver.low, high=driver.high)
        for driver in driven.drivers.drivers
    }


def described(driven: Driving | None) -> Drivers | None:
    """What the importances rest on; None where there are none."""
    if driven is None or not driven.beyond_chance:
        return None
    found = driven.drivers
    return Drivers(
        method=found.method,
        r2=float(found.r2 or 0),
        sheets=found.sheets,
        pairs_low=found.pairs_low or 0,
        pairs_high=found.pairs_high or 0,
        resamples=found.resamples,
        lifted=found.lifted,
        too_few=[*found.too_few, *found.without_variation],
        pairs=_pairs(found),
    )


def _pairs(found: KeyDrivers) -> list[Pair]:
    names = [*(driver.item for driver in found.drivers), None]
    pairs = [
        Pair(one=str(names[i]), other=names[j], sheets=int(found.pairs[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
    return sorted(pairs, key=lambda pair: (pair.sheets, pair.one, pair.other or ""))


def quadrants(driven: Driving | None, means: Mapping[str, Mean]) -> tuple[Crosshair | None, dict[str, Placement]]:
    """The crosshair, and where each touchpoint with both an importance and a mean lies.

    Performance comes from all answers, its spread from the resamples that importance was derived from, moved to the
    mean of all answers. A scale that counts downwards, as school grades do, is turned for the comparison.
    """
    drivers = driven.drivers.drivers if driven and driven.beyond_chance else ()
    judged = [
        place for place, driver in enumerate(drivers) if driver.item in means and means[driver.item].mean is not None
    ]
    if driven is None or not judged:
        return None, {}
    names = [drivers[place].item for place in judged]
    performance = np.array([means[name].mean for name in names], float)
    sign = -1.0 if _counts_down(means[names[0]]) else 1.0
    found = importance_performance(
        [drivers[place].share for place in judged],
        (sign * performance).tolist(),
        resampled_importance=driven.drivers.resampled_shares[:, judged],
        resampled_performance=sign
        * (driven.drivers.resampled_means[:, judged] + performance - driven.sheet_means[judged]),
    )
    cross = found.crosshair
    if cross is None:
        return None, {}
    crosshair = Crosshair(rule=cross.rule, importance=cross.importance, performance=sign * cross.performance)
    return crosshair, dict(zip(names, found.placements, strict=True))


def room(mean: Mean | None) -> float | None:
    """How far a mean lies from the best end of its scale, as a share of the scale."""
    if mean is None or mean.mean is None or mean.scale_low is None or mean.scale_high is None:
        return None
    return (mean.scale_high - mean.mean) / (mean.scale_high - mean.scale_low)


def shares_of_total(amounts: Sequence[float | None]) -> list[float | None]:
    """Each amount's share of all known ones; None where unknown, or where all are 0."""
    total = sum(amount for amount in amounts if amount is not None)
    return [None if amount is None or total <= 0 else amount / total for amount in amounts]


def _counts_down(mean: Mean) -> bool:
    return mean.scale_low is not None and mean.scale_high is not None and mean.scale_low > mean.scale_high
