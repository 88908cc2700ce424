"""Combinations: which two touchpoints purchases, exits or other outcomes owe it to together."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.attribution import DIGITS, PARTS, count_paths, moves_by_name, totals
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.outcome_paths import Until, next_path, path_end, until
from tangente.contactlog.passes import Column, compiled, fold
from tangente.errors import QuestionError
from tangente.method.absorbing_chain import Numbers, joint_removal_effects
from tangente.method.proportion import wilson
from tangente.method.reporting import FEW

PATHS, CONVERSIONS, CREDIT = range(3)  # layers of the summary, a row and a column per touchpoint


@compiled
def _count(
    customer: Column, touchpoint: Column, outcome: Column, to: Until, summary: Column, met: Column, on_path: Column
) -> None:
    """Count each two touchpoints of a path once, the smaller code first; `on_path` lists those of the path at hand."""
    first = path = 0
    while first < len(customer):
        end = path_end(customer, outcome, to.outcome, first)
        reached = outcome[end - 1] == to.outcome
        stop = end - 1 if reached and not to.closing else end
        different = 0
        for row in range(first, stop):
            if met[touchpoint[row]] != path:
                met[touchpoint[row]] = path
                on_path[different] = touchpoint[row]
                different += 1
        for i in range(different):
            for j in range(i):
                one, other = min(on_path[i], on_path[j]), max(on_path[i], on_path[j])
                summary[PATHS, one, other] += 1
                if reached:
                    summary[CONVERSIONS, one, other] += 1
                    summary[CREDIT, one, other] += PARTS * 2 // (different * (different - 1))
        first, path = next_path(customer, first, end, to.every), path + 1


def combinations(
    log: ContactLog, *, outcome: str = "purchase", closing: bool = True, every: bool = False, most: int = 1_000
) -> pa.Table:
    """Share an outcome out among the combinations of two touchpoints on the paths to it.

    Paths, `closing` and `every` are those of `attribution`. The share gives each conversion evenly to the pairs of its
    different touchpoints, wherever on the path they stand: the Shapley value with pairs as players.

    Args:
        log: the contact log, filtered as the caller likes.
        outcome: purchase, repurchase, referral, exit or any other outcome in the log.
        closing: whether the contact with the outcome is itself a step of the path.
        every: whether a new path begins behind an outcome.
        most: how many of the pairs with the largest shares to return, ≥ 1.
    Returns: one row per pair that occurs: touchpoint, other (string, by name), paths (int64, that meet both), conversions
        (int64, those of them that end with the outcome), rate, low, high (float64, conversions / paths, Wilson 95 %; null
        below 30 paths), removal_effect (0 to 1, lost without both), shared (lost without either one alone: the effects of
        the two add up to removal_effect + shared), share (of the conversions with at least two touchpoints; sums to 1 over
        all pairs); the last three are null below 30 such conversions. Largest share first, then most conversions, then
        by name. The schema's metadata are those of `attribution`, and `total`, the number of pairs.
    Raises: QuestionError as `attribution`, or if `most` is below 1.
    Cost: two passes over the log.  Source: docs/explanation/attribution.md

    >>> from tangente.contactlog.testing import journeys
    >>> ways = ["ad shop!purchase", "ad web shop!purchase", "web shop!purchase", "ad"]
    >>> log = journeys(*(f"c{number}: {way}" for number, way in enumerate(15 * ways)))
    >>> for row in combinations(log).to_pylist():
    ...     print(row["touchpoint"], row["other"], row["conversions"], round(row["share"], 3))
    ad shop 30 0.444
    shop web 30 0.444
    ad web 15 0.111
    """
    if most < 1:
        raise QuestionError(f"most is {most}; it must be at least 1")
    to = until(log, outcome, closing=closing, every=every)
    codes, moves = moves_by_name(log, count_paths(log, to))
    counts = count_pairs(log, to)[:, codes][:, :, codes]
    one, other = np.nonzero(np.triu(counts[PATHS]))
    paths, conversions, credit = counts[:, one, other]
    numbers = _rates(paths, conversions) | _shares(moves, one, other, credit)
    rounded = {name: np.round(values, DIGITS) for name, values in numbers.items()}
    order = np.lexsort((-conversions, -rounded["share"]))[:most]
    table = pa.table(
        {
            "touchpoint": log.codes.decode("touchpoint", codes[one]),
            "other": log.codes.decode("touchpoint", codes[other]),
            "paths": paths,
            "conversions": conversions,
            **{name: pa.array(values, from_pandas=True) for name, values in rounded.items()},
        }
    )
    return table.take(order).replace_schema_metadata(totals(moves) | {"total": str(len(paths))})


def count_pairs(log: ContactLog, to: Until) -> NDArray[np.int64]:
    """Of each two touchpoints the paths that meet both, the conversions, and the credit for these: layers of a square."""
    size = log.codes.size("touchpoint")

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        customer, touchpoint, outcome = (bucket.contacts[name] for name in ("customer", "touchpoint", "outcome"))
        met, on_path = np.full(size, -1, np.int64), np.empty(size, np.int64)
        _count(customer, touchpoint, outcome, to, summary, met, on_path)

    counted = fold(log, lambda: np.zeros((3, size, size), np.int64), visit)
    return counted + counted.transpose(0, 2, 1)  # the pair stands once, whichever code is the smaller


def _rates(paths: NDArray[np.int64], conversions: NDArray[np.int64]) -> dict[str, Numbers]:
    rates = np.full((3, len(paths)), np.nan)
    for pair in np.flatnonzero(paths >= FEW):
        found = wilson(int(conversions[pair]), int(paths[pair]))
        rates[:, pair] = found.share, found.low, found.high
    return dict(zip(("rate", "low", "high"), rates, strict=True))


def _shares(
    moves: NDArray[np.int64], one: NDArray[np.intp], other: NDArray[np.intp], credit: NDArray[np.int64]
) -> dict[str, Numbers]:
    shares = dict.fromkeys(("removal_effect", "shared", "share"), np.full(len(credit), np.nan))
    if round(credit.sum() / PARTS) >= FEW:
        effects = joint_removal_effects(moves)
        single = np.diag(effects)
        shares["removal_effect"] = effects[one, other]
        shares["shared"] = single[one] + single[other] - effects[one, other]
        shares["share"] = credit / credit.sum()
    return shares
