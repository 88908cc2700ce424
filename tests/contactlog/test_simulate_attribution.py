"""Attribution finds what was planted: the shares of a chain that is known, and the effects of the simulated company."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from tangente.contactlog.attribution import attribution
from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import known_values, make_ready
from tangente.contactlog.log import ContactLog
from tangente.contactlog.simulate import simulate
from tangente.contactlog.simulate.company import touchpoints
from tangente.contactlog.testing import journeys
from tangente.method.absorbing_chain import removal_effects

pytestmark = pytest.mark.slow

SEEDS, CONTACTS = range(20), 40_000
MOVES = np.array([[5, 3, 2, 0, 0], [0, 3, 1, 1, 3], [1, 0, 3, 2, 2], [2, 1, 0, 3, 2]])
ON_THE_WAY = {
    "purchase": [row.name_de for row in touchpoints() if row.phase in ("INFLUENCED", "PREPURCHASE")]
    + ["Online-Shop", "Bestellhotline", "Vertragsabschluss in der Filiale"],
    "repurchase": [
        "Treueanruf vor Vertragsende",
        "Preisanpassungsschreiben",
        "Verlängerungsangebot",
        "Vertragsverlängerung",
    ],
    "referral": ["Willkommensanruf", "Verschiebung des Schalttermins", "Router-Lieferung", "Freunde werben"],
}
"""Of each outcome the touchpoints that its population meets before, and where it happens."""
PLANTED = {
    "purchase": ("Filialberatung", "Bewertungsportal"),
    "repurchase": ("Treueanruf vor Vertragsende", "Preisanpassungsschreiben"),
    "referral": ("Willkommensanruf", "Verschiebung des Schalttermins"),
}
"""Of each outcome the touchpoint that furthers it and the one that hinders it; the others do nothing."""
every_outcome = pytest.mark.parametrize("outcome", PLANTED)

Found = dict[str, list[dict[str, dict[str, float]]]]


def company(seed: int) -> ContactLog:
    contacts, ratings = (
        pa.Table.from_batches(tables) for tables in zip(*simulate(contacts=CONTACTS, seed=seed), strict=True)
    )
    codes = known_values(contacts, ratings, Codes())
    return ContactLog([make_ready(contacts, ratings, codes)], codes)


def answer(log: ContactLog, outcome: str) -> dict[str, dict[str, float]]:
    """Each touchpoint's row, but rarely met ones; `lift` and `effect` are per path that meets it, against all paths."""
    names = [name for name in ON_THE_WAY[outcome] if name in log.codes["touchpoint"]]
    table = attribution(log.where(touchpoints=names), outcome=outcome, closing=False)
    paths, conversions = (int(table.schema.metadata[name]) for name in (b"paths", b"conversions"))
    rows = {row["touchpoint"]: row for row in table.to_pylist() if row["paths"] > paths / 20}
    for row in rows.values():
        row["lift"] = row["conversions"] / row["paths"] * paths / conversions
        row["effect"] = row["removal_effect"] / row["paths"] * paths
    return rows


@pytest.fixture(scope="module")
def found() -> Found:
    logs = [company(seed) for seed in SEEDS]
    return {outcome: [answer(log, outcome) for log in logs] for outcome in PLANTED}


def of(rows: list[dict[str, dict[str, float]]], name: str, column: str) -> np.ndarray:
    return np.array([row[name][column] for row in rows])


@every_outcome
def test_planted_effects_stand_at_the_two_ends(found: Found, outcome: str) -> None:
    means = {name: of(found[outcome], name, "lift").mean() for name in found[outcome][0]}
    assert (max(means, key=means.__getitem__), min(means, key=means.__getitem__)) == PLANTED[outcome]


@every_outcome
def test_planted_effects_have_their_sign(found: Found, outcome: str) -> None:
    for name, sign in zip(PLANTED[outcome], (1, -1), strict=True):
        lifts = of(found[outcome], name, "lift")
        assert sign * (lifts.mean() - 1) > 3 * lifts.std(ddof=1) / len(lifts) ** 0.5


@every_outcome
def test_removal_effects_of_as_many_paths_are_in_the_order_of_the_planted_effects(found: Found, outcome: str) -> None:
    further, hinder = (of(found[outcome], name, "effect") for name in PLANTED[outcome])
    assert (further - hinder).mean() > 2 * (further - hinder).std(ddof=1) / len(SEEDS) ** 0.5


def test_intervals_of_the_company_cover_the_mean_share_at_about_the_nominal_rate(found: Found) -> None:
    hits = [
        (of(rows, name, "low") <= of(rows, name, "share").mean())
        & (of(rows, name, "share").mean() <= of(rows, name, "high"))
        for rows in found.values()
        for name in rows[0]
    ]
    assert 0.91 < np.mean(hits) < 0.985


def walks(seed: int, customers: int) -> Iterator[str]:
    """Customers who go from touchpoint to touchpoint by chance as MOVES says; the last but one column is the purchase."""
    draw, shares = np.random.default_rng(seed), np.cumsum(MOVES / MOVES.sum(axis=1, keepdims=True), axis=1)
    for customer in range(customers):
        steps, here = [], 0
        while (there := int(np.searchsorted(shares[here], draw.random()))) < len(MOVES) - 1:
            steps.append(f"t{there}")
            here = there + 1
        yield f"c{customer}: {' '.join(steps)}{'!purchase' if there == len(MOVES) - 1 else ''}"


def test_intervals_cover_the_share_of_a_known_chain_at_the_nominal_rate() -> None:
    effects = removal_effects(MOVES).effects
    true = dict(zip(["t0", "t1", "t2"], effects / effects.sum(), strict=True))
    rows = [row for seed in range(150) for row in attribution(journeys(*walks(seed, 400)), seed=seed).to_pylist()]
    hits = [row["low"] <= true[row["touchpoint"]] <= row["high"] for row in rows]
    assert len(hits) == 450
    assert 0.92 < np.mean(hits) < 0.98
