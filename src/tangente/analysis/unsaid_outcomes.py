"""What the report cannot say about purchases and exits, and why."""

from collections.abc import Iterator

from tangente.analysis.findings import Findings
from tangente.analysis.model import RELEVANT, Unsaid
from tangente.analysis.populations import EXIT
from tangente.contactlog.outcome_paths import MOST_NAMES
from tangente.method.reporting import FEW
from tangente.translation import Language

NO_RATIO = {"few_exits": "too_few_exits", "same_as_others": "exits_same_as_others", "no_limit": "exits_no_limit"}


def unsaid_outcomes(found: Findings, language: Language) -> Iterator[Unsaid]:
    """Outcomes nobody has, or too few; why there is no funnel; which touchpoints too few customers left after."""
    _ = language.gettext
    if not found.has_contacts:
        return
    names = outcome_names(language)
    missing = [name for outcome, name in names.items() if outcome not in found.outcomes.known]
    if len(missing) == len(names):
        yield Unsaid(
            code="no_outcomes",
            sentence=_(
                "No contact has the outcome %s, so nobody can say which touchpoints lead to them: map an outcome column."
            )
            % _either(missing, language),
        )
    elif missing:
        text = _("No contact has the outcome %s; which touchpoints lead to it is not in the ranking.")
        yield Unsaid(code="outcomes_missing", sentence=text % _either(missing, language))
    yield from _of_attribution(found, names, language)
    yield from _of_hazard(found, language)
    if found.inventory is not None and not found.outcomes.funnel:
        yield Unsaid(
            code="no_funnel",
            sentence=_(
                "Fewer than two phases of the inventory have contacts, so there is no funnel from phase to phase."
            ),
        )


def outcome_names(language: Language) -> dict[str, str]:
    """The outcomes that a ranking rests on, in words."""
    _ = language.gettext
    return {"purchase": _("purchase"), "repurchase": _("repurchase"), "referral": _("referral"), "exit": _("exit")}


def _either(names: list[str], language: Language) -> str:
    """A, B or C."""
    if len(names) < 2:
        return "".join(names)
    return language.gettext("%s or %s") % (", ".join(names[:-1]), names[-1])


def _of_attribution(found: Findings, names: dict[str, str], language: Language) -> Iterator[Unsaid]:
    _ = language.gettext
    known = [outcome for outcome in RELEVANT.values() if outcome in found.outcomes.known]
    if known and not found.outcomes.attribution:
        text = _("More than %s different touchpoints: what purchases and exits owe to which cannot be computed.")
        yield Unsaid(code="too_many_touchpoints", sentence=text % language.number(MOST_NAMES))
    untold = [names[outcome] for outcome in known if outcome in found.outcomes.untold]
    if untold:
        text = _(
            "Without the phases of the touchpoints before the purchase nobody can tell prospects from customers; so what "
            "furthers %s is not in the ranking. Give the touchpoints their phases in the inventory."
        )
        yield Unsaid(code="outcomes_prospects", sentence=text % _either(untold, language))
    few = [
        names[outcome]
        for outcome in known
        for rows in [found.outcomes.attribution.get(outcome, [])]
        if rows and rows[0].share is None
    ]
    if few:
        text = _("Below %(few)s customers with an outcome we do not say what it owes to which touchpoint: %(names)s.")
        sentence = text % {"few": FEW, "names": language.listing(few)}
        yield Unsaid(code="too_few_conversions", sentence=sentence)


def _of_hazard(found: Findings, language: Language) -> Iterator[Unsaid]:
    if EXIT in found.outcomes.untold:
        text = language.gettext(
            "Who is no customer yet cannot leave, and without an inventory with phases nobody can tell prospects from "
            "customers; so after which contacts customers leave is not said."
        )
        yield Unsaid(code="exits_prospects", sentence=text)
    for reason, sentence in no_ratio_sentences(language).items():
        names = [row.touchpoint for row in found.outcomes.hazard if row.touchpoint and row.unknown == reason]
        if names:
            yield Unsaid(code=NO_RATIO[reason], sentence=sentence, touchpoints=names)


def no_ratio_sentences(language: Language) -> dict[str, str]:
    """Why there is no hazard ratio, by the reason that the hazard gives."""
    _ = language.gettext
    return {
        "few_exits": _("After a contact here too few customers left to say whether it drives them away."),
        "same_as_others": _(
            "The same customers meet this at the same times as something else, so nobody can tell after which of them they leave."
        ),
        "no_limit": _(
            "After this all customers left, or so many that the factor has no upper limit; it is not in the ranking."
        ),
    }
