"""The whole lives of a block of customers, from their first contact to their last."""

from dataclasses import replace

import numpy as np

from tangente.contactlog.simulate.contracts import leave, refer, renew, take_leave
from tangente.contactlog.simulate.diary import Contacts, Diary
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.prospects import become_customers, begin
from tangente.contactlog.simulate.rhythm import DAY, HOUR, Moments
from tangente.contactlog.simulate.usage import use

TIE_SHARE = 0.01
"""Of the contacts: at the very second of the same customer's contact before."""


def lives(rng: np.random.Generator, people: People) -> tuple[Contacts, Moments, Moments]:
    """All contacts, by customer and time; since when and until when each person is a customer."""
    diary = Diary()
    since = become_customers(rng, diary, people)
    met = begin(rng, diary, people, since)
    since[~people.is_prospect] = 0
    refer(rng, diary, since, met)
    campaign = renew(rng, diary, people)
    use(rng, diary, people, np.where(since > 0, since + 14 * DAY, 0))
    lived = diary.contacts()
    exits = leave(rng, lived, since, campaign)
    until_exit = Diary()
    until_exit.append(lived.take(np.flatnonzero(lived.at < exits[lived.customer])))
    take_leave(rng, until_exit, exits)
    return _with_ties(rng, until_exit.contacts()), since, exits


def _with_ties(rng: np.random.Generator, contacts: Contacts) -> Contacts:
    """Systems that write down two steps at once: some contacts get the time of the one an instant before."""
    at = contacts.at.copy()
    near = (np.diff(contacts.customer) == 0) & (np.diff(at) < HOUR)
    second = 1 + np.flatnonzero(near)[::2]  # so that no tie meets another
    chosen = rng.permutation(second)[: round(TIE_SHARE * len(at))]
    at[chosen] = at[chosen - 1]
    return replace(contacts, at=at)
