"""What the report cannot say, and why: silence would read as a zero."""

from collections.abc import Callable, Iterator

from tangente.analysis.findings import Findings
from tangente.analysis.model import Unsaid
from tangente.analysis.unsaid_outcomes import unsaid_outcomes
from tangente.analysis.voices import Measures
from tangente.method.reporting import FEW
from tangente.translation import Language


def unsaid(found: Findings, language: Language) -> list[Unsaid]:
    """Everything that is missing, most consequential first."""
    return [
        *_missing_tables(found, language),
        *_of_contacts(found, language),
        *unsaid_outcomes(found, language),
        *_of_ratings(found, language),
        *_always(found, language),
    ]


def _missing_tables(found: Findings, language: Language) -> Iterator[Unsaid]:
    _ = language.gettext
    if not found.has_contacts:
        yield Unsaid(
            code="no_contacts",
            sentence=_("Without contacts there is no reach, no cost, no repeat and no path. Add them with --contacts."),
        )
    if not found.has_ratings:
        yield Unsaid(
            code="no_ratings",
            sentence=_("Without ratings there is neither satisfaction nor a driver. Add them with --ratings."),
        )
    if found.inventory is None:
        yield Unsaid(
            code="no_inventory",
            sentence=_(
                "Without an inventory the phases are unknown, so there is no funnel; touchpoints stand in the order of their first contact."
            ),
        )


def _of_contacts(found: Findings, language: Language) -> Iterator[Unsaid]:
    _ = language.gettext
    if not found.has_contacts:
        return
    without_cost = [name for name, doing in found.doings.items() if doing.cost is None]
    if len(without_cost) == len(found.doings):
        yield Unsaid(
            code="no_costs", sentence=_("No contact has a cost: map a cost column or give unit costs in the inventory.")
        )
    elif without_cost:
        yield Unsaid(
            code="costs_unknown",
            sentence=_("What these touchpoints cost is unknown; they are not in the cost ranking."),
            touchpoints=without_cost,
        )
    if not any(doing.repeats for doing in found.doings.values()):
        yield Unsaid(
            code="no_reasons",
            sentence=_(
                "No contact from customers has a reason, so nobody can say who came back for the same one: map a reason column."
            ),
        )
    if not found.has_units:
        yield Unsaid(
            code="no_units",
            sentence=_(
                "No contact names a department, so hand-overs between departments are unknown: map a unit column."
            ),
        )


def _of_ratings(found: Findings, language: Language) -> Iterator[Unsaid]:
    _ = language.gettext
    if found.voices is None:
        return
    measures = found.voices.measures
    few = [name for name, mean in found.means.items() if 0 < mean.n < FEW]
    if few:
        yield Unsaid(
            code="too_few_answers", sentence=_("Below 30 answers we state no mean: too few to say."), touchpoints=few
        )
    unrated = [name for name in found.doings if name not in found.means]
    if unrated and found.means:
        yield Unsaid(
            code="unrated",
            sentence=_("Nobody has judged these touchpoints yet; their rank rests on contacts alone."),
            touchpoints=unrated,
        )
    if measures.left_out:
        scales = ", ".join(measures.left_out)
        yield Unsaid(
            code="other_scales", sentence=_("Answers on other scales are not averaged with these: %s.") % scales
        )
    yield from _of_drivers(found, measures, language)


def _of_drivers(found: Findings, measures: Measures, language: Language) -> Iterator[Unsaid]:
    _ = language.gettext
    if found.drivers is None:
        yield Unsaid(code="no_drivers", sentence=_why_no_drivers(found, measures, _))
        return
    if found.drivers.too_few:
        sentence = _(
            "As drivers these are left out: with another question fewer than 30 answer sheets, or all answers alike."
        )
        yield Unsaid(code="drivers_left_out", sentence=sentence, touchpoints=found.drivers.too_few)
    if found.drivers.lifted:
        text = language.ngettext(
            "One eigenvalue of the correlations had to be lifted: different sheets stand behind different pairs. Read the drivers as approximate.",
            "%s eigenvalues of the correlations had to be lifted: different sheets stand behind different pairs. Read the drivers as approximate.",
            found.drivers.lifted,
        )
        yield Unsaid(code="eigenvalues_lifted", sentence=text % found.drivers.lifted if "%s" in text else text)


def _why_no_drivers(found: Findings, measures: Measures, _: Callable[[str], str]) -> str:
    if measures.overall is None:
        return _("Nobody judged the company as a whole, so it is unknown which touchpoints drive that judgement.")
    if found.driving is None:
        return _(
            "No answer sheet judges both a touchpoint and the company, so it is unknown which touchpoints drive that judgement."
        )
    if found.driving.drivers.drivers:
        return _(
            "Chance alone would explain as much of the overall judgement as all touchpoints together do: too few answer sheets to say which drive it."
        )
    return _("Fewer than two touchpoints have enough answer sheets to say which drive the overall judgement.")


def _always(found: Findings, language: Language) -> Iterator[Unsaid]:
    _ = language.gettext
    if found.compared_weighting:
        yield Unsaid(
            code="other_weighting",
            sentence=_(
                "Of this report and the earlier one only one is weighted by survey weights: a change may come from the weights alone."
            ),
        )
    if found.drivers is not None:
        yield Unsaid(
            code="no_cause",
            sentence=_(
                "Drivers show association, not cause: whether working on a touchpoint raises the overall judgement, only a measure with a before and after can prove."
            ),
        )
