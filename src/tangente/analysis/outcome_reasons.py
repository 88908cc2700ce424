"""What a touchpoint leads to, in words: on the way to which outcomes it stands, and how often customers leave afterwards."""

from math import ceil, floor

from tangente.analysis.model import Analysis, Hazard, Relevance, Touchpoint
from tangente.method.proportion import wilson
from tangente.method.reporting import SMALLEST_CELL
from tangente.translation import Language, interval_digits

CLEARLY_ABOVE_1 = 1.1
WORTH_SAYING = 0.2
"""Of an outcome's customers: a touchpoint that fewer of them passed is not named as standing on the way to it."""


def outcome_clauses(touchpoint: Touchpoint, analysis: Analysis, language: Language) -> list[str]:
    """Up to two: the way to purchases, and exits; nothing where it is chance or too few to say."""
    days = analysis.hazard[0].within_days if analysis.hazard else 0
    clauses = [_on_the_way(touchpoint, language), _leaving(touchpoint.hazard, days, language)]
    return [clause for clause in clauses if clause]


def _on_the_way(touchpoint: Touchpoint, language: Language) -> str:
    _ = language.gettext
    found = touchpoint.relevance
    if found is None:
        return ""
    named = [
        (_("%s of the purchases"), found.purchase),
        (_("%s of the repurchases"), found.repurchase),
        (_("%s of the referrals"), found.recommendation),
    ]
    shares = [text % share_text(one, language) for text, one in named if one is not None and _is_reason(one)]
    return _("stands on the way to %s") % language.listing(shares) if shares else ""


def _is_reason(relevance: Relevance) -> bool:
    share = on_the_way(relevance)
    return relevance.more_often is True and share is not None and share >= WORTH_SAYING


def share_text(relevance: Relevance, language: Language) -> str:
    """69% (65–73; n = 655), like the figure for satisfaction beside it."""
    text = people_share(relevance.conversions, relevance.of, language)
    if tells(relevance.conversions, relevance.of):  # an interval and n would, too
        return text
    found = wilson(relevance.conversions, relevance.of)
    share, low, high = found.share or 0, found.low or 0, found.high or 0
    span = language.span(100 * low, 100 * high, interval_digits(share, low, high))
    n = language.number(relevance.of)
    return f"{text} ({span}; n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n})"


def tells(some: int, whole: int) -> bool:
    """Whether a share could give somebody away: few make it up, or few are missing."""
    return 0 < some < SMALLEST_CELL or 0 < whole - some < SMALLEST_CELL


def people_share(some: int, whole: int, language: Language) -> str:
    """69%; where fewer than five make it up or are missing, only what it lies below or above: < 8%, > 92%."""
    if not tells(some, whole):
        return language.percent(some / whole)
    edge = 100 * SMALLEST_CELL / whole
    return language.bound("<", ceil(edge)) if some < SMALLEST_CELL else language.bound(">", floor(100 - edge))


def on_the_way(relevance: Relevance | None) -> float | None:
    """Of the customers with the outcome, how many passed here before; None below 30 of them: too few to say."""
    if relevance is None or relevance.share is None or not relevance.of:
        return None
    return relevance.conversions / relevance.of


def _leaving(found: Hazard | None, days: int, language: Language) -> str:
    if found is None or found.ratio is None or found.low is None or found.high is None or not found.beyond_chance:
        return ""
    text = (
        language.gettext(
            "in the %(days)s days after a contact here customers leave %(ratio)s times as often (%(span)s; %(exits)s exits)"
        )
        if found.ratio > 1
        else language.gettext(
            "in the %(days)s days after a contact here customers leave only %(ratio)s times as often (%(span)s; %(exits)s exits)"
        )
    )
    digits = ratio_digits(found.low)
    return text % {
        "days": language.number(days),
        "ratio": language.number(found.ratio, digits),
        "span": language.span(found.low, found.high, digits),
        "exits": language.number(found.exits),
    }


def ratio_digits(low: float) -> int:
    """Of a ratio and its interval: one where it is clear that all of it lies above 1, else two."""
    return 1 if low >= CLEARLY_ABOVE_1 else 2
