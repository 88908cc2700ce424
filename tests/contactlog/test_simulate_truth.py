"""The planted truth is in the data: over 20 seeds the simplest estimates cover it at about the nominal rate."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from tangente.contactlog.simulate.company import DRIVERS, code, touchpoints
from tangente.contactlog.simulate.drivers import correlations, lmg, r2, relative_weights
from tangente.contactlog.simulate.truth import truth
from tangente.method.drivers import key_drivers
from tests.contactlog.simulated import Estimate, Simulation, correlation, moment, pooled

pytestmark = pytest.mark.slow

SEEDS, CONTACTS = range(20), 80_000
TRUTH = truth(contacts=CONTACTS, seed=0, customers=0, ratings=0)
EFFECTS = [pytest.param(effect, id=f"{effect['outcome']}-{effect['touchpoint']}") for effect in TRUTH["effects"]]
NULLS = [
    pytest.param(row["outcome"], name, id=f"{row['outcome']}-{name}")
    for row in TRUTH["outcomes"]
    for name in row["without_effect"]
]
ON_SHEETS = [touchpoints()[code(key)].name_de for key in DRIVERS]


def effect_of(simulation: Simulation, outcome: str, touchpoint: str, days: float | None) -> Estimate:
    if outcome == "exit":
        return simulation.rate_ratio(touchpoint, days or 60)
    return simulation.odds_ratio(outcome, touchpoint)


def everything(simulation: Simulation) -> dict[object, object]:
    """All estimates of one seed, by what they are of; the rows themselves are let go."""
    found: dict[object, object] = {}
    for effect in TRUTH["effects"]:
        key = effect["outcome"], effect["touchpoint"]
        found[key] = effect_of(simulation, *key, effect["days"])
    for row in TRUTH["outcomes"]:
        found |= {
            (row["outcome"], name): effect_of(simulation, row["outcome"], name, None) for name in row["without_effect"]
        }
    for row in TRUTH["repeats"]:
        found[row["touchpoint"], row["reason"]] = simulation.repeats(row["touchpoint"], row["reason"])
    for level in TRUTH["satisfaction"]:
        since, until = moment(level["from"]), moment(level["to"])
        found[level["touchpoint"], since] = simulation.scores("csat", level["touchpoint"], since, until)
    for metric in ("csat", "nps", "recommended"):
        found[metric] = simulation.scores(metric, None)
    sheets = simulation.sheets(ON_SHEETS)
    found |= {(i, j): correlation(sheets[:, i], sheets[:, j]) for i, j in combinations(range(sheets.shape[1]), 2)}
    return found


@pytest.fixture(scope="module")
def found() -> Callable[[object], list]:
    seeds = [everything(Simulation(contacts=CONTACTS, seed=seed)) for seed in SEEDS]
    return lambda key: [estimates[key] for estimates in seeds]


def covered(estimates: list[Estimate], true: float) -> int:
    return sum(estimate.covers(true) for estimate in estimates)


@pytest.mark.parametrize("effect", EFFECTS)
def test_effects_have_the_right_sign_and_size(found, effect):
    overall = pooled(found((effect["outcome"], effect["touchpoint"])))
    true = np.log(effect["value"])
    assert abs(overall.value - true) < 3.3 * overall.error
    assert overall.value / true > 0
    assert abs(overall.value) > 3 * overall.error


def test_intervals_of_effects_cover_at_about_the_nominal_rate(found):
    effects = TRUTH["effects"]
    hits = sum(covered(found((row["outcome"], row["touchpoint"])), np.log(row["value"])) for row in effects)
    assert 0.91 < hits / (len(effects) * len(SEEDS)) < 0.99


@pytest.mark.parametrize(("outcome", "touchpoint"), NULLS)
def test_touchpoints_without_effect_show_none(found, outcome, touchpoint):
    overall = pooled(found((outcome, touchpoint)))
    assert abs(overall.value) < 3.3 * overall.error


@pytest.mark.parametrize("row", TRUTH["repeats"], ids=lambda row: f"{row['touchpoint']}-{row['reason']}")
def test_repeats_have_their_share(found, row):
    contacts, again = np.sum(found((row["touchpoint"], row["reason"])), axis=0)
    error = np.sqrt(row["share"] * (1 - row["share"]) / contacts)
    assert abs(again / contacts - row["share"]) < 3.3 * error


@pytest.mark.parametrize(
    "level", TRUTH["satisfaction"], ids=lambda level: f"{level['touchpoint']}-{level['from'][:10]}"
)
def test_answers_have_their_mean(found, level):
    scores = np.concatenate(found((level["touchpoint"], moment(level["from"]))))
    clusters = 1.2  # a customer's answers are alike
    assert abs(scores.mean() - level["answered"]) < 3.3 * level["sd"] * np.sqrt(clusters / len(scores))


def test_intervals_of_means_cover_at_about_the_nominal_rate(found):
    hits = [
        Estimate(scores.mean(), scores.std(ddof=1) / np.sqrt(len(scores))).covers(level["answered"])
        for level in TRUTH["satisfaction"]
        for scores in found((level["touchpoint"], moment(level["from"])))
        if len(scores) >= 30
    ]
    assert 0.92 < np.mean(hits) < 0.97


@pytest.mark.parametrize("shift", TRUTH["shifts"], ids=lambda shift: shift["name"])
def test_shifts_move_the_mean_of_the_answers(found, shift):
    levels = [level for level in TRUTH["satisfaction"] if level["touchpoint"] == shift["touchpoint"]]
    before, during = (np.concatenate(found((shift["touchpoint"], moment(level["from"])))) for level in levels[:2])
    error = np.sqrt(before.var() / len(before) + during.var() / len(during))
    assert abs(during.mean() - before.mean() - shift["points"]) < 3.3 * error


def test_answers_a_week_are_as_said(found):
    for shift in TRUTH["shifts"]:
        levels = [level for level in TRUTH["satisfaction"] if level["touchpoint"] == shift["touchpoint"]]
        answers = sum(len(scores) for level in levels for scores in found((level["touchpoint"], moment(level["from"]))))
        assert answers / len(SEEDS) / (730 / 7) == pytest.approx(shift["answers_a_week"], rel=0.05)


def test_overall_judgement_is_as_said(found):
    satisfaction, nps = np.concatenate(found("csat")), np.concatenate(found("nps"))
    assert satisfaction.mean() == pytest.approx(TRUTH["overall"]["satisfaction"]["answered"], abs=0.03)
    points = 100 * ((nps >= 9).mean() - (nps <= 6).mean())
    assert points == pytest.approx(TRUTH["overall"]["nps"]["answered"], abs=2)


def test_recommended_customers_have_their_share(found):
    scores = np.concatenate(found("recommended"))
    assert scores.mean() == pytest.approx(
        TRUTH["overall"]["recommendation"], abs=3.3 * np.sqrt(0.22 * 0.78 / len(scores))
    )


def test_answer_sheets_correlate_as_the_drivers_say(found):
    true = np.arctanh(correlations() - np.eye(len(ON_SHEETS) + 1))
    distances = [
        (overall.value - true[pair]) / overall.error
        for pair in combinations(range(len(ON_SHEETS) + 1), 2)
        for overall in [pooled(found(pair))]
    ]
    assert np.abs(distances).max() < 4
    assert np.std(distances) == pytest.approx(1.1, abs=0.3)


def test_driver_shares_equal_those_of_the_method():
    r = correlations()
    noise = np.random.default_rng(0).standard_normal((500, len(r)))
    noise -= noise.mean(axis=0)
    exact = 1_000 * noise @ np.linalg.inv(np.linalg.cholesky(noise.T @ noise)).T @ np.linalg.cholesky(r).T
    result = key_drivers(exact[:, :-1], exact[:, -1], names=ON_SHEETS, resamples=2)
    shares = {driver.item: driver.share for driver in result.drivers}
    np.testing.assert_allclose([shares[name] for name in ON_SHEETS], lmg(), atol=1e-6)
    assert result.r2 == pytest.approx(r2())


def test_relative_weights_are_close_to_lmg():
    np.testing.assert_allclose(relative_weights(), lmg(), atol=0.01)
    assert relative_weights().sum() == pytest.approx(1)
