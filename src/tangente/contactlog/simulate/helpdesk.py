"""A customer's question: through the hotline's queue to the person who answers, or by chat, and again if it stays open."""

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.company import Helpdesk
from tangente.contactlog.simulate.diary import Diary, lognormal
from tangente.contactlog.simulate.rhythm import DAY, HOUR, Codes, Moments, opened

SPACING_DAYS = 45
"""Between a customer's questions to one helpdesk: so whoever comes back within 7 days comes back for the same thing."""

_FIRST_GAP, _LAST_GAP = HOUR // 3, 5 * DAY  # with a closed Sunday still less than 7 days


def call(rng: np.random.Generator, diary: Diary, customer: Codes, at: Moments, desk: Helpdesk) -> tuple[Codes, Moments]:
    """Write the calls of each question; answer how many there were and when the last one ended."""
    calls, question, at, is_last = _attempts(rng, opened(rng, at, "hotline"), desk.repeat_share)
    gives_up = is_last & (rng.random(len(at)) < company.GIVE_UP_SHARE)
    outcome = np.where(is_last, company.outcome("resolved"), company.outcome("open"))
    reason = _reasons(rng, desk, len(customer))[question]
    diary.write(
        "hotline_queue",
        customer[question],
        at,
        reason=desk.menu,
        outcome=np.where(gives_up, company.outcome("abandoned"), outcome),
    )
    at = at + lognormal(rng, 300, 0.6, len(at))
    served = ~gives_up
    diary.write(desk.key, customer[question][served], at[served], reason=reason[served], outcome=outcome[served])
    return calls, at[is_last]


def chat(rng: np.random.Generator, diary: Diary, customer: Codes, at: Moments, desk: Helpdesk) -> None:
    _, question, at, is_last = _attempts(rng, opened(rng, at, "hotline"), desk.chat_repeat_share)
    outcome = np.where(is_last, company.outcome("resolved"), company.outcome("open"))
    reason = _reasons(rng, desk, len(customer))[question]
    diary.write("service_chat", customer[question], at, reason=reason, outcome=outcome)


def _attempts(
    rng: np.random.Generator, first: Moments, repeat_share: float
) -> tuple[Codes, Codes, Moments, NDArray[np.bool_]]:
    """How often each question is put, and of each time: which question, when, and whether it was the last time.

    Each time is followed by another one with the same probability, so the share of repeats is that probability.
    """
    times = rng.geometric(1 - repeat_share, len(first))
    question = np.repeat(np.arange(len(first)), times)
    begins = np.cumsum(times) - times
    gaps = np.clip(lognormal(rng, 1.3 * DAY, 1.1, len(question)), _FIRST_GAP, _LAST_GAP)
    gaps[begins] = 0
    waited = np.cumsum(gaps)
    at = opened(rng, first[question] + waited - waited[begins][question], "hotline")
    is_last = np.zeros(len(question), bool)
    is_last[begins + times - 1] = True
    return times, question, at, is_last


def _reasons(rng: np.random.Generator, desk: Helpdesk, count: int) -> Codes:
    return company.reason(desk.reasons[0]) + rng.choice(len(desk.reasons), count, p=desk.shares)
