"""The Analysis in words: why a touchpoint ranks where it does, and the news of the whole report.

Sentences are built from the same fields, by the same formatting, as the tables show them.
"""

from statistics import median
from unicodedata import bidirectional

from tangente.analysis.model import RELEVANT, Analysis, Mean, Touchpoint
from tangente.analysis.outcome_reasons import outcome_clauses
from tangente.method.reporting import FEW, SMALLEST_CELL
from tangente.translation import Language

KEY_TOUCHPOINTS = 5  # the few to work on first
TURNING = frozenset({"R", "AL", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI"})
STABLE_SHARE = 0.8  # of random weightings: from here on a place among the first five counts as settled


def reason(touchpoint: Touchpoint, analysis: Analysis, language: Language) -> str:
    """Why it ranks where it does: reach, cost, repeats; what customers say; what it leads to; how sure the rank is."""
    parts = [
        ", ".join(_contact_clauses(touchpoint, analysis, language)),
        ", ".join(_rating_clauses(touchpoint, analysis, language)),
        *([] if is_small(touchpoint) else outcome_clauses(touchpoint, analysis, language)),
    ]
    if touchpoint.priority and has_stability(analysis):
        share = language.percent(touchpoint.priority.top_share)
        parts.append(language.gettext("among the first five in %s of all weightings") % share)
    sentence = "; ".join(part for part in parts if part)
    return _sentence(sentence or language.gettext("neither contacts nor ratings say anything about it"))


def headline(analysis: Analysis, language: Language) -> tuple[str, str]:
    """Title and standfirst: the news, and the reason for it."""
    order = ranked(analysis)
    if not order:
        return _nothing_ranked(analysis, language)
    if len(order) == 1:
        return _only_one(order[0], language)
    if analysis.comparison:
        return _changed(analysis, order, language)
    if analysis.weights.keys() <= {"volume", *RELEVANT}:
        return _only_passed(order, analysis, language)
    return _first_title(order, language), " ".join(_first_sentences(order, analysis, language))


def ranked(analysis: Analysis) -> list[Touchpoint]:
    """Touchpoints that have a priority, the first one first."""
    return sorted((p for p in analysis.touchpoints if p.priority), key=lambda p: p.priority.rank if p.priority else 0)


def key_touchpoints(analysis: Analysis) -> list[Touchpoint]:
    return ranked(analysis)[:KEY_TOUCHPOINTS]


def has_stability(analysis: Analysis) -> bool:
    """Whether a place among the first five could be lost: there are more than five, and weights to be varied."""
    return len(ranked(analysis)) > KEY_TOUCHPOINTS and len(analysis.weights) > 1


def is_small(touchpoint: Touchpoint) -> bool:
    """So few customers that figures could give one of them away."""
    return touchpoint.customers is not None and 0 < touchpoint.customers < SMALLEST_CELL


def rating_digits(analysis: Analysis) -> int:
    """Decimals the intervals of this report allow: one, two where half of them are narrower than ±0.1."""
    means = [p.satisfaction for p in analysis.touchpoints if p.satisfaction]
    half_widths = [(m.high - m.low) / 2 for m in means if m.low is not None and m.high is not None]
    return 2 if half_widths and median(half_widths) < 0.1 else 1


def quoted(name: str, language: Language) -> str:
    return language.gettext("“%s”") % isolated(name)


def isolated(name: str) -> str:
    """A name that runs from right to left, or holds characters that turn the direction, must not turn the sentence."""
    if any(bidirectional(character) in TURNING for character in name):
        return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
    return name


def count_word(n: int, language: Language) -> str:
    """Two, three … twelve in words, further counts in digits."""
    _ = language.gettext
    words = [_("two"), _("three"), _("four"), _("five"), _("six"), _("seven")]
    words += [_("eight"), _("nine"), _("ten"), _("eleven"), _("twelve")]
    return words[n - 2] if 2 <= n <= 12 else language.number(n)


def driver_word(touchpoint: Touchpoint, analysis: Analysis, language: Language) -> str | None:
    """Its place among the drivers of the overall judgement, named for the first five."""
    _ = language.gettext
    words = [_("most important driver"), _("second most important driver"), _("third most important driver")]
    words += [_("fourth most important driver"), _("fifth most important driver")]
    place = _driver_place(touchpoint, analysis)
    return None if place is None or place >= len(words) else words[place]


def _driver_place(touchpoint: Touchpoint, analysis: Analysis) -> int | None:
    """From 0; None without an importance, or where there is no other to compare with."""
    shares = sorted((p.importance.share for p in analysis.touchpoints if p.importance), reverse=True)
    return shares.index(touchpoint.importance.share) if touchpoint.importance and len(shares) > 1 else None


def _contact_clauses(touchpoint: Touchpoint, analysis: Analysis, language: Language) -> list[str]:
    if is_small(touchpoint):
        return [language.gettext("fewer than %s customers") % SMALLEST_CELL]
    if touchpoint.contacts == 0:
        return [language.gettext("no contact in this period")]
    clauses = []
    if touchpoint.reach_share is not None:
        clauses.append(language.gettext("reaches %s of the customers") % language.percent(touchpoint.reach_share))
    if touchpoint.unit_cost is not None:
        clauses.append(language.gettext("%s per contact") % language.amount(touchpoint.unit_cost, analysis.currency))
    if touchpoint.repeat_share is not None:
        share = language.percent(touchpoint.repeat_share)
        clauses.append(language.gettext("%s of the contacts recur within 7 days") % share)
    return clauses


def _rating_clauses(touchpoint: Touchpoint, analysis: Analysis, language: Language) -> list[str]:
    clauses = []
    if touchpoint.satisfaction is not None:
        clauses.append(_satisfaction(touchpoint.satisfaction, rating_digits(analysis), language))
    word = driver_word(touchpoint, analysis, language)
    if word and touchpoint.importance:
        clauses.append(f"{word} ({language.percent(touchpoint.importance.share)})")
    return clauses


def _satisfaction(satisfaction: Mean, digits: int, language: Language) -> str:
    if satisfaction.n < SMALLEST_CELL:
        return language.gettext("fewer than %s answers") % SMALLEST_CELL
    if satisfaction.mean is None or satisfaction.low is None or satisfaction.high is None:
        return language.gettext("%s answers: too few to say") % language.number(satisfaction.n)
    text = language.gettext("satisfaction %(mean)s (%(span)s; n = %(n)s)") % {
        "mean": language.number(satisfaction.mean, digits),
        "span": language.span(satisfaction.low, satisfaction.high, digits),
        "n": language.number(satisfaction.n),
    }
    return text.replace("n = ", "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")


def _first_title(order: list[Touchpoint], language: Language) -> str:
    if _is_settled(order, 0):
        return language.gettext("%s comes first") % quoted(order[0].name, language)
    return language.gettext("No touchpoint is clearly ahead yet")


def _first_sentences(order: list[Touchpoint], analysis: Analysis, language: Language) -> list[str]:
    first = quoted(order[0].name, language)
    sentences = []
    if _is_settled(order, 0):
        why = _why_first(order[0], analysis, language)
        sentences += [language.gettext("%(touchpoint)s %(why)s.") % {"touchpoint": first, "why": why}] if why else []
    elif order[0].priority:
        share = language.percent(order[0].priority.top_share)
        text = language.gettext(
            "%(touchpoint)s leads, but stays among the first five in only %(share)s of all weightings."
        )
        sentences.append(text % {"touchpoint": first, "share": share})
    followers = language.listing([quoted(p.name, language) for p in order[1:3]])
    sentences.append(language.ngettext("%s follows.", "%s follow.", len(order[1:3])) % followers)
    if has_stability(analysis):
        sentences.append(_settled_sentence(order, language))
    return sentences


def _why_first(touchpoint: Touchpoint, analysis: Analysis, language: Language) -> str:
    clauses = []
    place = _driver_place(touchpoint, analysis)
    if touchpoint.importance and place == 0:
        text = language.gettext("is the most important driver of the overall judgement (%s)")
        clauses.append(text % language.percent(touchpoint.importance.share))
    elif touchpoint.importance and place is not None and place < KEY_TOUCHPOINTS:
        text = language.gettext("is one of the five most important drivers (%s)")
        clauses.append(text % language.percent(touchpoint.importance.share))
    if touchpoint.reach_share is not None and not is_small(touchpoint):
        clauses.append(language.gettext("reaches %s of the customers") % language.percent(touchpoint.reach_share))
    return language.listing(clauses)


def _settled_sentence(order: list[Touchpoint], language: Language) -> str:
    settled = sum(_is_settled(order, place) for place in range(KEY_TOUCHPOINTS))
    share = language.percent(STABLE_SHARE)
    if settled == KEY_TOUCHPOINTS:
        return language.gettext("All five stay among the first five in at least %s of all weightings.") % share
    if settled == 0:
        return language.gettext("None of the first five stays there in %s of all weightings.") % share
    text = language.ngettext(
        "One of the first five stays there in at least %(share)s of all weightings.",
        "%(count)s of the first five stay there in at least %(share)s of all weightings.",
        settled,
    )
    return _capital(text % {"count": count_word(settled, language), "share": share})


def _is_settled(order: list[Touchpoint], place: int) -> bool:
    priority = order[place].priority
    return priority is not None and priority.top_share >= STABLE_SHARE


def _changed(analysis: Analysis, order: list[Touchpoint], language: Language) -> tuple[str, str]:
    """The news is what moved beyond noise since the earlier report."""
    changes = analysis.comparison.changes if analysis.comparison else []
    better = [quoted(c.name, language) for c in changes if c.kind == "better"]
    worse = [quoted(c.name, language) for c in changes if c.kind == "worse"]
    sentences = []
    if better:
        sentences.append(language.gettext("Judged better than before: %s.") % _first_names(better, language))
    if worse:
        sentences.append(language.gettext("Judged worse than before: %s.") % _first_names(worse, language))
    sentences.append(
        language.gettext("Everything else moves within noise.")
        if better or worse
        else language.gettext("No judgement differs from the earlier report by more than chance explains.")
    )
    first = language.gettext("%s comes first") % quoted(order[0].name, language)
    return _change_title(len(better), len(worse), language), " ".join([*sentences, f"{first}."])


def _change_title(better: int, worse: int, language: Language) -> str:
    up = language.ngettext("One touchpoint better", "%s touchpoints better", better)
    down = language.ngettext("One touchpoint worse", "%s touchpoints worse", worse)
    if better and worse:
        down = language.ngettext("one worse", "%s worse", worse)
    parts = [_filled(text, n, language) for text, n in ((up, better), (down, worse)) if n]
    return _capital(", ".join(parts)) if parts else language.gettext("Nothing moved beyond noise")


def _filled(text: str, n: int, language: Language) -> str:
    return text % count_word(n, language) if n > 1 else text


def _first_names(names: list[str], language: Language) -> str:
    if len(names) <= 3:
        return language.listing(names)
    return language.listing([*names[:2], language.gettext("%s more") % language.number(len(names) - 2)])


def _only_one(touchpoint: Touchpoint, language: Language) -> tuple[str, str]:
    standfirst = language.gettext("There is only %s. Add contacts or ratings of further touchpoints.")
    return (
        language.gettext("One touchpoint alone makes no ranking"),
        standfirst % quoted(touchpoint.name, language),
    )


def _only_passed(order: list[Touchpoint], analysis: Analysis, language: Language) -> tuple[str, str]:
    """What most customers pass has a large share in every outcome, whatever it does."""
    _ = language.gettext
    if analysis.weights.keys() == {"volume"}:
        title = _("Reach alone is no reason to work on a touchpoint")
        text = _("%s have the widest reach. Where to start, only costs, reasons of contacts or ratings can say.")
    else:
        title = _("Being on the way is no reason to work on a touchpoint")
        text = _(
            "%s are what most customers pass. Where to start, only costs, reasons of contacts, exits or ratings can say."
        )
    return title, text % language.listing([quoted(point.name, language) for point in order[:3]])


def _nothing_ranked(analysis: Analysis, language: Language) -> tuple[str, str]:
    title = language.gettext("These files do not yet yield a ranking")
    if not analysis.touchpoints:
        return title, language.gettext("No row was accepted. The list of refused rows says why.")
    return title, language.gettext(
        "No touchpoint has enough contacts or answers. From %s answers on we show means and intervals."
    ) % language.number(FEW)


def _sentence(text: str) -> str:
    return f"{_capital(text)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
