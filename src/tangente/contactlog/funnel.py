"""Funnel: how many customers reach each of several steps in order, each in time after the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.extent import observed_until
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import NAMED, ContactLog, window
from tangente.contactlog.passes import Column, compiled, fold
from tangente.contactlog.quantiles import Emitted, quantiles_of
from tangente.errors import QuestionError
from tangente.method.proportion import Proportion, wilson
from tangente.method.reporting import FEW

SECOND = 1_000_000  # µs
FOREVER = 2**63 - 1
MOST_STEPS = 60  # a step is a bit of a whole number
# Rows of the summary, a column per group and step.
CUSTOMERS, LATE, WENT_ON, SEEN, ARRIVED, ROWS = range(6)


@compiled
def _advance(
    customer: Column,
    at: Column,
    doing: Column,
    steps_of: Column,
    cut: Column,
    first_cell: Column,
    steps: int,
    within: int,
    end: int,
    counts: Column,
    cells: Column,
    waits: Column,
) -> int:
    """Count the customers who reach each step, and list the waits of those who went on; returns how many.

    Bit k of `steps_of` says whether a doing reaches step k; a step is counted in that cell, counted from the first cell
    of the customer's group. Who reaches a step less than `within` before the end is late: nobody knows who goes on.
    Who starts is counted in the cell of the last step that could be seen of them in any case.
    """
    went_on = step = cell = start = since = 0
    who, wanted, until = -1, 1, FOREVER
    for i in range(len(customer)):
        if customer[i] != who:
            who, step, wanted, until = customer[i], 0, 1, FOREVER
        if not steps_of[doing[i]] & wanted:
            continue
        if at[i] > until:
            wanted = 0  # and all that follows is later still
            continue
        if step == 0:
            cell, start, seen = first_cell[cut[i]], at[i], steps - 1
            while start > end - seen * within:
                seen -= 1
            counts[SEEN, cell + seen] += 1
        elif since <= end - within:
            counts[WENT_ON, cell] += 1
            cells[went_on], waits[went_on] = cell, at[i] - since
            went_on += 1
        counts[CUSTOMERS, cell] += 1
        counts[LATE, cell] += at[i] > end - within
        counts[ARRIVED, cell] += start <= end - step * within
        step, cell, since = step + 1, cell + 1, at[i]
        wanted, until = wanted << 1, at[i] + within
    return went_on


@dataclass(frozen=True)
class _Passage:
    """Counts per cell, and of those who went on in time the cell and the wait."""

    counts: NDArray[np.int64]
    waits: list[Emitted]

    def __add__(self, other: "_Passage") -> "_Passage":
        return _Passage(self.counts + other.counts, self.waits + other.waits)


def funnel(
    log: ContactLog, *, steps: Sequence[str] | Mapping[str, Sequence[str]], within_days: float, by: str | None = None
) -> pa.Table:
    """Count the customers who reach each step in order, each within some days of the step before.

    A customer reaches step 1 by their first contact with it, and step k by the first contact with it after the one that
    reached step k - 1 (log order), at most `within_days` later. Contacts in between do not matter; a customer counts once.

    Args:
        log: the contact log, filtered as the caller likes.
        steps: touchpoints or outcomes, earliest first; or a name for each step and the touchpoints or outcomes that
            reach it, such as the phases of an inventory.
        within_days: longest wait between two steps, in days, > 0.
        by: channel, reason, unit, role, segment or touchpoint of the contact that reached step 1: a funnel for each.
    Returns: one row per step, per value of `by` in the order of names: that column (string, only with `by`), step (int64,
        from 1), name (string), customers (int64, who reached it). Then of the step before, null at step 1: followed
        (int64, who reached that one at least `within_days` before the log ends), went_on (of these who reached this
        one), dropped (of these who did not), censored (who reached it later), share, low, high (float64, went_on /
        followed, Wilson 95 %). Of the first step: started (int64, who reached it so early that all steps up to this one
        could be seen), arrived (of these who reached this one), arrived_share, arrived_low, arrived_high. Of the waits
        of went_on: median_wait_s, p90_wait_s (float64, seconds, exact). Shares are null below 30 customers followed or
        started, waits below 30 who went on: too few to say.
    Raises: QuestionError if there are no steps or more than 60, a step is empty or never occurs, `by` is no such column,
        or `within_days` is not positive or more than a century.
    Cost: one pass over the log, and 12 bytes for each step reached.  Source: docs/explanation/funnel.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: ad shop buy", "ben: ad shop", "cem: shop ad")
    >>> funnel(log, steps=["ad", "shop", "buy"], within_days=30)["customers"].to_pylist()
    [3, 2, 1]
    """
    reaching = dict(steps) if isinstance(steps, Mapping) else {str(k): [name] for k, name in enumerate(steps)}
    names = list(steps)
    if not 1 <= len(names) <= MOST_STEPS:
        raise QuestionError(f"steps has {len(names)} steps; a funnel has 1 to {MOST_STEPS}")
    if empty := [name for name, doings in reaching.items() if not doings]:
        raise QuestionError(f"step {empty[0]!r} has no touchpoint; name at least one, or leave the step out")
    if by not in (None, *NAMED):
        raise QuestionError(f"by is {by!r}; a funnel can be cut by {', '.join(NAMED)}")
    passage = _passage(log, list(reaching.values()), window(within_days), by)
    return _answer(log, names, by, passage)


def _passage(log: ContactLog, steps: Sequence[Sequence[str]], within: int, by: str | None) -> _Passage:
    end, doings, cut = observed_until(log), _Doings.of(log, steps), by or "touchpoint"
    first_cell = np.arange(log.codes.size(cut)) * (len(steps) if by else 0)

    def visit(summary: _Passage, bucket: Bucket) -> None:
        contacts, doing = bucket.contacts, doings.column(bucket)
        customer, at = contacts["customer"], contacts["occurred_at"]
        cells, waits = np.empty(len(at), np.int32), np.empty(len(at), np.int64)
        listed = _advance(
            customer,
            at,
            doing,
            doings.steps,
            contacts[cut],
            first_cell,
            len(steps),
            within,
            end,
            summary.counts,
            cells,
            waits,
        )
        summary.waits.append((cells[:listed].copy(), waits[:listed].copy()))

    return fold(log, lambda: _Passage(np.zeros((ROWS, first_cell[-1] + len(steps)), np.int64), []), visit)


@dataclass(frozen=True)
class _Doings:
    """What contacts do: touchpoint and outcome as one code, and for each code the steps it reaches, a bit each.

    Outcomes that no step asks for are left out, so that mostly the code is that of the touchpoint.
    """

    steps: NDArray[np.int64]
    outcomes: NDArray[np.int32]

    @classmethod
    def of(cls, log: ContactLog, steps: Sequence[Sequence[str]]) -> "_Doings":
        bits = {kind: np.zeros(log.codes.size(kind), np.int64) for kind in ("touchpoint", "outcome")}
        for step, names in enumerate(steps):
            for kind, code in (item for name in names for item in log.doing_codes(name).items()):
                bits[kind][code] |= 1 << step
        kinds, outcomes = np.unique(bits["outcome"], return_inverse=True)  # code 0, no outcome, makes 0 the first
        return cls(
            (kinds[:, None] | bits["touchpoint"]).ravel(), (outcomes * log.codes.size("touchpoint")).astype(np.int32)
        )

    def column(self, bucket: Bucket) -> Column:
        touchpoint: Column = bucket.contacts["touchpoint"]
        if not self.outcomes.any():
            return touchpoint
        return touchpoint + self.outcomes[bucket.contacts["outcome"]]


def _answer(log: ContactLog, names: list[str], by: str | None, passage: _Passage) -> pa.Table:
    steps = len(names)
    groups = np.flatnonzero(passage.counts[CUSTOMERS, ::steps]) if by else np.zeros(1, np.int64)
    if by:
        groups = groups[np.argsort(log.codes.ranks(by)[groups])]
    cells = (groups[:, None] * steps + np.arange(steps)).ravel()
    counts, first = passage.counts[:, cells], np.tile(np.arange(steps) == 0, len(groups))
    before = np.roll(counts, 1, axis=1)  # of the step before; of step 1 nothing is said
    followed = before[CUSTOMERS] - before[LATE]
    started = counts[SEEN].reshape(-1, steps)[:, ::-1].cumsum(axis=1)[:, ::-1].ravel()  # seen up to this step or later
    cut = {by: log.codes.decode(by, np.repeat(groups, steps))} if by else {}
    return pa.table(
        cut
        | {
            "step": np.tile(np.arange(1, steps + 1), len(groups)),
            "name": pa.array(names * len(groups), pa.string()),
            "customers": counts[CUSTOMERS],
            "followed": pa.array(followed, mask=first),
            "went_on": pa.array(counts[WENT_ON], mask=first),
            "dropped": pa.array(followed - counts[WENT_ON], mask=first),
            "censored": pa.array(before[LATE], mask=first),
        }
        | _shares(counts[WENT_ON], np.where(first, 0, followed), "")
        | {"started": pa.array(started, mask=first), "arrived": pa.array(counts[ARRIVED], mask=first)}
        | _shares(counts[ARRIVED], np.where(first, 0, started), "arrived_")
        | _waits(passage, cells)
    )


def _waits(passage: _Passage, cells: NDArray[np.int64]) -> dict[str, pa.Array]:
    """Median and 90 % point of the waits in each cell, in seconds, null where they are too few to say."""
    waits = quantiles_of(passage.waits, passage.counts[WENT_ON], (0.5, 0.9))[cells] / SECOND
    few = passage.counts[WENT_ON, cells] < FEW
    return {name: pa.array(waits[:, k], mask=few) for k, name in enumerate(("median_wait_s", "p90_wait_s"))}


def _shares(part: NDArray[np.int64], whole: NDArray[np.int64], prefix: str) -> dict[str, pa.Array]:
    """Share, low and high, null where the whole is too few to say."""
    none = Proportion(n=0, k=0, share=None, low=None, high=None)
    shares = [wilson(int(k), int(n)) if n >= FEW else none for k, n in zip(part, whole, strict=True)]
    return {
        prefix + name: pa.array([getattr(share, name) for share in shares], pa.float64())
        for name in ("share", "low", "high")
    }
