"""The simulated company's truth is recovered: over 20 seeds the intervals cover it about as often as they promise."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import log as ln
from math import sqrt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tangente.analysis.voices import driving, overall, touchpoint_means, voices
from tangente.contactlog.before_after import before_after
from tangente.contactlog.codes import Codes
from tangente.contactlog.extent import extent
from tangente.contactlog.histories import known_values, make_ready
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tangente.contactlog.repeats import repeats
from tangente.contactlog.schema import CONTACTS, MICRO, RATINGS
from tangente.contactlog.simulate import write
from tangente.method.difference import share_difference
from tangente.method.proportion import wilson

pytestmark = pytest.mark.slow

SEEDS = range(1, 21)
CONTACTS_EACH = 40_000


@dataclass(frozen=True)
class World:
    log: ContactLog
    truth: dict[str, Any]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    return [world(tmp_path_factory.mktemp("seed"), seed) for seed in SEEDS]


def world(folder: Path, seed: int, *, size: int = CONTACTS_EACH) -> World:
    write(folder, contacts=size, seed=seed)
    return World(
        read_log(folder, pq.read_table(folder / "contacts.parquet")), json.loads((folder / "truth.json").read_text())
    )


def read_log(folder: Path, contacts: pa.Table) -> ContactLog:
    """These contacts of a simulated company, and all its ratings."""
    in_micro = [round(cost * MICRO) if cost is not None else None for cost in contacts["cost"].to_pylist()]
    contacts = contacts.set_column(contacts.column_names.index("cost"), "cost", pa.array(in_micro, pa.int64()))
    contacts = contacts.set_column(contacts.column_names.index("value"), "value", pa.nulls(len(contacts), pa.int64()))
    tables = in_schema(contacts, CONTACTS), in_schema(pq.read_table(folder / "ratings.parquet"), RATINGS)
    codes = known_values(*tables, Codes())
    return ContactLog([make_ready(*tables, codes)], codes)


def in_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    missing = {field.name: pa.nulls(len(table), field.type) for field in schema if field.name not in table.column_names}
    for name, column in missing.items():
        table = table.append_column(name, column)
    return pa.table([table[field.name].cast(field.type) for field in schema], schema=schema)


def coverage(hits: Iterator[bool]) -> tuple[float, int]:
    found = list(hits)
    return sum(found) / len(found), len(found)


def covers(estimate: Any, truth: float) -> bool:
    return bool(estimate.low <= truth <= estimate.high)


def test_touchpoint_means_cover_what_was_answered(worlds: list[World]) -> None:
    share, n = coverage(
        covers(means[row["touchpoint"]], row["answered"])
        for world in worlds
        for means in [touchpoint_means(voices(world.log, weighted=False))]
        for row in unshifted(world.truth)
        if row["touchpoint"] in means and means[row["touchpoint"]].mean is not None
    )
    assert n > 200
    assert 0.92 <= share <= 0.98


def unshifted(truth: dict[str, Any]) -> list[dict[str, Any]]:
    shifted = {shift["touchpoint"] for shift in truth["shifts"]}
    return [row for row in truth["satisfaction"] if row["touchpoint"] not in shifted]


def test_company_is_judged_as_simulated(worlds: list[World]) -> None:
    found = [(overall(voices(world.log, weighted=False)), world.truth["overall"]) for world in worlds]
    satisfaction, _ = coverage(covers(o.satisfaction, truth["satisfaction"]["answered"]) for o, truth in found)
    nps, _ = coverage(covers(o.nps, truth["nps"]["answered"]) for o, truth in found)
    recommended, _ = coverage(covers(o.recommendation, truth["recommendation"]) for o, truth in found)
    assert min(satisfaction, nps, recommended) >= 0.8  # 15 of 20 would be a chance of 3 in 10,000 at 95 %


def test_driver_shares_cover_their_weight(worlds: list[World]) -> None:
    shares, first = [], 0
    for world in worlds:
        driven = driving(voices(world.log, weighted=False), resamples=200, seed=0)
        assert driven is not None
        truth = {row["touchpoint"]: row for row in world.truth["drivers"]["touchpoints"]}
        found = {driver.item: driver for driver in driven.drivers.drivers}
        left_out = 1 - sum(row["lmg_share"] for name, row in truth.items() if name in found)
        shares += [covers(driver, truth[name]["lmg_share"] / (1 - left_out)) for name, driver in found.items()]
        strongest = max(found.values(), key=lambda driver: driver.share).item
        first += strongest in ("Technikertermin", "Hotline-Warteschleife")
    assert sum(shares) / len(shares) >= 0.85  # percentile intervals of few sheets fall a little short
    assert first >= 16


def test_repeat_shares_cover_the_truth(worlds: list[World]) -> None:
    hits = []
    for world in worlds:
        for reason in {row["reason"] for row in world.truth["repeats"]}:
            found = {row["touchpoint"]: row for row in repeats(world.log.where(reasons=[reason])).to_pylist()}
            for row in world.truth["repeats"]:
                estimate = found.get(row["touchpoint"])
                if row["reason"] == reason and estimate and estimate["contacts"] >= 30:
                    hits.append(estimate["low"] <= row["share"] <= estimate["high"])
    assert len(hits) > 200
    assert 0.92 <= sum(hits) / len(hits) <= 0.985


def test_unit_costs_are_those_of_the_company(worlds: list[World]) -> None:
    for world in worlds[:5]:
        found = {row["touchpoint"]: row for row in profile(world.log).to_pylist()}
        for row in world.truth["unit_costs"]:
            measured = found.get(row["touchpoint"])
            if measured and measured["contacts"] > 300:
                assert measured["cost_per_contact"] == pytest.approx(row["unit_cost"], rel=0.15)


def day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Berlin")).date()


def shift_of(world: World, shift: dict[str, Any]) -> tuple[float, float]:
    """The difference of means inside and outside the window, and its standard error."""
    begin, end, touchpoints = day(shift["from"]), day(shift["to"]), [shift["touchpoint"]]
    inside = profile(world.log.where(since=begin, before=end, touchpoints=touchpoints)).to_pylist()[0]
    outside = profile(world.log.where(before=begin, touchpoints=touchpoints)).to_pylist()[0]
    errors = [(row["satisfaction_high"] - row["satisfaction_low"]) / 2 / 1.97 for row in (inside, outside)]
    return inside["satisfaction_mean"] - outside["satisfaction_mean"], sqrt(errors[0] ** 2 + errors[1] ** 2)


@pytest.mark.parametrize("which", [0, 1], ids=["incident", "measure"])
def test_shifts_in_time_are_recovered(worlds: list[World], which: int) -> None:
    shifts = [
        (shift_of(world, world.truth["shifts"][which]), world.truth["shifts"][which]["points"]) for world in worlds
    ]
    share, _ = coverage(abs(found - truth) <= 2.02 * error for (found, error), truth in shifts)
    assert share >= 0.8
    pooled, error = combined([found for found, _ in shifts])
    assert pooled == pytest.approx(shifts[0][1], abs=3 * error)
    assert abs(pooled) > 3 * error


def combined(estimates: list[tuple[float, float]]) -> tuple[float, float]:
    """Mean of independent estimates, weighted by their precision, and its standard error."""
    weights = [1 / error**2 for _, error in estimates]
    mean = sum(value * weight for (value, _), weight in zip(estimates, weights, strict=True)) / sum(weights)
    return mean, 1 / sqrt(sum(weights))


def odds_ratio(world: World, touchpoint: str) -> tuple[float, float]:
    """Log odds ratio of a purchase between prospects who met the touchpoint and who did not, with its standard error.

    Every prospect checks availability, whatever brought them, so these are the prospects.
    """

    def customers(*did: str) -> int:
        return extent(world.log.where(customers_who=did))["contacts"].customers

    prospects, met = customers("Verfügbarkeitsprüfung"), customers("Verfügbarkeitsprüfung", touchpoint)
    bought, met_and_bought = (
        customers("Verfügbarkeitsprüfung", "purchase"),
        customers("Verfügbarkeitsprüfung", touchpoint, "purchase"),
    )
    cells = met_and_bought, met - met_and_bought, bought - met_and_bought, prospects - met - bought + met_and_bought
    return ln(cells[0] * cells[3] / cells[1] / cells[2]), sqrt(sum(1 / cell for cell in cells))


@pytest.mark.parametrize(("touchpoint", "truth"), [("Filialberatung", 1.5), ("Bewertungsportal", 0.7)])
def test_purchase_odds_have_the_right_size(worlds: list[World], touchpoint: str, truth: float) -> None:
    pooled, error = combined([odds_ratio(world, touchpoint) for world in worlds])
    assert pooled == pytest.approx(ln(truth), abs=3 * error)
    assert abs(pooled) > 3 * error


def exits_after(world: World, touchpoint: str, days: float) -> dict[str, Any]:
    """The row about exits after a touchpoint."""
    table = before_after(world.log, touchpoint=touchpoint, within_days=days).to_pylist()
    return next(row for row in table if (row["side"], row["kind"], row["name"]) == ("after", "outcome", "exit"))


@pytest.mark.parametrize(
    ("touchpoint", "days", "sign"), [("Terminabsage durch die Technik", 90, 1), ("Service-Check-Anruf", 180, -1)]
)
def test_exits_after_a_touchpoint_have_the_sign_of_its_effect(
    worlds: list[World], touchpoint: str, days: float, sign: int
) -> None:
    found = [exits_after(world, touchpoint, days) for world in worlds]
    n, near = (sum(row[name] for row in found) for name in ("n", "customers"))
    far = sum(round(row["next_share"] * row["n"]) for row in found)
    change = share_difference(wilson(far, n), wilson(near, n), both=0)
    assert change is not None
    assert min(sign * change.low, sign * change.high) > 0


def test_exits_after_a_touchpoint_without_effect_are_as_always(worlds: list[World]) -> None:
    rows = [
        exits_after(world, name, days) for world in worlds for name in ("Newsletter", "Rechnung") for days in (30, 90)
    ]
    share, n = coverage(row["difference_low"] <= 0 <= row["difference_high"] for row in rows)
    assert n == 80
    assert 0.89 <= share <= 0.99
