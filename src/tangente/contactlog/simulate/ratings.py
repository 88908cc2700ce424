"""What customers say: a question after some contacts, an answer sheet from time to time, one question to new customers."""

import math
from dataclasses import fields

import numpy as np

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.asking import (
    AFTER_CONTACT,
    GIVEN,
    NEW_CUSTOMER,
    NOT_ANSWERED,
    RECOMMENDED,
    Ratings,
    limits,
    rated,
)
from tangente.contactlog.simulate.diary import Contacts, lognormal
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.rhythm import DAY, END, HOUR, Moments
from tangente.contactlog.simulate.scores import LENIENCY_SHARE, cut
from tangente.contactlog.simulate.sheets import sheets

QUIET_DAYS = 14
"""Nobody is asked after a contact if they might have been asked in the days before."""

ANSWERS_A_WEEK = {"customer_account": 168e-6, "fault_report": 62e-6}
"""About so many times the contacts of the whole simulation: what the rates here and of the answer sheet come to."""

_CONTACT_ANSWERED = 0.6
_NEW_CUSTOMER_ANSWERED = 0.7


def ratings(rng: np.random.Generator, people: People, contacts: Contacts, since: Moments, until: Moments) -> Ratings:
    """Everything asked of a block of customers, by time."""
    asked = [
        _after_contacts(rng, people, contacts),
        sheets(rng, people, contacts, since, until),
        _new_customers(rng, people, contacts),
    ]
    first_sheets = np.cumsum([0] + [int(rows.sheet.max(initial=-1)) + 1 for rows in asked])
    joined = {field.name: np.concatenate([getattr(rows, field.name) for rows in asked]) for field in fields(Ratings)}
    joined["sheet"] = joined["sheet"] + np.repeat(first_sheets[:-1], [len(rows) for rows in asked])
    everything = Ratings(**joined)
    inside = np.flatnonzero(everything.at < END)
    return everything.take(inside[np.argsort(everything.at[inside], kind="stable")])


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
    return rated(AFTER_CONTACT, customer, at, answer, score, touchpoint=touchpoint, contact=asked)


def _new_customers(rng: np.random.Generator, people: People, contacts: Contacts) -> Ratings:
    """Did you come to us because somebody recommended us?"""
    bought = contacts.take(np.flatnonzero(contacts.outcome == company.outcome("purchase")))
    recommended = np.zeros(len(people), bool)
    recommended[contacts.of("recommendation").customer] = True
    answers = people.answers[bought.customer] & (rng.random(len(bought)) < _NEW_CUSTOMER_ANSWERED)
    answer = np.where(answers, GIVEN, NOT_ANSWERED)
    score = recommended[bought.customer].astype(np.float64)
    return rated(NEW_CUSTOMER, bought.customer, bought.at + HOUR // 4, answer, score, metric=RECOMMENDED)
