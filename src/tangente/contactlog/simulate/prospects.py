"""How people become customers: what they meet, whether they buy, and the first weeks after."""

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.company import ORDER, code, contract_cents
from tangente.contactlog.simulate.diary import Diary, lognormal
from tangente.contactlog.simulate.helpdesk import call
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.rhythm import DAY, DAYS, END, Codes, Moments, digital, opened

DECISION_DAYS = 50
"""After their first contact everyone has decided."""

_FIRST = {
    "search_ad": 0.29,
    "comparison_portal": 0.25,
    "recommendation": company.RECOMMENDED_SHARE,
    "mailing": 0.14,
    "banner": 0.0985,
    "trade_fair": 0.0015,
}
_MEETS = {
    "banner": (0.35, 1.2),
    "review_portal": (0.30, 0.4),
    "tariff_overview": (0.62, 0.7),
    "availability_check": (0.66, 0.4),
    "advice_chat": (0.14, 0.2),
    "shop_advice": (0.24, 0.15),
}
"""The share that meets a touchpoint, each independent of all else, and how often beyond the first time."""


def become_customers(rng: np.random.Generator, diary: Diary, people: People) -> Moments:
    """Write the prospects' journeys; answer since when each person is a customer (END: never)."""
    prospects = np.flatnonzero(people.is_prospect)
    first = digital().moments(rng, rng.random(len(prospects)) * DAYS)
    thinking = np.clip(lognormal(rng, 11 * DAY, 0.8, len(prospects)), DAY, (DECISION_DAYS - 6) * DAY)
    met = _meet(rng, diary, prospects, first, thinking)
    odds = company.PURCHASE_SHARE / (1 - company.PURCHASE_SHARE) * odds_ratios("purchase", met, len(prospects))
    buys = np.flatnonzero(rng.random(len(prospects)) < odds / (1 + odds))
    at = (first + thinking)[buys] + 3 * DAY  # contacts that waited for opening hours still lie before
    since = np.full(len(people), END)
    since[prospects[buys]] = _buy(rng, diary, people, prospects[buys], at, met["shop_advice"][buys])
    return since


def odds_ratios(outcome: str, met: dict[str, NDArray[np.bool_]], count: int) -> NDArray[np.float64]:
    """What the touchpoints with an effect multiply each one's odds by."""
    ratios = np.ones(count)
    for effect in company.EFFECTS:
        if effect.outcome == outcome:
            ratios *= np.where(met[effect.key], effect.value, 1.0)
    return ratios


def _meet(
    rng: np.random.Generator, diary: Diary, customer: Codes, first: Moments, thinking: Moments
) -> dict[str, NDArray[np.bool_]]:
    doors = np.array([code(key) for key in _FIRST])
    door = doors[rng.choice(len(_FIRST), len(customer), p=list(_FIRST.values()))]
    diary.write(door, customer, first)
    met = {}
    for key, (share, more) in _MEETS.items():
        met[key] = rng.random(len(customer)) < share
        who = np.repeat(np.flatnonzero(met[key]), 1 + rng.poisson(more, int(met[key].sum())))
        at = first[who] + 1 + (rng.random(len(who)) * thinking[who]).astype(np.int64)
        touchpoint = company.touchpoints()[code(key)]
        is_advice = touchpoint.mediation == "human"
        diary.write(
            key, customer[who], opened(rng, at, touchpoint.hours), reason="Tarifberatung" if is_advice else None
        )
    return met


def _buy(
    rng: np.random.Generator,
    diary: Diary,
    people: People,
    customer: Codes,
    at: Moments,
    advised: NDArray[np.bool_],
) -> Moments:
    by_phone = rng.random(len(customer)) < 0.24
    in_shop = rng.random(len(customer)) < np.where(advised, 0.55, 0.03)
    where = np.where(in_shop, code("shop_contract"), np.where(by_phone, code("order_hotline"), code("online_shop")))
    at = np.where(in_shop, opened(rng, at, "shop"), np.where(by_phone, opened(rng, at, "hotline"), at))
    diary.write(
        where,
        customer,
        at,
        reason="Neuer Anschluss",
        outcome="purchase",
        value=contract_cents()[people.tariff[customer]],
    )
    diary.write("order_confirmation", customer, at + lognormal(rng, 120, 0.8, len(at)), reason="Neuer Anschluss")
    return at


def begin(rng: np.random.Generator, diary: Diary, people: People, since: Moments) -> dict[str, NDArray[np.bool_]]:
    """The first weeks of those who bought; answer who met the touchpoints that come by chance, by position in people."""
    customer = np.flatnonzero(people.is_prospect & (since < END))
    at, wired = since[customer], people.is_wired[customer]
    delivered = rng.random(len(customer)) < 0.8
    arrives = opened(rng, at + lognormal(rng, 3 * DAY, 0.4, len(at)), "field")
    diary.write("router_delivery", customer[delivered], arrives[delivered], reason="Neuer Anschluss")
    met = {key: np.zeros(len(people), bool) for key in ("reschedule", "welcome_call")}
    moved = wired & (rng.random(len(customer)) < 0.28)
    notice = opened(rng, at + lognormal(rng, 6 * DAY, 0.5, len(at)), "office")
    diary.write("reschedule", customer[moved], notice[moved], reason="Erstanschluss")
    visit = opened(rng, at + lognormal(rng, 15 * DAY, 0.5, len(at)) + np.where(moved, 9 * DAY, 0), "field")
    done = np.where(rng.random(len(customer)) < 0.88, company.outcome("resolved"), company.outcome("open"))
    diary.write("technician_visit", customer[wired], visit[wired], reason="Erstanschluss", outcome=done[wired])
    asks = rng.random(len(customer)) < np.where(moved, 0.5, 0.2)
    call(rng, diary, customer[asks], (at + lognormal(rng, 8 * DAY, 0.5, len(at)))[asks], ORDER)
    greeted = rng.random(len(customer)) < 0.45
    greeting = opened(rng, at + rng.integers(20 * DAY, 45 * DAY, len(at)), "office")
    diary.write("welcome_call", customer[greeted], greeting[greeted], outcome="resolved")
    met["reschedule"][customer[moved]] = True
    met["welcome_call"][customer[greeted]] = True
    return met
