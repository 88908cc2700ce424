"""What leads to purchases and exits is recovered in the terms of the report: the effects planted in simulated companies."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tangente.analysis.inventory import read_inventory
from tangente.analysis.options import Options
from tangente.analysis.outcomes import Outcomes, hazard_component, outcomes
from tangente.contactlog.attribution import attribution
from tangente.contactlog.log import ContactLog
from tests.analysis.test_truth import SEEDS, read_log, world

pytestmark = pytest.mark.slow

PLANTED = {
    "purchase": ("Filialberatung", "Bewertungsportal"),
    "repurchase": ("Treueanruf vor Vertragsende", "Preisanpassungsschreiben"),
    "referral": ("Willkommensanruf", "Verschiebung des Schalttermins"),
}
"""Of each outcome the touchpoint that furthers it and the one that hinders it."""
DRIVES_AWAY, KEEPS, NOTHING = "Terminabsage durch die Technik", "Service-Check-Anruf", "Newsletter"


def asked(folder: Path, log: ContactLog) -> Outcomes:
    visited = [name for name in log.codes["touchpoint"] if name]
    return outcomes(log, visited, Options(inventory=read_inventory(folder / "inventory.csv")))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Outcomes]:
    folders = [tmp_path_factory.mktemp("seed") for _ in SEEDS]
    return [asked(folder, world(folder, seed).log) for folder, seed in zip(folders, SEEDS, strict=True)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcomes]:
    """A company with enough exits after each planted touchpoint."""
    folder = tmp_path_factory.mktemp("large")
    return folder, asked(folder, world(folder, 1, size=200_000).log)


@pytest.mark.parametrize("outcome", PLANTED)
def test_relevance_for_as_many_customers_is_in_the_order_of_the_planted_effects(
    found: list[Outcomes], outcome: str
) -> None:
    per_path = np.array(
        [
            [(rows[name].share or 0) / rows[name].paths for name in PLANTED[outcome]]
            for one in found
            for rows in [{row.touchpoint: row for row in one.attribution[outcome]}]
        ]
    )
    difference = per_path[:, 0] - per_path[:, 1]
    assert difference.mean() > 3 * difference.std(ddof=1) / len(SEEDS) ** 0.5


def test_hazards_are_in_the_order_of_the_planted_effects(large: tuple[Path, Outcomes]) -> None:
    hazards = {name: large[1].hazard_at(name) for name in (DRIVES_AWAY, NOTHING, KEEPS)}
    ratios = [hazard.ratio for hazard in hazards.values() if hazard and hazard.ratio]
    assert ratios == sorted(ratios, reverse=True)
    assert len(ratios) == 3
    assert [hazard.beyond_chance for hazard in hazards.values() if hazard][:2] == [True, False]


def test_only_the_touchpoint_that_drives_customers_away_is_a_reason(large: tuple[Path, Outcomes]) -> None:
    components = {
        row.touchpoint: hazard_component(large[1].hazard_at(row.touchpoint))
        for row in large[1].hazard
        if row.touchpoint
    }
    assert max(components, key=lambda name: components[name] or 0) == DRIVES_AWAY
    assert components[KEEPS] == components[NOTHING] == 0.0


def test_prospects_alone_give_the_same_parts_of_purchases(large: tuple[Path, Outcomes]) -> None:
    folder, whole = large
    contacts = pq.read_table(folder / "contacts.parquet")
    ordered = contacts.sort_by([("occurred_at", "ascending"), ("sequence", "ascending")])
    first = ordered.group_by("customer_id", use_threads=False).aggregate([("touchpoint", "first")])
    entries = read_inventory(folder / "inventory.csv").entries.values()
    influenced = pa.array([entry.touchpoint for entry in entries if entry.phase == "INFLUENCED"])
    prospects = first.filter(pc.is_in(first["touchpoint_first"], influenced))["customer_id"].combine_chunks()
    log = read_log(folder, contacts.filter(pc.is_in(contacts["customer_id"], prospects)))
    alone = {row["touchpoint"]: row["share"] for row in attribution(log, closing=False, resamples=0).to_pylist()}
    shares = {row.touchpoint: row.share for row in whole.attribution["purchase"] if row.share}
    assert shares == pytest.approx({name: share for name, share in alone.items() if share}, abs=1e-9)
