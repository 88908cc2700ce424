"""The hazard ratios planted in the simulated company are found: sign, order and size, at the nominal rate."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tangente.contactlog.codes import Codes
from tangente.contactlog.hazard import hazard
from tangente.contactlog.histories import known_values, make_ready
from tangente.contactlog.log import ContactLog
from tangente.contactlog.schema import RATINGS
from tangente.contactlog.simulate import simulate
from tangente.contactlog.simulate.truth import truth
from tests.contactlog.simulated import INFLUENCED

pytestmark = pytest.mark.slow

SEEDS, CONTACTS = range(22), 120_000
WINDOWS = (90, 180)
TRUE = {
    (row["touchpoint"], row["days"]): row["value"]
    for row in truth(contacts=CONTACTS, seed=0, customers=0, ratings=0)["effects"]
    if row["outcome"] == "exit"
}
HARMS, HELPS = sorted(TRUE, key=TRUE.__getitem__, reverse=True)
CAMPAIGN = [
    "Verlängerungsangebot",
    "Treueanruf vor Vertragsende",
    "Preisanpassungsschreiben",
    "Vertragsverlängerung",
]
"""Nobody leaves in the 62 days after the first of them; that lowers the hazard for all others alike."""
WITHOUT_EFFECT = [
    "Newsletter",
    "Rechnung",
    "Kundenkonto",
    "Hotline-Warteschleife",
    "Störung melden",
    "Störungskarte im Web",
    "Rechnung erklären",
    "Service-Chat",
    "Vertragsfragen am Telefon",
]

Found = dict[tuple[str, int], np.ndarray]


def customers(seed: int) -> ContactLog:
    """The company without prospects, who cannot leave, and without the campaign."""
    contacts = pa.Table.from_batches([happened for happened, _ in simulate(contacts=CONTACTS, seed=seed)])
    by = [(name, "ascending") for name in ("customer_id", "occurred_at", "sequence")]
    first = contacts.sort_by(by).group_by("customer_id", use_threads=False).aggregate([("touchpoint", "first")])
    prospects = first.filter(pc.is_in(first["touchpoint_first"], pa.array(INFLUENCED)))["customer_id"]
    left_out = pc.or_(
        pc.is_in(contacts["customer_id"], prospects.combine_chunks()),
        pc.is_in(contacts["touchpoint"], pa.array(CAMPAIGN)),
    )
    lived, nothing = contacts.filter(pc.invert(left_out)), RATINGS.empty_table()
    codes = known_values(lived, nothing, Codes())
    return ContactLog([make_ready(lived, nothing, codes)], codes)


@pytest.fixture(scope="module")
def found() -> Found:
    """Of each touchpoint and window a row per seed: hazard ratio, low, high."""
    rows: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    for log in map(customers, SEEDS):
        for days in WINDOWS:
            for row in hazard(log, within_days=days).to_pylist():
                if row["low"]:
                    rows.setdefault((row["touchpoint"], days), []).append(
                        (row["hazard_ratio"], row["low"], row["high"])
                    )
    return {key: np.array(ratios) for key, ratios in rows.items()}


def covered(ratios: np.ndarray, true: float) -> int:
    return int(((ratios[:, 1] <= true) & (true <= ratios[:, 2])).sum())


@pytest.mark.parametrize("effect", TRUE, ids=lambda effect: effect[0])
def test_planted_effects_have_their_size(found: Found, effect: tuple[str, int]) -> None:
    logs = np.log(found[effect])
    error = np.sqrt((((logs[:, 2] - logs[:, 1]) / 3.92) ** 2).sum()) / len(logs)
    assert abs(logs[:, 0].mean() - np.log(TRUE[effect])) < 3.3 * error
    assert abs(logs[:, 0].mean()) > 4 * error


def test_planted_effects_stand_at_the_two_ends(found: Found) -> None:
    for window in WINDOWS:
        means = {
            name: np.log(ratios[:, 0]).mean()
            for (name, days), ratios in found.items()
            if days == window and name and len(ratios) >= 20
        }
        assert (max(means, key=means.__getitem__), min(means, key=means.__getitem__)) == (HARMS[0], HELPS[0])


def test_intervals_cover_the_planted_effects_at_the_nominal_rate(found: Found) -> None:
    ratios = [(found[effect], value) for effect, value in TRUE.items()]
    trials, hits = sum(len(one) for one, _ in ratios), sum(covered(*pair) for pair in ratios)
    assert 0.86 < hits / trials <= 1  # 44 trials; 99 % of the time 37 or more are hit


def test_intervals_cover_one_where_nothing_was_planted_at_the_nominal_rate(found: Found) -> None:
    ratios = [found[name, days] for name in WITHOUT_EFFECT for days in WINDOWS]
    trials, hits = sum(map(len, ratios)), sum(covered(one, 1) for one in ratios)
    assert 0.92 < hits / trials < 0.98
