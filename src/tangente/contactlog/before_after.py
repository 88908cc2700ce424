"""Before and after: what customers do in the days before and after a touchpoint, and what the disappointed do there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.disappointed import CONTENT, DISAPPOINTED, judgement
from tangente.contactlog.extent import observed_from, observed_until
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog, window
from tangente.contactlog.passes import Column, compiled, fold
from tangente.method.difference import ShareDifference, share_difference
from tangente.method.proportion import Proportion, wilson
from tangente.method.reporting import FEW

WITHIN_DAYS = 7
SIDES = ("before", "after")
FLOAT, INTEGER = pa.float64(), pa.int64()
OTHERS = (("n", "n", INTEGER), ("customers", "k", INTEGER), ("share", "share", FLOAT))
NEVER = 2**63 - 1
# What is counted of each doing, a column per touchpoint or outcome: customers with it in the window, in the window
# further away, in both; contacts with it in the window.
NEAR, FAR, BOTH, CONTACTS, ROWS = range(5)
# What is counted of the touchpoint itself.
CUSTOMERS, COUNTED, CENSORED, TOTALS = range(4)


@compiled
def _look(
    customer: Column,
    at: Column,
    doings: Column,
    counted: Column,
    group: Column,
    within: int,
    forward: bool,
    counts: Column,
    totals: Column,
    seen: Column,
) -> None:
    """Look from each contact back at the counted ones, or ahead at them if not `forward`.

    A doing is in the window of its nearest counted contact; in the window further away of one that lies between one and
    two windows off. `seen` remembers whose doing a window saw last, so that a customer counts once.
    """
    who = first = 0
    near = far = -1
    for k in range(len(customer)):
        i = k if forward else len(customer) - 1 - k
        if k == 0 or customer[i] != who:
            who, first, near, far = customer[i], i, -1, -1
        while abs(at[i] - at[first]) > within:
            far = first if counted[first] else far
            first += 1 if forward else -1
        for kind in range(2):
            doing = doings[kind, i]
            if doing and near >= 0 and abs(at[i] - at[near]) <= within:
                counts[group[who], CONTACTS, doing] += 1
                _see(who, doing, NEAR, counts[group[who]], seen)
            if doing and far >= 0 and abs(at[i] - at[far]) <= 2 * within:
                _see(who, doing, FAR, counts[group[who]], seen)
        if counted[i]:
            totals[group[who], CUSTOMERS] += near < 0
            totals[group[who], COUNTED] += 1
            near = i


@compiled
def _see(who: int, doing: int, place: int, counts: Column, seen: Column) -> None:
    """Count a customer whose doing is seen in a window for the first time, and in both if the other one saw it too."""
    if seen[place, doing] != who:
        seen[place, doing] = who
        counts[place, doing] += 1
        counts[BOTH, doing] += seen[1 - place, doing] == who


@dataclass(frozen=True)
class _Seen:
    """counts: side × group × ROWS × doing; totals: side × group × TOTALS; ratings that found no contact."""

    counts: NDArray[np.int64]
    totals: NDArray[np.int64]
    lost: NDArray[np.int64]

    def __add__(self, other: "_Seen") -> "_Seen":
        return _Seen(self.counts + other.counts, self.totals + other.totals, self.lost + other.lost)


@dataclass(frozen=True)
class _Around:
    """What the windows of a bucket lie around: which contacts, in which group each customer is, ratings without contact."""

    contacts: NDArray[np.bool_]
    group: NDArray[np.int8]
    lost: int = 0


def before_after(log: ContactLog, *, touchpoint: str, within_days: float = WITHIN_DAYS) -> pa.Table:
    """Count what customers do in the days before and after a contact with a touchpoint, and whether that is unusual.

    The window before such a contact holds the contacts that come before it in the order of the log, at most `within_days`
    earlier; the window after it likewise. With it is compared the *next window*, as long and right beyond it, from one to
    two times `within_days` away: what the same customers do at another time. A customer counts once for each doing, side
    and window, however often they come. The touchpoint's other contacts are doings too.

    Args:
        log: the contact log, filtered as the caller likes.
        touchpoint: what the windows lie around: a touchpoint, or an outcome such as exit.
        within_days: length of a window, in days, > 0.
    Returns: one row per side and doing: side (string, before or after), kind (string, touchpoint or outcome), name
        (string), contacts (int64, in the window, each once), n (int64, customers with a contact whose two windows lie
        inside the log), customers (int64, of these who did it in the window), share, low, high (float64, customers / n,
        Wilson 95 %), next_share (float64, who did it in the next window), difference, difference_low, difference_high
        (float64, share - next_share, Newcombe 95 %, paired). Shares are null where n is below 30: too few to say. Before
        first, most customers first, then by name. The schema's metadata say of each side how many contacts the windows
        lie around, and how many were censored because the log does not reach two windows further: `before_contacts`,
        `before_censored`, `after_contacts`, `after_censored`.
    Raises: QuestionError if the touchpoint never occurs or `within_days` is not positive or more than a century.
    Cost: four passes over the log.  Source: docs/explanation/before-and-after.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: start web+20d call+1d shop+2d end+30d", "ben: start call+20d web shop end+30d")
    >>> before_after(log, touchpoint="call").select(["side", "name", "n", "customers"]).to_pylist()[:2]
    [{'side': 'before', 'name': 'web', 'n': 2, 'customers': 1}, {'side': 'after', 'name': 'shop', 'n': 2, 'customers': 2}]
    """
    codes = log.doing_codes(touchpoint)

    def everyone(bucket: Bucket) -> _Around:
        met = [bucket.contacts[kind] == code for kind, code in codes.items()]
        return _Around(np.logical_or.reduce(met), np.zeros(bucket.customers, np.int8))

    seen = _seen(log, everyone, 1, window(within_days))
    rows = _rows(log, seen)
    near, far = (_shares(seen, rows, 0, place) for place in (NEAR, FAR))
    both = [int(seen.counts[row.side, 0, BOTH, row.doing]) for row in rows]
    changes = [share_difference(*pair, both=same) for *pair, same in zip(far, near, both, strict=True)]
    columns = {"next_share": _figures(far, "share")} | _differences(changes)
    return pa.table(_columns(seen, rows, near) | columns).replace_schema_metadata(_said(seen))


def disappointment(
    log: ContactLog, *, touchpoint: str, within_days: float = WITHIN_DAYS, measure: str | None = None
) -> pa.Table:
    """Compare what disappointed customers do before and after a contact with a touchpoint with what the others do.

    A rating of the touchpoint belongs to the customer's latest contact with it, at most `within_days` before. Disappointed
    are the customers with a rating in the lowest third of the scale (1 or 2 of 5); the others rated, but never so low.
    The windows lie around the contacts rated so. Who did not rate is in neither group.

    Args:
        log: the contact log, filtered as the caller likes.
        touchpoint: the one that is rated.
        within_days: length of a window, in days, > 0.
        measure: which ratings count, as "csat 1..5"; None: what counts as satisfaction.
    Returns: one row per side and doing: side, kind, name (string), contacts, n, customers (int64), share, low, high
        (float64), all of the disappointed as in `before_after`; others_n, others_customers (int64), others_share
        (float64); difference, difference_low, difference_high (float64, share - others_share, Newcombe 95 %). Shares are
        null where their n is below 30, differences where either n is. Order and metadata as in `before_after`, of both
        groups together; `lost` says how many ratings belong to no contact.
    Raises: QuestionError if the touchpoint or the measure never occurs, the scale is unknown, nobody rated touchpoints at
        all, or `within_days` is not positive or more than a century.
    Cost: four passes over the log, two over the ratings.  Source: docs/explanation/before-and-after.md

    >>> from tangente.contactlog.testing import journeys
    >>> log = journeys("anna: start call+20d=1 shop end+30d", "ben: start call+20d=5 end+30d", "cem: call")
    >>> disappointment(log, touchpoint="call").select(["side", "name", "n", "customers", "others_n"]).to_pylist()
    [{'side': 'after', 'name': 'shop', 'n': 1, 'customers': 1, 'others_n': 1}]
    """
    rated, within = judgement(log, touchpoint, measure), window(within_days)

    def grouped(bucket: Bucket) -> _Around:
        customer = bucket.contacts["customer"]
        marks, lost = rated.marks(log, bucket, within)
        group = np.ones(bucket.customers, np.int8)
        group[customer[marks == DISAPPOINTED]] = 0
        return _Around(marks == np.where(group[customer] == 0, DISAPPOINTED, CONTENT), group, lost)

    seen = _seen(log, grouped, 2, within)
    rows = _rows(log, seen)
    disappointed, others = (_shares(seen, rows, group, NEAR) for group in range(2))
    columns = {f"others_{new}": _figures(others, old, kind) for new, old, kind in OTHERS}
    columns |= _differences([share_difference(*pair) for pair in zip(others, disappointed, strict=True)])
    said = _said(seen) | {"lost": str(seen.lost[0])}
    return pa.table(_columns(seen, rows, disappointed) | columns).replace_schema_metadata(said)


def _seen(log: ContactLog, around: Callable[[Bucket], _Around], groups: int, within: int) -> _Seen:
    spans = (observed_from(log) + 2 * within, NEVER), (-NEVER, observed_until(log) - 2 * within)
    touchpoints = log.codes.size("touchpoint")
    doings = touchpoints + log.codes.size("outcome")

    def visit(summary: _Seen, bucket: Bucket) -> None:
        contacts, looked = bucket.contacts, around(bucket)
        customer, at, outcome = (contacts[name] for name in ("customer", "occurred_at", "outcome"))
        codes = np.stack([contacts["touchpoint"], np.where(outcome > 0, outcome + np.int32(touchpoints), 0)])
        for side, (since, until) in enumerate(spans):
            counted = looked.contacts & (at >= since) & (at <= until)
            unseen, totals = np.full((2, doings), -1, np.int32), summary.totals[side]
            _look(customer, at, codes, counted, looked.group, within, side > 0, summary.counts[side], totals, unseen)
            missing = looked.group[customer[looked.contacts & ~counted]]
            totals[:, CENSORED] += np.bincount(missing, minlength=groups)
        summary.lost[0] += looked.lost

    def start() -> _Seen:
        shapes = (2, groups, ROWS, doings), (2, groups, TOTALS), 1
        return _Seen(*(np.zeros(shape, np.int64) for shape in shapes))

    return fold(log, start, visit)


@dataclass(frozen=True)
class _Row:
    side: int
    kind: str
    name: str
    doing: int


def _rows(log: ContactLog, seen: _Seen) -> list[_Row]:
    """The doings in any window of a side: before first, most customers of the first group first, then by name."""
    doings = [("touchpoint", name) for name in log.codes["touchpoint"]] + [
        ("outcome", name) for name in log.codes["outcome"]
    ]
    found = seen.counts[:, :, [NEAR, FAR]].any(axis=(1, 2))
    rows = [
        _Row(int(side), doings[k][0], str(doings[k][1]), int(k)) for side, k in zip(*np.nonzero(found), strict=True)
    ]
    return sorted(rows, key=lambda row: (row.side, -seen.counts[row.side, 0, NEAR, row.doing], row.name, row.kind))


def _shares(seen: _Seen, rows: list[_Row], group: int, place: int) -> list[Proportion]:
    """How many of the customers did it, without a share where they are too few to say."""
    shares = []
    for row in rows:
        k, n = int(seen.counts[row.side, group, place, row.doing]), int(seen.totals[row.side, group, CUSTOMERS])
        shares.append(wilson(k, n) if n >= FEW else Proportion(n=n, k=k, share=None, low=None, high=None))
    return shares


def _columns(seen: _Seen, rows: list[_Row], shares: list[Proportion]) -> dict[str, pa.Array]:
    return {
        "side": pa.array([SIDES[row.side] for row in rows], pa.string()),
        "kind": pa.array([row.kind for row in rows], pa.string()),
        "name": pa.array([row.name for row in rows], pa.string()),
        "contacts": pa.array([seen.counts[row.side, 0, CONTACTS, row.doing] for row in rows], INTEGER),
        "n": _figures(shares, "n", INTEGER),
        "customers": _figures(shares, "k", INTEGER),
    } | {name: _figures(shares, name) for name in ("share", "low", "high")}


def _differences(changes: list[ShareDifference | None]) -> dict[str, pa.Array]:
    names = {"difference": "value", "difference_low": "low", "difference_high": "high"}
    return {column: _figures(changes, name) for column, name in names.items()}


def _figures(of: Sequence[object], name: str, kind: pa.DataType = FLOAT) -> pa.Array:
    return pa.array([getattr(one, name, None) for one in of], kind)


def _said(seen: _Seen) -> dict[str, str]:
    totals = seen.totals.sum(axis=1)
    columns = {"contacts": COUNTED, "censored": CENSORED}
    return {f"{side}_{name}": str(totals[k, row]) for k, side in enumerate(SIDES) for name, row in columns.items()}
