"""The contacts of a block of customers while they are made: numbers only, in parallel arrays."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.rhythm import DAY, END, Codes, Moments


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """A row each: whose, when (local seconds), where, why, with what outcome (codes; NOTHING: none), its value (€ cents)."""

    customer: Codes
    at: Moments
    touchpoint: Codes
    reason: Codes
    outcome: Codes
    value: Codes

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Codes) -> Self:
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def of(self, key: str) -> Self:
        """Those at one touchpoint."""
        return self.take(np.flatnonzero(self.touchpoint == company.code(key)))


class Diary:
    """Contacts are written occasion by occasion; those outside the two years are left out."""

    def __init__(self) -> None:
        self._entries: list[Contacts] = []

    def write(
        self,
        touchpoint: str | Codes,
        customer: Codes,
        at: Moments,
        *,
        reason: str | Codes | None = None,
        outcome: str | Codes | None = None,
        value: Codes | int = 0,
    ) -> None:
        count = len(customer)
        entry = Contacts(
            customer=customer,
            at=at,
            touchpoint=_codes(touchpoint, company.code, count),
            reason=_codes(reason, company.reason, count),
            outcome=_codes(outcome, company.outcome, count),
            value=np.broadcast_to(np.asarray(value, np.int64), count),
        )
        self.append(entry.take(np.flatnonzero((at >= 0) & (at < END))))

    def append(self, contacts: Contacts) -> None:
        self._entries.append(contacts)

    def contacts(self) -> Contacts:
        """All, by customer and time; what was written first comes first at equal time."""
        names = [field.name for field in fields(Contacts)]
        entries = self._entries
        everything = Contacts(**{name: np.concatenate([getattr(entry, name) for entry in entries]) for name in names})
        return everything.take(np.lexsort((everything.at, everything.customer)))


def _codes(name: str | Codes | None, code: Callable[[str], int], count: int) -> Codes:
    if name is None:
        return np.full(count, company.NOTHING)
    return np.full(count, code(name)) if isinstance(name, str) else name


def spaced(customer: Codes, at: Moments, days: float) -> tuple[Codes, Moments]:
    """Occasions at least so many days after the customer's one before."""
    order = np.lexsort((at, customer))
    customer, at = customer[order], at[order]
    follows = (customer[1:] == customer[:-1]) & (np.diff(at) < days * DAY)
    keep = np.concatenate([[True], ~follows]) if len(customer) else np.empty(0, bool)
    return customer[keep], at[keep]


def lognormal(rng: np.random.Generator, median: float, spread: float, count: int) -> Moments:
    """Waiting times in seconds."""
    return (median * np.exp(spread * rng.standard_normal(count))).astype(np.int64)
