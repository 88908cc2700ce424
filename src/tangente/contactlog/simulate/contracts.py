"""Whether customers renew, recommend us and leave: each caused by touchpoints that come by chance."""

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.company import Effect, contract_cents
from tangente.contactlog.simulate.diary import Contacts, Diary, lognormal
from tangente.contactlog.simulate.people import People
from tangente.contactlog.simulate.prospects import odds_ratios
from tangente.contactlog.simulate.rhythm import DAY, END, YEAR, Codes, Moments, digital, opened

CAMPAIGN_DAYS = 62
"""From the renewal offer to the decision."""
REFERRAL_DAYS = 150
"""After the purchase everyone has decided whether to recommend us; until then nobody can leave."""

_NEVER = 2 * END


def renew(rng: np.random.Generator, diary: Diary, people: People) -> Moments:
    """Write the end of a contract of each earlier customer; answer when its campaign begins (else _NEVER)."""
    customer = np.flatnonzero(~people.is_prospect)
    offered = opened(rng, rng.integers(0, END - (CAMPAIGN_DAYS + 4) * DAY, len(customer)), "office")
    diary.write("renewal_offer", customer, offered, reason="Vertragsverlängerung")
    met = {}
    for key, share, days in (("loyalty_call", 0.40, (20, 45)), ("price_letter", 0.30, (8, 40))):
        met[key] = rng.random(len(customer)) < share
        at = opened(rng, offered + rng.integers(days[0] * DAY, days[1] * DAY, len(customer)), "office")
        reason = "Vertragsverlängerung" if key == "loyalty_call" else "Preisanpassung"
        diary.write(key, customer[met[key]], at[met[key]], reason=reason)
    odds = company.REPURCHASE_SHARE / (1 - company.REPURCHASE_SHARE) * odds_ratios("repurchase", met, len(customer))
    renews = rng.random(len(customer)) < odds / (1 + odds)
    at = offered + rng.integers(48 * DAY, (CAMPAIGN_DAYS - 1) * DAY, len(customer))
    at = at - at % DAY + digital().second_of_day(rng, len(at))
    value = contract_cents()[people.tariff[customer[renews]]]
    diary.write(
        "renewal", customer[renews], at[renews], reason="Vertragsverlängerung", outcome="repurchase", value=value
    )
    begins = np.full(len(people), _NEVER)
    begins[customer] = offered
    return begins


def refer(rng: np.random.Generator, diary: Diary, since: Moments, met: dict[str, NDArray[np.bool_]]) -> None:
    """Write the recommendations of new customers; `met` by position in people."""
    odds = company.REFERRAL_SHARE / (1 - company.REFERRAL_SHARE) * odds_ratios("referral", met, len(since))
    customer = np.flatnonzero((since > 0) & (since < END) & (rng.random(len(since)) < odds / (1 + odds)))
    at = since[customer] + rng.integers(60 * DAY, (REFERRAL_DAYS - 1) * DAY, len(customer))
    diary.write("refer_friend", customer, at, reason="Empfehlung", outcome="referral")


def leave(rng: np.random.Generator, lived: Contacts, since: Moments, campaign: Moments) -> Moments:
    """When each customer leaves (_NEVER: stays): a constant hazard, times what the last months' touchpoints did to it.

    Drawn by thinning: candidates at the highest hazard, each kept with its share of it.
    """
    begins = np.where(since > 0, since + REFERRAL_DAYS * DAY, 0)
    effects = [effect for effect in company.EFFECTS if effect.outcome == "exit"]
    highest = np.prod([max(effect.value, 1.0) for effect in effects])
    count = rng.poisson(company.EXITS_A_YEAR * highest / YEAR * np.maximum(END - begins, 0))
    customer = np.repeat(np.arange(len(since)), count)
    at = begins[customer] + (rng.random(len(customer)) * (END - begins)[customer]).astype(np.int64)
    at = at - at % DAY + digital().second_of_day(rng, len(at))
    hazard = np.ones(len(customer))
    for effect in effects:
        hazard *= np.where(_is_exposed(lived.of(effect.key), customer, at, effect), effect.value, 1.0)
    bound = (at >= campaign[customer]) & (at < campaign[customer] + CAMPAIGN_DAYS * DAY)
    leaves = (rng.random(len(customer)) < hazard / highest) & ~bound
    exits = np.full(len(since), _NEVER)
    np.minimum.at(exits, customer[leaves], at[leaves])
    return exits


def _is_exposed(contacts: Contacts, customer: Codes, at: Moments, effect: Effect) -> NDArray[np.bool_]:
    """Whether each customer had such a contact in the days before."""
    line = contacts.customer * _NEVER + contacts.at
    moment = customer * _NEVER + at
    last = np.searchsorted(line, moment, side="right") - 1
    before = np.concatenate([line, [-_NEVER]])[last]  # -1: none before
    recent: NDArray[np.bool_] = moment - before < (effect.days or 0) * DAY
    return recent


def take_leave(rng: np.random.Generator, diary: Diary, exits: Moments) -> None:
    """Write the notice itself and what follows it."""
    customer = np.flatnonzero(exits < END)
    at = exits[customer]
    diary.write("cancellation", customer, at, reason="Kündigung", outcome="exit")
    called = rng.random(len(customer)) < 0.35
    back = opened(rng, at + lognormal(rng, 1.5 * DAY, 0.5, len(at)), "office")
    diary.write("winback_call", customer[called], back[called], reason="Kündigung", outcome="open")
    confirmed = opened(rng, np.maximum(at, np.where(called, back, 0)) + lognormal(rng, 2 * DAY, 0.4, len(at)), "office")
    diary.write("cancellation_confirmation", customer, confirmed, reason="Kündigung", outcome="resolved")
