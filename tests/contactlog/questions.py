"""Every question to a log under a name, each answer in plain values, so that one test holds for all of them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tangente.contactlog.answers import answer_counts, answers, never_used, satisfaction_measure, sheets
from tangente.contactlog.attribution import attribution
from tangente.contactlog.before_after import before_after, disappointment
from tangente.contactlog.combinations import combinations
from tangente.contactlog.cost import cost
from tangente.contactlog.extent import extent, first_contacts
from tangente.contactlog.flow import flow
from tangente.contactlog.funnel import funnel
from tangente.contactlog.handovers import handovers
from tangente.contactlog.hazard import hazard
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tangente.contactlog.repeats import repeats
from tangente.contactlog.variants import variants


def said(log: ContactLog) -> list[tuple[float, ...]]:
    """All answers; customers and sheets are numbered as the log likes, so only how many there are is compared."""
    found = answers(log)
    rows = zip(log.codes.decode("touchpoint", found.touchpoint).to_pylist(), found.score.tolist(), strict=True)
    counts = [(len(np.unique(found.customer)), len(np.unique(found.sheet)))]
    return counts + sorted(rows, key=str)


def side_by_side(log: ContactLog) -> list[Any]:
    """The answer sheets, to the last bit and in their order."""
    known = {"csat 1..5", "nps 0..10"} <= set(log.codes["measure"])
    found = sheets(log, measure="csat 1..5", overall="nps 0..10") if known else None
    return [found.touchpoints, found.items.tobytes(), found.overall.tobytes()] if found else []


def profiled(**cut: Any) -> Callable[[ContactLog], Any]:
    return lambda log: profile(log, **cut).to_pylist()


def funnelled(log: ContactLog, by: str | None = None) -> list[Any]:
    """From any of two touchpoints by a third to an outcome; only what occurs can be asked for."""
    known = {*first_contacts(log), *log.codes["outcome"]}
    phases = {"first": ["ad", "a", "shop"], "then": ["call", "b", "web"], "last": ["purchase", "exit", "a"]}
    steps = {name: [one for one in doings if one in known] for name, doings in phases.items()}
    asked = {name: doings for name, doings in steps.items() if doings}
    return funnel(log, steps=asked, within_days=9, by=by).to_pylist() if asked else []


def around(log: ContactLog, name: str) -> list[Any]:
    """What happens around a touchpoint or an outcome, if it occurs."""
    if name not in {*first_contacts(log), *log.codes["outcome"]}:
        return []
    table = before_after(log, touchpoint=name, within_days=2)
    return [table.to_pylist(), table.schema.metadata]


def disappointed_at(log: ContactLog, name: str) -> list[Any]:
    """The same of those whom it disappointed, if satisfaction with it is known."""
    if name not in first_contacts(log) or satisfaction_measure(log) is None:
        return []
    table = disappointment(log, touchpoint=name, within_days=3)
    return [table.to_pylist(), table.schema.metadata]


def to_purchase(question: Callable[..., Any], **options: Any) -> Callable[[ContactLog], Any]:
    """A question about the paths to a purchase, if there is one: its rows and its totals."""

    def ask(log: ContactLog) -> Any:
        table = question(log, **options) if "purchase" in log.codes["outcome"] else None
        return table and (table.to_pylist(), table.schema.metadata)

    return ask


def until_exit(log: ContactLog) -> list[Any]:
    """After what customers leave, if they do."""
    table = hazard(log, within_days=20, silence_days=9) if "exit" in log.codes["outcome"] else None
    return [table.to_pylist(), table.schema.metadata] if table else []


QUESTIONS: dict[str, Callable[[ContactLog], Any]] = {
    "profile": profiled(),
    "profile by channel and month": profiled(by=["channel"], period="month"),
    "profile by reason, role, segment and week": profiled(by=["reason", "role", "segment"], period="week"),
    "cost": lambda log: cost(log).to_pylist(),
    "flow": lambda log: flow(log).to_pylist(),
    "funnel": lambda log: funnelled(log, by="segment"),
    "funnel without a cut": funnelled,
    "before and after": lambda log: around(log, "ad"),
    "before and after an outcome": lambda log: around(log, "exit"),
    "disappointment": lambda log: disappointed_at(log, "ad"),
    "handovers": lambda log: handovers(log, within_days=1).to_pylist(),
    "repeats": lambda log: repeats(log, by="role", within_days=2).to_pylist(),
    "variants": lambda log: (variants(log, most=5).to_pylist(), variants(log).schema.metadata),
    "collapsed variants": lambda log: variants(log, collapse_repeats=True).to_pylist(),
    "attribution": to_purchase(attribution),
    "attribution of every purchase": to_purchase(attribution, closing=False, every=True),
    "combinations": to_purchase(combinations),
    "hazard": until_exit,
    "extent": extent,
    "first contacts": lambda log: list(first_contacts(log).items()),
    "answer counts": lambda log: [list(counts.items()) for counts in answer_counts(log)],
    "never used": lambda log: list(never_used(log).items()),
    "answers": said,
    "sheets": side_by_side,
}

CENSORING = ("repeats", "funnel", "before and after", "disappointment", "hazard")
"""How the names of questions begin that look as far as the whole log does, whatever a filter leaves of it."""
