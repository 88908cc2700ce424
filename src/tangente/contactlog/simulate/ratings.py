"""What customers say: a question after some contacts, an answer sheet from time to time, one question to new customers."""

import math
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.company import NOTHING, code
from tangente.contactlog.simulate.diary import Contacts, lognormal
from tangente.contactlog.simulate.judgement import opinions, overall_thresholds, recommend_thresholds
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.rhythm import DAY, END, HOUR, Codes, Moments, arrivals, digital
from tangente.contactlog.simulate.scores import LENIENCY_SHARE, Floats, cut, thresholds

GIVEN, NEVER_USED, NOT_ANSWERED = 0, 1, 2
CSAT, NPS, RECOMMENDED = 0, 1, 2
AFTER_CONTACT, SHEET, NEW_CUSTOMER = 0, 1, 2

QUIET_DAYS = 14
"""Nobody is asked after a contact if they might have been asked in the days before."""

ANSWERS_A_WEEK = {"customer_account": 168e-6, "fault_report": 62e-6}
"""About so many times the contacts of the whole simulation: what the rates below come to."""

_SHEETS_A_YEAR = 0.85
_SHEET_ANSWERED, _ITEM_ANSWERED = 0.86, 0.93
_CONTACT_ANSWERED = 0.6
_NEW_CUSTOMER_ANSWERED = 0.7


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """A row each. `sheet` numbers the answer sheets, `contact` is a row of the contacts (NOTHING: of none)."""

    sheet: Codes
    customer: Codes
    contact: Codes
    at: Moments
    touchpoint: Codes
    metric: Codes
    answer: Codes
    score: Floats
    survey: Codes

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Codes) -> Self:
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def ratings(rng: np.random.Generator, people: People, contacts: Contacts, since: Moments, until: Moments) -> Ratings:
    """Everything asked of a block of customers, by time."""
    asked = [
        _after_contacts(rng, people, contacts),
        _sheets(rng, people, contacts, since, until),
        _new_customers(rng, people, contacts),
    ]
    first_sheets = np.cumsum([0] + [int(rows.sheet.max(initial=-1)) + 1 for rows in asked])
    joined = {field.name: np.concatenate([getattr(rows, field.name) for rows in asked]) for field in fields(Ratings)}
    joined["sheet"] = joined["sheet"] + np.repeat(first_sheets[:-1], [len(rows) for rows in asked])
    everything = Ratings(**joined)
    inside = np.flatnonzero(everything.at < END)
    return everything.take(inside[np.argsort(everything.at[inside], kind="stable")])


def _rows(survey: int, customer: Codes, at: Moments, answer: Codes, score: Floats, **columns: Codes | int) -> Ratings:
    """One rating a sheet, about the company as a whole unless said otherwise."""
    count = len(customer)
    values = {"sheet": np.arange(count), "contact": NOTHING, "touchpoint": NOTHING, "metric": CSAT} | columns
    full = {name: np.broadcast_to(np.asarray(value, np.int64), count) for name, value in values.items()}
    score = np.where(answer == GIVEN, score, math.nan)
    return Ratings(customer=customer, at=at, answer=answer, score=score, survey=np.full(count, survey), **full)


def _after_contacts(rng: np.random.Generator, people: People, contacts: Contacts) -> Ratings:
    asked = np.flatnonzero(rng.random(len(contacts)) < company.column("asked_share")[contacts.touchpoint])
    customer, at = contacts.customer[asked], contacts.at[asked]
    soon = (np.diff(customer) == 0) & (np.diff(at) < QUIET_DAYS * DAY)
    asked = asked[np.concatenate([[True], ~soon])] if len(asked) else asked
    customer, touchpoint = contacts.customer[asked], contacts.touchpoint[asked]
    at = contacts.at[asked] + np.minimum(lognormal(rng, 7 * HOUR, 1.0, len(asked)), 6 * DAY)
    opinion = math.sqrt(LENIENCY_SHARE) * people.leniency[customer]
    opinion = opinion + math.sqrt(1 - LENIENCY_SHARE) * rng.standard_normal(len(asked))
    answers = people.answers[customer] & (rng.random(len(asked)) < _CONTACT_ANSWERED)
    answer = np.where(answers, GIVEN, NOT_ANSWERED)
    score = cut(opinion, limits(touchpoint, at))
    return _rows(AFTER_CONTACT, customer, at, answer, score, touchpoint=touchpoint, contact=asked)


