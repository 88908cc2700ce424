"""The answer sheet: from time to time a customer judges the company and the touchpoints met so far, all at once."""

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.asking import (
    CSAT,
    GIVEN,
    NEVER_USED,
    NOT_ANSWERED,
    NPS,
    SHEET,
    Ratings,
    limits,
    rated,
)
from tangente.contactlog.simulate.company import NOTHING, code
from tangente.contactlog.simulate.diary import Contacts
from tangente.contactlog.simulate.judgement import opinions, overall_thresholds, recommend_thresholds
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.rhythm import END, Codes, Moments, arrivals, digital
from tangente.contactlog.simulate.scores import Floats, cut

_A_YEAR = 0.85
_FILLED_SHARE, _ITEM_SHARE = 0.86, 0.93
_OVERALL, _RECOMMEND = 0, 1
"""The first questions; the touchpoints follow."""


def sheets(rng: np.random.Generator, people: People, contacts: Contacts, since: Moments, until: Moments) -> Ratings:
    """What is asked while people are customers; a sheet that is not filled in is one row, the invitation."""
    customer, at = arrivals(rng, digital(), since, np.minimum(until, END), _A_YEAR)
    filled = people.answers[customer] & (rng.random(len(customer)) < _FILLED_SHARE)
    score = _scores(rng, people.leniency[customer], at)
    answer = np.where(
        filled[:, None], _answers(rng, _first_met(contacts, len(people))[customer] < at[:, None]), NOT_ANSWERED
    )
    sheet, question = np.nonzero(filled[:, None] | (np.arange(score.shape[1]) == _OVERALL))
    return rated(
        SHEET,
        customer[sheet],
        at[sheet],
        answer[sheet, question],
        score[sheet, question],
        sheet=sheet,
        touchpoint=np.concatenate([[NOTHING, NOTHING], _items()])[question],
        metric=np.where(question == _RECOMMEND, NPS, CSAT),
    )


def _items() -> Codes:
    return np.array([code(key) for key in company.DRIVERS])


def _scores(rng: np.random.Generator, leniency: Floats, at: Moments) -> Floats:
    """Sheets × questions."""
    said, items = opinions(rng, leniency), _items()
    hold = limits(np.tile(items, len(at)), np.repeat(at, len(items))).reshape(len(at), len(items), -1)
    overall, recommend = cut(said.overall, overall_thresholds()), cut(said.recommend, recommend_thresholds(), low=0)
    return np.column_stack([overall, recommend, cut(said.items, hold)])


def _answers(rng: np.random.Generator, used: NDArray[np.bool_]) -> Codes:
    """Sheets × questions, were they filled in."""
    given = np.where(rng.random(used.shape) < _ITEM_SHARE, GIVEN, NOT_ANSWERED)
    whole = np.full((len(used), 2), GIVEN)
    return np.column_stack([whole, np.where(used, given, NEVER_USED)])


def _first_met(contacts: Contacts, people: int) -> Moments:
    """When each person first met each touchpoint of the sheet; never: END."""
    position = np.full(len(company.touchpoints()), NOTHING)
    position[_items()] = np.arange(len(company.DRIVERS))
    first = np.full((people, len(company.DRIVERS)), END)
    rows = np.flatnonzero(position[contacts.touchpoint] != NOTHING)
    np.minimum.at(first, (contacts.customer[rows], position[contacts.touchpoint[rows]]), contacts.at[rows])
    return first
