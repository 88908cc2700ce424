"""What customers have to do with us while they are customers: bills, faults, questions, moves, and much online."""

import numpy as np

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.company import BILL, CONTRACT, FAULT
from tangente.contactlog.simulate.diary import Diary, lognormal, spaced
from tangente.contactlog.simulate.helpdesk import SPACING_DAYS, call, chat
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.rhythm import DAY, END, HOUR, Codes, Moments, arrivals, digital, opened, service

_QUIET = {
    "customer_account": 3.4,
    "newsletter": 1.9,
    "forum": 0.06,
}
"""Online contacts without an occasion, a year."""

_SERVICE_CHECKS = 0.30
_ADVISORY_BOARD = 0.0004
_FAULTS_WIRED, _FAULTS_MOBILE = 0.70, 0.25
_BILLS = 3.2  # opened ones
_QUESTION_SHARE = 0.09  # of opened bills
_CONTRACT_QUESTIONS = 0.34
_MOVES = 0.055


def use(rng: np.random.Generator, diary: Diary, people: People, since: Moments) -> None:
    """Write what happens from `since` to the end of the two years."""
    until = np.full(len(people), END)
    for key, rate in _QUIET.items():
        diary.write(key, *arrivals(rng, digital(), since, until, rate * people.online))
    checks, at = arrivals(rng, service(), since, until, _SERVICE_CHECKS)  # whoever it is: its effect can be seen
    diary.write("service_check", checks, opened(rng, at, "office"), outcome="resolved")
    diary.write("advisory_board", *arrivals(rng, service(), since, until, _ADVISORY_BOARD))
    _bills(rng, diary, people, since, until)
    _faults(rng, diary, people, since, until)
    _contract_questions(rng, diary, people, since, until)
    _moves(rng, diary, people, since, until)


def _bills(rng: np.random.Generator, diary: Diary, people: People, since: Moments, until: Moments) -> None:
    customer, at = arrivals(rng, digital(), since, until, _BILLS)
    at = at - at % (30 * DAY) + at % (7 * DAY)  # bills come in one week of a month
    customer, at = customer[at >= since[customer]], at[at >= since[customer]]
    diary.write("invoice", customer, at)
    asks = rng.random(len(customer)) < _QUESTION_SHARE * people.occasions[customer]
    asked = at[asks] + lognormal(rng, 1.2 * DAY, 0.8, int(asks.sum()))
    customer, at = spaced(customer[asks], asked, SPACING_DAYS)
    by_phone = rng.random(len(customer)) < 0.78
    call(rng, diary, customer[by_phone], at[by_phone], BILL)
    chat(rng, diary, customer[~by_phone], at[~by_phone], BILL)


def _contract_questions(rng: np.random.Generator, diary: Diary, people: People, since: Moments, until: Moments) -> None:
    customer, at = spaced(*arrivals(rng, service(), since, until, _CONTRACT_QUESTIONS * people.occasions), SPACING_DAYS)
    way = rng.choice(3, len(customer), p=[0.58, 0.20, 0.22])
    call(rng, diary, customer[way == 0], at[way == 0], CONTRACT)
    chat(rng, diary, customer[way == 1], at[way == 1], CONTRACT)
    diary.write("customer_account", customer[way == 2], at[way == 2], outcome="resolved")


def _moves(rng: np.random.Generator, diary: Diary, people: People, since: Moments, until: Moments) -> None:
    customer, at = arrivals(rng, service(), since, until, _MOVES)
    diary.write("move_service", customer, at, reason="Umzug", outcome="resolved")
    wired = people.is_wired[customer]
    _visit(rng, diary, customer[wired], at[wired] + lognormal(rng, 17 * DAY, 0.4, int(wired.sum())), "Umzug")


def _faults(rng: np.random.Generator, diary: Diary, people: People, since: Moments, until: Moments) -> None:
    rate = np.where(people.is_wired, _FAULTS_WIRED, _FAULTS_MOBILE) * people.occasions
    customer, at = spaced(*arrivals(rng, service(), since, until, rate), SPACING_DAYS)
    looks = rng.random(len(customer)) < 0.45
    diary.write("outage_map", customer[looks], at[looks], reason=FAULT.menu)
    asked = at + lognormal(rng, 3 * HOUR, 0.9, len(at))
    way = rng.choice(3, len(customer), p=[0.62, 0.18, 0.20])  # the rest waits until it works again
    chat(rng, diary, customer[way == 1], asked[way == 1], FAULT)
    customer, asked = customer[way == 0], asked[way == 0]
    calls, last = call(rng, diary, customer, asked, FAULT)
    sent = people.is_wired[customer] & (rng.random(len(customer)) < 0.42)
    visit = last[sent] + lognormal(rng, 2.6 * DAY, 0.6, int(sent.sum()))
    _visit(rng, diary, customer[sent], visit, "Entstörung")
    complains = rng.random(len(customer)) < np.where(calls > 2, 0.3, 0.03)
    at = opened(rng, last[complains] + lognormal(rng, 3 * DAY, 0.8, int(complains.sum())), "office")
    diary.write("complaint", customer[complains], at, reason="Beschwerde", outcome="resolved")


def _visit(rng: np.random.Generator, diary: Diary, customer: Codes, at: Moments, reason: str) -> None:
    """A technician comes, or we cancel a few hours before and come later."""
    at = opened(rng, at, "field")
    cancelled = rng.random(len(customer)) < 0.27
    notice = opened(rng, at[cancelled] - 4 * HOUR, "office")
    diary.write("appointment_cancelled", customer[cancelled], notice, reason=reason, outcome="open")
    later = at[cancelled] + lognormal(rng, 6 * DAY, 0.5, int(cancelled.sum()))
    at[cancelled] = opened(rng, np.maximum(later, notice + 1), "field")
    outcome = np.where(rng.random(len(at)) < 0.86, company.outcome("resolved"), company.outcome("open"))
    diary.write("technician_visit", customer, at, reason=reason, outcome=outcome)