def _new_customers(rng: np.random.Generator, people: People, contacts: Contacts) -> Ratings:
    """Did you come to us because somebody recommended us?"""
    bought = contacts.take(np.flatnonzero(contacts.outcome == company.outcome("purchase")))
    recommended = np.zeros(len(people), bool)
    recommended[contacts.of("recommendation").customer] = True
    answers = people.answers[bought.customer] & (rng.random(len(bought)) < _NEW_CUSTOMER_ANSWERED)
    answer = np.where(answers, GIVEN, NOT_ANSWERED)
    score = recommended[bought.customer].astype(np.float64)
    return _rows(NEW_CUSTOMER, bought.customer, bought.at + HOUR // 4, answer, score, metric=RECOMMENDED)


def _sheets(rng: np.random.Generator, people: People, contacts: Contacts, since: Moments, until: Moments) -> Ratings:
    """A sheet of a customer who does not answer is one row: the invitation."""
    customer, at = arrivals(rng, digital(), since, np.minimum(until, END), _SHEETS_A_YEAR)
    filled = people.answers[customer] & (rng.random(len(customer)) < _SHEET_ANSWERED)
    said = opinions(rng, people.leniency[customer])
    items = np.array([code(key) for key in company.DRIVERS])
    about_items = cut(
        said.items, limits(np.tile(items, len(customer)), np.repeat(at, len(items))).reshape(len(at), len(items), -1)
    )
    overall, recommend = cut(said.overall, overall_thresholds()), cut(said.recommend, recommend_thresholds(), low=0)
    score = np.column_stack([overall, recommend, about_items])
    answered = rng.random((len(customer), len(items))) < _ITEM_ANSWERED
    answer = np.where(
        _used(contacts, len(people))[customer] < at[:, None], np.where(answered, GIVEN, NOT_ANSWERED), NEVER_USED
    )
    answer = np.column_stack([np.full((len(customer), 2), GIVEN), answer])
    answer[~filled] = NOT_ANSWERED
    asked = np.ones(answer.shape, bool)
    asked[~filled, 1:] = False
    sheet, question = np.nonzero(asked)
    return _rows(
        SHEET,
        customer[sheet],
        at[sheet],
        answer[asked],
        score[asked],
        sheet=sheet,
        touchpoint=np.concatenate([[NOTHING, NOTHING], items])[question],
        metric=np.where(question == 1, NPS, CSAT),
    )


def _used(contacts: Contacts, people: int) -> Moments:
    """When each person first met each touchpoint of the sheet; never: END."""
    position = np.full(len(company.touchpoints()), NOTHING)
    position[[code(key) for key in company.DRIVERS]] = np.arange(len(company.DRIVERS))
    first = np.full((people, len(company.DRIVERS)), END)
    rows = np.flatnonzero(position[contacts.touchpoint] != NOTHING)
    np.minimum.at(first, (contacts.customer[rows], position[contacts.touchpoint[rows]]), contacts.at[rows])
    return first


def limits(touchpoint: Codes, at: Moments) -> Floats:
    """The thresholds that hold at a touchpoint at a moment, a row each."""
    means = company.column("satisfaction")
    table = np.array([thresholds(mean) if mean == mean else np.full(4, math.inf) for mean in means])
    rows: NDArray[np.float64] = table[touchpoint]
    for shift in company.SHIFTS:
        then = (at >= shift.first_day * DAY) & (at < shift.end_day * DAY) & (touchpoint == code(shift.key))
        rows[then] = thresholds(float(means[code(shift.key)]) + shift.points)
    return rows
