"""Attribution: how the purchases, exits or other outcomes are shared out among the touchpoints on the way to them."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog
from tangente.contactlog.outcome_paths import NOT_REACHED, REACHED, START, Until, next_path, path_end, until
from tangente.contactlog.passes import Column, compiled, fold, inlined
from tangente.contactlog.resampled_paths import resampled_moves
from tangente.method.absorbing_chain import Numbers, removal_effects
from tangente.method.reporting import CONFIDENCE, FEW

# Columns of the summary behind the moves to each touchpoint and to the two ends; a row per touchpoint, the first the start.
PATHS, CONVERSIONS, SHAPLEY, FIRST, LAST, LINEAR, POSITION, COLUMNS = range(2, 10)
RULES = {"shapley": SHAPLEY, "first": FIRST, "last": LAST, "linear": LINEAR, "position": POSITION}

PARTS = 232_792_560
"""A conversion in whole parts, which 1 to 22 steps can share evenly: sums are exact in any order."""

DIGITS = 12  # kept of floats; those behind differ between processors


@compiled
def _count(customer: Column, touchpoint: Column, outcome: Column, to: Until, summary: Column, met: Column) -> None:
    """Count the moves of each path, and share out the outcome it reached; `met` remembers the last path at each place."""
    size = len(summary)
    first = path = 0
    while first < len(customer):
        end = path_end(customer, outcome, to.outcome, first)
        reached = outcome[end - 1] == to.outcome
        stop = end - 1 if reached and not to.closing else end
        here, different = START, 0
        for row in range(first, stop):
            there = touchpoint[row]
            summary[here, there] += 1
            is_new = met[there] != path  # added up and not branched on: no processor could guess it
            met[there] = path
            different += is_new
            summary[there, size + PATHS] += is_new
            here = there
        summary[here, size + (REACHED if reached else NOT_REACHED)] += 1
        if reached:
            _share_out(touchpoint[first:stop], different, summary, met)
        first, path = next_path(customer, first, end, to.every), path + 1


@inlined
def _share_out(steps: Column, different: int, summary: Column, met: Column) -> None:
    """Give each step of a path what every rule gives it; `met` forgets the path, so that Shapley counts no place twice."""
    size, between = len(summary), len(steps) - 2
    for k in range(len(steps)):
        there = steps[k]
        if met[there] >= 0:
            met[there] = -1
            summary[there, size + CONVERSIONS] += 1
            summary[there, size + SHAPLEY] += PARTS // different
        summary[there, size + FIRST] += k == 0
        summary[there, size + LAST] += k == len(steps) - 1
        summary[there, size + LINEAR] += PARTS // len(steps)
        if between <= 0:
            summary[there, size + POSITION] += PARTS // len(steps)
        elif k == 0 or k == len(steps) - 1:
            summary[there, size + POSITION] += PARTS * 2 // 5
        else:
            summary[there, size + POSITION] += PARTS // 5 // between


def attribution(
    log: ContactLog,
    *,
    outcome: str = "purchase",
    closing: bool = True,
    every: bool = False,
    resamples: int = 200,
    seed: int = 0,
) -> pa.Table:
    """Share an outcome out among the touchpoints on the paths to it: what would be lost without each of them.

    A path is what a customer met from the first contact of the (filtered) log to the first one with the outcome; without
    the outcome, to the last contact. The removal effect of a touchpoint is the share of the conversions that would be
    lost if every path ended where it meets it, in the first-order Markov chain of all paths; exact, not simulated. None
    of the columns says what a touchpoint causes.

    Args:
        log: the contact log, filtered as the caller likes.
        outcome: purchase, repurchase, referral, exit or any other outcome in the log.
        closing: whether the contact with the outcome is itself a step of the path; False: it only ends it, and leaves
            a customer who had no contact before without touchpoint.
        every: whether a new path begins behind an outcome; False: what comes behind the first one is left out.
        resamples: Poisson resamples of the paths behind the intervals, 200 or more; 0: no intervals.
        seed: of the resamples.
    Returns: one row per touchpoint on a path: touchpoint (string), paths (int64, that meet it), conversions (int64, those
        of them that end with the outcome), removal_effect (float64, 0 to 1), share (its part of the sum of all removal
        effects), low, high (95 %, of share), and for comparison the shares of the conversions that the rules shapley,
        first, last, linear and position give (each column sums to 1). All floats are null below 30 conversions: too few
        to say. Largest share first, then most conversions, then by name. The schema's metadata say of all paths: `paths`,
        `conversions`, and `without_touchpoint`, the conversions that no touchpoint came before.
    Raises: QuestionError if the outcome never occurs or there are more than 500 different touchpoints.
    Cost: one pass over the log, and with intervals a second one that holds the paths (2 bytes a contact).
    Source: docs/explanation/attribution.md

    >>> from tangente.contactlog.testing import journeys
    >>> ways = ["ad shop!purchase", "ad shop!purchase", "shop!purchase", "ad"]
    >>> log = journeys(*(f"c{number}: {way}" for number, way in enumerate(15 * ways)))
    >>> for row in attribution(log, resamples=0).to_pylist():
    ...     print(row["touchpoint"], row["conversions"], round(row["removal_effect"], 3), row["share"], row["last"])
    shop 45 1.0 0.6 1.0
    ad 30 0.667 0.4 0.0
    """
    to = until(log, outcome, closing=closing, every=every)
    summary = count_paths(log, to)
    codes, moves = moves_by_name(log, summary)
    credit = summary[codes, len(summary) :]
    columns = dict.fromkeys(("removal_effect", "share", "low", "high", *RULES), np.full(len(codes), np.nan))
    if credit[:, FIRST].sum() >= FEW:
        columns |= _shares(moves, credit)
        if resamples:
            columns |= _interval(resampled_moves(log, to, codes, moves, resamples=resamples, seed=seed))
    rounded = {name: np.round(values, DIGITS) for name, values in columns.items()}
    order = np.lexsort((-credit[:, CONVERSIONS], -rounded["share"]))
    table = pa.table(
        {
            "touchpoint": log.codes.decode("touchpoint", codes),
            "paths": credit[:, PATHS],
            "conversions": credit[:, CONVERSIONS],
            **{name: pa.array(values, from_pandas=True) for name, values in rounded.items()},
        }
    )
    return table.take(order).replace_schema_metadata(totals(moves))


def count_paths(log: ContactLog, to: Until) -> NDArray[np.int64]:
    """Moves and credit of all paths: the summary of the pass."""
    size = log.codes.size("touchpoint")

    def visit(summary: NDArray[np.int64], bucket: Bucket) -> None:
        customer, touchpoint, outcome = (bucket.contacts[name] for name in ("customer", "touchpoint", "outcome"))
        _count(customer, touchpoint, outcome, to, summary, np.full(size, -1, np.int64))

    return fold(log, lambda: np.zeros((size, size + COLUMNS), np.int64), visit)


def moves_by_name(log: ContactLog, summary: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """The touchpoints on a path, by name so that no answer depends on codes, and the moves among them."""
    size = len(summary)
    codes = np.flatnonzero(summary[:, size + PATHS])
    codes = codes[np.argsort(log.codes.ranks("touchpoint")[codes])]
    return codes, summary[np.ix_([START, *codes], [*codes, size + REACHED, size + NOT_REACHED])]


def totals(moves: NDArray[np.int64]) -> dict[str, str]:
    """What all paths have in common, as metadata of an answer."""
    numbers = {"paths": moves[0].sum(), "conversions": moves[:, -2].sum(), "without_touchpoint": moves[0, -2]}
    return {name: str(number) for name, number in numbers.items()}


def _shares(moves: NDArray[np.int64], credit: NDArray[np.int64]) -> dict[str, Numbers]:
    effects = removal_effects(moves).effects
    rules = {rule: credit[:, column] / credit[:, column].sum() for rule, column in RULES.items()}
    return {"removal_effect": effects, "share": effects / effects.sum(), **rules}


def _interval(resamples: Iterable[NDArray[np.int64]]) -> dict[str, Numbers]:
    effects = np.concatenate([removal_effects(moves).effects for moves in resamples])
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(effects / effects.sum(axis=1, keepdims=True), (tail, 1 - tail), axis=0)
    return {"low": low, "high": high}
