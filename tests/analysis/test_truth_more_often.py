"""Asked as the report asks, what furthers an outcome in simulated companies passes, and nothing else more often than chance."""

import pytest

from tangente.analysis.more_often import more_often
from tangente.analysis.populations import before_purchase
from tests.analysis.test_truth_hazard import INVENTORY, company

pytestmark = pytest.mark.slow

SEEDS, CONTACTS = range(20), 100_000
FURTHERS = {
    "purchase": "Filialberatung",
    "repurchase": "Treueanruf vor Vertragsende",
    "referral": "Willkommensanruf",
}
HINDERS = {
    "purchase": "Bewertungsportal",
    "repurchase": "Preisanpassungsschreiben",
    "referral": "Verschiebung des Schalttermins",
}

Found = dict[str, list[dict[str, bool | None]]]
every_outcome = pytest.mark.parametrize("outcome", FURTHERS)


@pytest.fixture(scope="module")
def found() -> Found:
    """Of each outcome the verdicts on all touchpoints, once per seed."""
    rows: Found = {outcome: [] for outcome in FURTHERS}
    for log in (company(seed, CONTACTS) for seed in SEEDS):
        visited = [name for name in log.codes["touchpoint"] if name]
        for outcome, verdicts in rows.items():
            verdicts.append(more_often(log, outcome, visited, INVENTORY))
    return rows


@every_outcome
def test_what_furthers_an_outcome_passes(found: Found, outcome: str) -> None:
    passed = [verdicts[FURTHERS[outcome]] for verdicts in found[outcome]]
    assert passed.count(True) >= 0.75 * len(SEEDS)


@every_outcome
def test_what_hinders_an_outcome_never_passes(found: Found, outcome: str) -> None:
    assert {verdicts[HINDERS[outcome]] for verdicts in found[outcome]} == {False}


@every_outcome
def test_what_does_nothing_passes_no_more_often_than_chance(found: Found, outcome: str) -> None:
    met_before = before_purchase(INVENTORY.entries, INVENTORY) if outcome == "purchase" else INVENTORY.entries
    nothing = set(met_before) - {FURTHERS[outcome], HINDERS[outcome]}
    tested = [verdicts.get(name) for verdicts in found[outcome] for name in nothing]
    assert tested.count(True) + tested.count(False) > 150
    assert tested.count(True) <= 0.025 * (tested.count(True) + tested.count(False))


def test_whoever_was_not_offered_a_renewal_is_nobody_to_compare_with(found: Found) -> None:
    assert {verdicts["Verlängerungsangebot"] for verdicts in found["repurchase"]} == {None}
