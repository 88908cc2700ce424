"""Asked as the report asks, the hazard ratios planted in simulated companies are found: order, size, at the nominal rate."""

import numpy as np
import pyarrow as pa
import pytest

from tangente.analysis.inventory import Entry, Inventory
from tangente.analysis.outcomes import HAZARD_DAYS, exits_after
from tangente.analysis.populations import of_customers
from tangente.contactlog.codes import Codes
from tangente.contactlog.hazard import hazard
from tangente.contactlog.histories import known_values, make_ready
from tangente.contactlog.log import ContactLog
from tangente.contactlog.schema import RATINGS
from tangente.contactlog.simulate import simulate
from tangente.contactlog.simulate.company import touchpoints
from tangente.contactlog.simulate.truth import truth

pytestmark = pytest.mark.slow

SEEDS, CONTACTS = range(22), 120_000
INVENTORY = Inventory({one.name_de: Entry(touchpoint=one.name_de, phase=one.phase) for one in touchpoints()})
TRUE = {
    (row["touchpoint"], row["days"]): row["value"]
    for row in truth(contacts=CONTACTS, seed=0, customers=0, ratings=0)["effects"]
    if row["outcome"] == "exit"
}
HARMS, HELPS = (name for name, _ in sorted(TRUE, key=TRUE.__getitem__, reverse=True))
CAMPAIGN = [
    "Verlängerungsangebot",
    "Treueanruf vor Vertragsende",
    "Preisanpassungsschreiben",
    "Vertragsverlängerung",
]
"""Nobody leaves in the 62 days after the first of them."""
WITHOUT_EFFECT = [
    "Newsletter",
    "Rechnung",
    "Kundenkonto",
    "Hotline-Warteschleife",
    "Störung melden",
    "Störungskarte im Web",
    "Rechnung erklären",
    "Service-Chat",
    "Technikertermin",
    "Vertragsfragen am Telefon",
]

Found = dict[tuple[str, int], np.ndarray]


def company(seed: int, size: int = CONTACTS) -> ContactLog:
    """With prospects of whom some buy; the new customers cannot leave for 150 days."""
    contacts, nothing = pa.Table.from_batches([met for met, _ in simulate(contacts=size, seed=seed)]), RATINGS
    codes = known_values(contacts, nothing.empty_table(), Codes())
    return ContactLog([make_ready(contacts, nothing.empty_table(), codes)], codes)


@pytest.fixture(scope="module")
def found() -> Found:
    """Of each touchpoint and window a row per seed: hazard ratio, low, high; the other window is the longer effect's."""
    rows: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    for log in map(company, SEEDS):
        visited = [name for name in log.codes["touchpoint"] if name]
        asked = [vars(row) | {"days": HAZARD_DAYS} for row in exits_after(log, visited, INVENTORY)]
        longer = hazard(of_customers(log, visited, INVENTORY), within_days=180).to_pylist()
        for row in [*asked, *(row | {"days": 180} for row in longer)]:
            if row["touchpoint"] and row["low"]:
                ratios = row["hazard_ratio"], row["low"], row["high"]
                rows.setdefault((row["touchpoint"], row["days"]), []).append(ratios)
    return {key: np.array(ratios) for key, ratios in rows.items()}


def mean(ratios: np.ndarray) -> tuple[float, float]:
    """Of the logarithms, with its standard error."""
    logs = np.log(ratios)
    return logs[:, 0].mean(), float(np.sqrt((((logs[:, 2] - logs[:, 1]) / 3.92) ** 2).sum()) / len(logs))


def covered(ratios: np.ndarray, true: float) -> int:
    return int(((ratios[:, 1] <= true) & (true <= ratios[:, 2])).sum())


@pytest.mark.parametrize("effect", TRUE, ids=lambda effect: effect[0])
def test_planted_effects_have_their_size(found: Found, effect: tuple[str, int]) -> None:
    value, error = mean(found[effect])
    assert abs(value - np.log(TRUE[effect])) < 3.3 * error
    assert abs(value) > 4 * error


@pytest.mark.parametrize("window", [HAZARD_DAYS, 180])
def test_planted_effects_stand_at_the_two_ends(found: Found, window: int) -> None:
    means = {
        name: mean(ratios)[0]
        for (name, days), ratios in found.items()
        if days == window and name not in CAMPAIGN and len(ratios) >= 20
    }
    assert (max(means, key=means.__getitem__), min(means, key=means.__getitem__)) == (HARMS, HELPS)


def test_what_keeps_customers_has_its_direction_in_the_shorter_window(found: Found) -> None:
    value, error = mean(found[HELPS, HAZARD_DAYS])
    assert value < -4 * error


def test_intervals_cover_the_planted_effects_at_the_nominal_rate(found: Found) -> None:
    ratios = [(found[effect], value) for effect, value in TRUE.items()]
    trials, hits = sum(len(one) for one, _ in ratios), sum(covered(*pair) for pair in ratios)
    assert 0.86 < hits / trials <= 1  # 44 trials; 99 % of the time 39 or more are hit


def test_intervals_cover_one_where_nothing_was_planted_at_the_nominal_rate(found: Found) -> None:
    ratios = [found[name, days] for name in WITHOUT_EFFECT for days in (HAZARD_DAYS, 180)]
    trials, hits = sum(map(len, ratios)), sum(covered(one, 1) for one in ratios)
    assert 0.92 < hits / trials < 0.98


def test_what_only_new_customers_meet_at_first_is_no_reason_to_stay(found: Found) -> None:
    value, error = mean(found["Technikertermin", HAZARD_DAYS])
    assert abs(value) < 3.3 * error
    assert covered(found["Technikertermin", HAZARD_DAYS], 1) >= len(SEEDS) - 4
