"""The stream of the company's rows: block after block of customers, each made from the seed and its own number alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tangente.contactlog.simulate.diary import lognormal
from tangente.contactlog.simulate.lives import lives
from tangente.contactlog.simulate.people import people
from tangente.contactlog.simulate.ratings import ratings
from tangente.contactlog.simulate.rhythm import DAY, HOUR, Codes, Moments, utc
from tangente.contactlog.simulate.rows import contact_rows, ids, rating_rows
from tangente.errors import QuestionError

BLOCK = 2_048
LATE_SHARE = 0.05
"""Of the contacts: written down hours or days after they happened."""

_ROOM = 1_000_000
"""More than the contacts or ratings of a block: keeps the ids of blocks apart."""


@dataclass(frozen=True)
class Block:
    """The rows of some customers, in order of arrival (seconds since 1970) at the system that wrote them down."""

    contacts: pa.RecordBatch
    contacts_arrived: Moments
    ratings: pa.RecordBatch
    ratings_arrived: Moments
    customers: int


def simulate(*, contacts: int, seed: int) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Simulate the company Morgennetz from 2024-10-01 to 2026-09-30: what customers did and what they said.

    The customers come in blocks; a customer's rows are in one block only. A block depends on the seed and its number
    alone, so a larger simulation begins with the same customers as a smaller one. The last customer's contacts end
    where the number asked for is reached (this customer has no ratings).

    Args:
        contacts: how many contacts in all, at least 1; exactly so many come.
        seed: any whole number from 0 on; equal seeds give equal rows.
    Returns: for each block its contacts and its ratings, as schema.CONTACTS and schema.RATINGS in source form: the
        customers' ids are those of the source, not yet pseudonyms; amounts are millionths of a euro. Contacts stand in
        the order in which they were written down, so late ones stand after later ones; ratings by time.
    Raises: QuestionError if `contacts` or `seed` is too small.
    Cost: about 3 s and 200 MB for a million contacts; memory does not grow.  Source: docs/explanation/simulated-company.md

    >>> [len(happened) for happened, said in simulate(contacts=500, seed=1)]
    [500]
    """
    return ((block.contacts, block.ratings) for block in blocks(contacts=contacts, seed=seed))


def blocks(*, contacts: int, seed: int) -> Iterator[Block]:
    if contacts < 1:
        raise QuestionError(f"contacts is {contacts}; a simulation needs at least 1")
    if seed < 0:
        raise QuestionError(f"seed is {seed}; it must be 0 or more")
    return _blocks(contacts, seed)


def _blocks(contacts: int, seed: int) -> Iterator[Block]:
    number = 0
    while contacts > 0:
        block = _block(seed, number, contacts)
        yield block
        contacts -= len(block.contacts)
        number += 1


def _block(seed: int, number: int, at_most: int) -> Block:
    """The contacts of whole customers up to so many contacts; of the customer cut off there no ratings."""
    to_live, to_say, to_arrive, to_write = (np.random.default_rng([seed, number, topic]) for topic in range(4))
    who = people(to_live, BLOCK)
    done, since, until = lives(to_live, who)
    said = ratings(to_say, who, done, since, until)
    arrived = _arrival(to_arrive, utc(done.at))
    customer_ids = ids("K-", number * BLOCK + 1 + np.arange(BLOCK), 7)
    contact_ids = ids("C", number * _ROOM + _ranks(arrived), 11)
    contacts = contact_rows(to_write, who, done, customer_ids, contact_ids)
    kept = np.argsort(arrived[:at_most], kind="stable")
    first_cut = done.customer[at_most] if at_most < len(done) else BLOCK
    heard = np.flatnonzero(said.customer < first_cut)
    return Block(
        contacts=contacts.take(pa.array(kept)),
        contacts_arrived=arrived[kept],
        ratings=rating_rows(who, said, customer_ids, contact_ids, number * _ROOM).take(pa.array(heard)),
        ratings_arrived=utc(said.at)[heard],
        customers=len(np.unique(done.customer[:at_most])),
    )


def _arrival(rng: np.random.Generator, at: Moments) -> Moments:
    is_late = rng.random(len(at)) < LATE_SHARE
    delay = np.maximum(lognormal(rng, 3 * DAY, 0.8, len(at)), 6 * HOUR)
    return np.where(is_late, at + delay, at)


def _ranks(values: Moments) -> Codes:
    ranks = np.empty(len(values), np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
