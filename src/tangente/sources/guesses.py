"""What the values of a column most likely mean: by most of them, so that a few bad ones change nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tangente.sources.date_forms import FORMATS
from tangente.sources.headings import folded
from tangente.sources.parsed import as_mask
from tangente.sources.times import Clock, times

MOST = 0.5
USUAL = 0.95
"""Share of the scores that a scale must hold."""

MISSING = (
    "-",
    "--",
    "NA",
    "N/A",
    "n/a",
    "na",
    "NULL",
    "null",
    "None",
    "NaN",
    "nan",
    "#NV",
    "#N/A",
    "k.A.",
    "k. A.",
    "?",
)
NEVER_USED = (
    "never used",
    "not used",
    "not applicable",
    "nie genutzt",
    "noch nie genutzt",
    "nicht genutzt",
    "trifft nicht zu",
)
NOT_ANSWERED = (
    "blank",
    "no answer",
    "don't know",
    "do not know",
    "keine angabe",
    "keine antwort",
    "weiß nicht",
    "weiss nicht",
)

WORDS = {
    "direction": {
        "in": "in inbound incoming eingehend eingang ein",
        "out": "out outbound outgoing ausgehend ausgang aus",
    },
    "outcome": {
        "resolved": "resolved solved gelöst erledigt",
        "open": "open offen",
        "abandoned": "abandoned abgebrochen aufgelegt",
        "purchase": "purchase bought kauf gekauf abschluss",
        "repurchase": "repurchase wiederkauf",
        "referral": "referral empfehlung",
        "exit": "exit churn kündigung gekündigt",
    },
    "metric": {
        "nps": "nps netpromoterscore weiterempfehlung",
        "csat": "csat satisfaction zufriedenheit",
        "ces": "ces effort aufwand",
        "stars": "stars sterne",
    },
    "answer": {
        "given": "given gegeben",
        "never_used": "neverused niegenutzt",
        "not_answered": "notanswered keineantwort",
    },
    "rater": {"customer": "customer kunde", "staff": "staff mitarbeiter", "mystery": "mystery testkunde"},
}

GLANCE = 2_000
"""Rows on which every format is tried."""
UTC = Clock(timezone="UTC", ambiguous=None, nonexistent=None, part="contacts")
NO_ZONE = Clock(timezone=None, ambiguous=None, nonexistent=None, part="contacts")
SCALES = ((1, 5), (1, 6), (1, 7), (1, 10), (0, 10))

_NUMBER = re.compile(r"-?\d[\d.,']*")
_GROUPED = {sign: re.compile(rf"-?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+") for sign in ".,'"}


@dataclass(frozen=True)
class Spelling:
    """How times are written: the format (None: ISO 8601), whether some lack an offset, and another format that fits as well."""

    format: str | None
    needs_zone: bool
    rival: str | None


def spelling_of_times(texts: pa.Array) -> Spelling | None:
    """None if most of the texts are no times that are known."""
    glance = texts.drop_null()[:GLANCE]
    seen = {form: _readable(glance, form, UTC) for form in (None, *FORMATS)}
    if max(seen.values()) <= MOST * len(glance):
        return None
    readable = {form: _readable(texts, form, UTC) for form in seen if seen[form] > MOST * len(glance)}
    best, *others = sorted(readable, key=lambda form: -readable[form])
    rivals = [form for form in others if readable[form] == readable[best]]
    needs_zone = _readable(texts, best, NO_ZONE) < readable[best]
    return Spelling(best, needs_zone, rivals[0] if rivals else None)


def _readable(texts: pa.Array, form: str | None, clock: Clock) -> int:
    parsed = times(texts, None, form, clock)
    good = as_mask(pc.is_valid(parsed.values))
    for wrong, _ in parsed.problems:
        good &= ~wrong
    return int(good.sum())


def numbers_in(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if _NUMBER.fullmatch(text)]


def signs(texts: Sequence[str], likely: str) -> tuple[str, str, str | None]:
    """Decimal sign, thousands sign ("" for none), and a text that could be read otherwise, if nothing decides it."""
    decimals = Counter(sign for text in texts if (sign := _decimal_sign(text)))
    unclear = next((text for text in texts if _GROUPED["."].fullmatch(text) or _GROUPED[","].fullmatch(text)), None)
    decimal = decimals.most_common(1)[0][0] if decimals else likely
    other = "," if decimal == "." else "."
    groups = [sign for sign in (other, "'") if not decimals[sign] and any(_GROUPED[sign].match(text) for text in texts)]
    return decimal, groups[0] if groups else "", None if decimals else unclear


def _decimal_sign(text: str) -> str | None:
    """The sign that can only be a decimal sign."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return None
    sign = text[last]
    other = "," if sign == "." else "."
    if _GROUPED[sign].fullmatch(text):  # 1.234 may be either
        return None
    return sign if text.count(sign) == 1 and (other not in text or _GROUPED[other].match(text[:last])) else None


def scale_of(scores: Sequence[float]) -> tuple[int, int] | None:
    """The smallest usual scale that holds nearly all scores."""
    for low, high in SCALES:
        if sum(low <= score <= high for score in scores) >= USUAL * len(scores):
            return low, high
    return (0, 100) if sum(0 <= score <= 100 for score in scores) >= USUAL * len(scores) else None


def missing_in(texts: Iterable[str]) -> list[str]:
    found = set(texts)
    return [word for word in MISSING if word in found]


def codes_in(texts: Iterable[str], words: Sequence[str]) -> list[str]:
    return sorted({text for text in texts if text.lower() in words})


def translation(name: str, texts: Iterable[str]) -> dict[str, str]:
    """The log's own words for what stands in the column; words that need none are left out."""
    known = {folded(spelling): word for word, spellings in WORDS[name].items() for spelling in spellings.split()}
    found = {text: known[folded(text)] for text in sorted(set(texts)) if folded(text) in known}
    return {text: word for text, word in found.items() if text != word}


def unknown_words(name: str, texts: Iterable[str]) -> list[str]:
    known = {folded(spelling) for spellings in WORDS[name].values() for spelling in spellings.split()} | {
        folded(word) for word in WORDS[name]
    }
    return sorted({text for text in texts if folded(text) not in known})
