"""What is true of the simulated company, as truth.json holds it: docs/reference/truth.md says what each entry means."""

from itertools import pairwise
from typing import Any

from tangente.contactlog.simulate import company, drivers
from tangente.contactlog.simulate.company import Effect, Shift, code
from tangente.contactlog.simulate.contracts import CAMPAIGN_DAYS, REFERRAL_DAYS
from tangente.contactlog.simulate.judgement import (
    LIKE_SATISFACTION,
    overall_leniency,
    overall_thresholds,
    recommend_thresholds,
)
from tangente.contactlog.simulate.lives import TIE_SHARE
from tangente.contactlog.simulate.prospects import DECISION_DAYS
from tangente.contactlog.simulate.ratings import ANSWERS_A_WEEK
from tangente.contactlog.simulate.rhythm import DAYS, TIMEZONE, iso
from tangente.contactlog.simulate.scores import Answers, answered, experienced, thresholds
from tangente.contactlog.simulate.stream import LATE_SHARE

SILENT_SHARE = 0.60
"""Of the customers give no answer: who answers at all (scores.ANSWERING_SHARE) and who is ever asked make it so."""

_POPULATIONS = {
    "purchase": (
        "prospects: customers whose first contact is at a touchpoint of phase INFLUENCED; met: at least one contact with "
        f"the touchpoint; leave out those whose first contact lies in the last {DECISION_DAYS} days"
    ),
    "repurchase": (
        "customers with a contact at Verlängerungsangebot; met: at least one contact with the touchpoint; nobody is left out"
    ),
    "referral": (
        "customers with outcome purchase; met: at least one contact with the touchpoint; leave out those who bought in "
        f"the last {REFERRAL_DAYS} days; a moved connection day happens to fixed-line tariffs only, which changes nothing else"
    ),
    "exit": (
        "days of customers whose first contact is not at a touchpoint of phase INFLUENCED, from the beginning to their "
        "exit or the end; met: days after a contact with the touchpoint, up to its number of days; (nobody leaves in the "
        f"{CAMPAIGN_DAYS} days after Verlängerungsangebot, which lowers both rates alike)"
    ),
}
_SHARES = {
    "purchase": company.PURCHASE_SHARE,
    "repurchase": company.REPURCHASE_SHARE,
    "referral": company.REFERRAL_SHARE,
}


def truth(*, contacts: int, seed: int, customers: int, ratings: int) -> dict[str, Any]:
    return {
        "company": company.NAME,
        "seed": seed,
        "contacts": contacts,
        "customers": customers,
        "ratings": ratings,
        "from": iso(0),
        "to": iso(DAYS),
        "timezone": TIMEZONE,
        "currency": company.CURRENCY,
        "shares": {"silent_customers": SILENT_SHARE, "late_contacts": LATE_SHARE, "tied_contacts": TIE_SHARE},
        "outcomes": _outcomes(),
        "effects": [_effect(effect) for effect in company.EFFECTS],
        "shifts": [_shift(shift, contacts) for shift in company.SHIFTS],
        "satisfaction": _satisfaction(),
        "overall": _overall(),
        "drivers": _drivers(),
        "repeats": _repeats(),
        "unit_costs": [{"touchpoint": row.name_de, "unit_cost": row.unit_cost} for row in company.touchpoints()],
    }


def _name(key: str) -> str:
    return company.touchpoints()[code(key)].name_de


def _outcomes() -> list[dict[str, Any]]:
    return [
        {
            "outcome": name,
            "population": population,
            "share_without_effects": _SHARES.get(name),
            "exits_a_year_without_effects": company.EXITS_A_YEAR if name == "exit" else None,
            "without_effect": [_name(key) for key in company.WITHOUT_EFFECT[name]],
        }
        for name, population in _POPULATIONS.items()
    ]


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "outcome": effect.outcome,
        "touchpoint": _name(effect.key),
        "kind": effect.kind,
        "value": effect.value,
        "days": effect.days,
    }


def _shift(shift: Shift, contacts: int) -> dict[str, Any]:
    return {
        "name": shift.name,
        "touchpoint": _name(shift.key),
        "points": shift.points,
        "from": iso(shift.first_day),
        "to": iso(shift.end_day),
        "answers_a_week": round(ANSWERS_A_WEEK[shift.key] * contacts, 2),
    }


def _satisfaction() -> list[dict[str, Any]]:
    rows = []
    for touchpoint in company.touchpoints():
        if touchpoint.satisfaction is not None:
            shifts = [shift for shift in company.SHIFTS if shift.key == touchpoint.key]
            for first, end, points in _levels(shifts):
                limits = thresholds(touchpoint.satisfaction + points)
                level = {"touchpoint": touchpoint.name_de, "from": iso(first), "to": iso(end)}
                rows.append(level | _means(answered(limits), experienced(limits)))
    return rows


def _levels(shifts: list[Shift]) -> list[tuple[int, int, float]]:
    days = sorted({0, DAYS, *(day for shift in shifts for day in (shift.first_day, shift.end_day))})
    return [
        (first, end, sum(shift.points for shift in shifts if shift.first_day <= first < shift.end_day))
        for first, end in pairwise(days)
    ]


def _means(said: Answers, lived: Answers) -> dict[str, Any]:
    return {"answered": round(said.mean, 4), "experienced": round(lived.mean, 4), "sd": round(said.sd, 4)}


def _overall() -> dict[str, Any]:
    limits, to_recommend = overall_thresholds(), recommend_thresholds()
    said = answered(to_recommend, LIKE_SATISFACTION * overall_leniency(), low=0)
    return {
        "satisfaction": _means(answered(limits, overall_leniency()), experienced(limits)),
        "nps": {"answered": _nps(said), "experienced": _nps(experienced(to_recommend, low=0))},
        "recommendation": company.RECOMMENDED_SHARE,
    }


def _nps(answers: Answers) -> float:
    return round(100 * (sum(answers.shares[9:]) - sum(answers.shares[:7])), 2)


def _drivers() -> dict[str, Any]:
    shares = zip(company.DRIVERS.items(), drivers.lmg(), drivers.relative_weights(), strict=True)
    return {
        "r2": round(drivers.r2(), 4),
        "touchpoints": [
            {
                "touchpoint": _name(key),
                "weight": weight,
                "lmg_share": round(float(lmg), 4),
                "relative_weights_share": round(float(relative), 4),
            }
            for (key, weight), lmg, relative in shares
        ],
    }


def _repeats() -> list[dict[str, Any]]:
    queue = [("hotline_queue", desk.menu, desk.repeat_share) for desk in company.HELPDESKS]
    served = [(desk.key, reason, desk.repeat_share) for desk in company.HELPDESKS for reason in desk.reasons]
    chats = [
        ("service_chat", reason, desk.chat_repeat_share)
        for desk in company.HELPDESKS
        if desk is not company.ORDER
        for reason in desk.reasons
    ]
    return [
        {"touchpoint": _name(key), "reason": reason, "within_days": 7, "share": share}
        for key, reason, share in [*queue, *served, *chats]
    ]
