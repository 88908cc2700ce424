import csv
from io import StringIO
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.errors import QuestionError
from tangente.method import drivers
from tangente.method.drivers import KeyDrivers, chance_of, key_drivers, lmg, relative_weights

NAN = float("nan")
SWISS = Path(__file__).parents[3] / "shared" / "data" / "ref_relative_importance_swiss"

# Henderson and Velleman 1981: miles per gallon, cylinders, displacement, horse power and weight of 32 cars
MTCARS = np.loadtxt(
    StringIO(
        """
        21.0 6 160.0 110 2.620  21.0 6 160.0 110 2.875  22.8 4 108.0  93 2.320  21.4 6 258.0 110 3.215
        18.7 8 360.0 175 3.440  18.1 6 225.0 105 3.460  14.3 8 360.0 245 3.570  24.4 4 146.7  62 3.190
        22.8 4 140.8  95 3.150  19.2 6 167.6 123 3.440  17.8 6 167.6 123 3.440  16.4 8 275.8 180 4.070
        17.3 8 275.8 180 3.730  15.2 8 275.8 180 3.780  10.4 8 472.0 205 5.250  10.4 8 460.0 215 5.424
        14.7 8 440.0 230 5.345  32.4 4  78.7  66 2.200  30.4 4  75.7  52 1.615  33.9 4  71.1  65 1.835
        21.5 4 120.1  97 2.465  15.5 8 318.0 150 3.520  15.2 8 304.0 150 3.435  13.3 8 350.0 245 3.840
        19.2 8 400.0 175 3.845  27.3 4  79.0  66 1.935  26.0 4 120.3  91 2.140  30.4 4  95.1 113 1.513
        15.8 8 351.0 264 3.170  19.7 6 145.0 175 2.770  15.0 8 301.0 335 3.570  21.4 4 121.0 109 2.780
        """
    )
).reshape(32, 5)
MPG, CAR_ITEMS, CAR_NAMES = MTCARS[:, 0], MTCARS[:, 1:], ["cyl", "disp", "hp", "wt"]


def answers(sheets, items, *, seed=1, missing=0.0):
    """Correlated ratings from 1 to 5, and an overall judgement that depends on them."""
    random = np.random.default_rng(seed)
    mood = random.normal(size=(sheets, 1))
    scores = np.clip(np.rint(3 + mood + random.normal(size=(sheets, items))), 1, 5)
    overall = np.clip(np.rint(scores[:, : items // 2 + 1].mean(axis=1) + random.normal(size=sheets) / 2), 1, 5)
    scores[random.random(scores.shape) < missing] = NAN
    return scores, overall


def swiss(file):
    return list(csv.DictReader((SWISS / file).read_text(encoding="utf-8").splitlines()))


def names_of(scores):
    return [f"t{item:02d}" for item in range(scores.shape[1])]


def reference_lmg(matrix):
    """Average gain in R² over all orders of entering."""

    def r2(items):
        inside = list(items)
        return matrix[-1, inside] @ np.linalg.solve(matrix[np.ix_(inside, inside)], matrix[inside, -1]) if inside else 0

    orders = list(permutations(range(len(matrix) - 1)))
    gains = [
        [r2(order[: order.index(j) + 1]) - r2(order[: order.index(j)]) for order in orders] for j in sorted(orders[0])
    ]
    return np.mean(gains, axis=1)


def test_key_drivers_give_the_gold_values_of_mtcars():
    found = key_drivers(CAR_ITEMS, MPG, names=CAR_NAMES, resamples=0)
    assert (found.method, round(found.r2, 6)) == ("lmg", 0.848635)
    assert [round(driver.contribution, 6) for driver in found.drivers] == [0.215709, 0.200698, 0.170077, 0.262150]
    assert (found.sheets, found.pairs_low, found.pairs_high, found.lifted) == (32, 32, 32, 0)


def test_key_drivers_beyond_15_items_are_relative_weights(monkeypatch):
    monkeypatch.setattr(drivers, "LMG_MOST_ITEMS", 3)
    found = key_drivers(CAR_ITEMS, MPG, names=CAR_NAMES, resamples=0)
    assert found.method == "relative_weights"
    assert [round(driver.contribution, 7) for driver in found.drivers] == [0.2096904, 0.1883043, 0.1799590, 0.2706812]
    assert [round(100 * driver.share, 3) for driver in found.drivers] == [24.709, 22.189, 21.206, 31.896]


@pytest.mark.shared_data
@pytest.mark.skipif(not SWISS.exists(), reason="needs ../shared/data/ref_relative_importance_swiss")
@pytest.mark.parametrize(("most", "column"), [(15, "lmg"), (3, "johnson_relative_weight")])
def test_key_drivers_give_the_gold_values_of_swiss(monkeypatch, most, column):
    monkeypatch.setattr(drivers, "LMG_MOST_ITEMS", most)
    provinces = swiss("swiss.csv")
    expected = swiss("expected_swiss_recomputed.csv")
    names = [row["predictor"] for row in expected]
    items = [[float(province[name]) for name in names] for province in provinces]
    found = key_drivers(items, [float(province["Fertility"]) for province in provinces], names=names, resamples=0)
    contributions = {driver.item: round(driver.contribution, 6) for driver in found.drivers}
    assert round(found.r2, 6) == 0.706735
    assert contributions == {row["predictor"]: float(row[column]) for row in expected}


@given(st.integers(1, 5), st.integers(0, 999))
def test_lmg_averages_the_gain_over_all_orders(items, seed):
    matrix = np.corrcoef(np.random.default_rng(seed).normal(size=(items + 1, 20)))
    assert lmg(matrix[None])[0] == pytest.approx(reference_lmg(matrix))


@given(st.integers(1, 12), st.integers(0, 999))
def test_lmg_and_relative_weights_are_shares_of_r2(items, seed):
    matrix = np.corrcoef(np.random.default_rng(seed).normal(size=(items + 1, 40)))
    r2 = 1 - np.linalg.det(matrix) / np.linalg.det(matrix[:-1, :-1])
    for contributions in (lmg(matrix[None])[0], relative_weights(matrix[None])[0]):
        assert contributions.sum() == pytest.approx(r2)
        assert contributions.min() >= 0


def test_lmg_of_many_matrices_is_that_of_each():
    matrices = np.array([np.corrcoef(np.random.default_rng(seed).normal(size=(4, 20))) for seed in range(40)])
    assert lmg(matrices) == pytest.approx(np.concatenate([lmg(matrix[None]) for matrix in matrices]))


@pytest.mark.parametrize("items", [4, 17])
@pytest.mark.parametrize("seed", range(3))
def test_key_drivers_do_not_depend_on_the_order_of_sheets_or_items(items, seed):
    scores, overall = answers(400, items, missing=0.3)
    rows, columns = np.random.default_rng(seed).permutation(400), np.random.default_rng(seed).permutation(items)
    first = key_drivers(scores, overall, names=names_of(scores), resamples=20)
    names = [names_of(scores)[column] for column in columns]
    second = key_drivers(scores[np.ix_(rows, columns)], overall[rows], names=names, resamples=20)
    assert second == first
    assert second.resampled_shares.tolist() == first.resampled_shares.tolist()
    assert second.resampled_means.tolist() == first.resampled_means.tolist()


def test_key_drivers_have_shares_that_add_up_to_1_in_every_resample():
    scores, overall = answers(300, 5, missing=0.2)
    found = key_drivers(scores, overall, names=names_of(scores), resamples=50)
    assert sum(driver.share for driver in found.drivers) == pytest.approx(1)
    assert sum(driver.contribution for driver in found.drivers) == pytest.approx(found.r2)
    assert found.resampled_shares.sum(axis=1) == pytest.approx(np.ones(50))


def test_key_drivers_take_their_intervals_from_the_resamples():
    scores, overall = answers(300, 3)
    found = key_drivers(scores, overall, names=names_of(scores), resamples=200, confidence=0.9)
    ends = np.percentile(found.resampled_shares, [5, 95], axis=0)
    assert [[driver.low for driver in found.drivers], [driver.high for driver in found.drivers]] == ends.tolist()


def test_key_drivers_resample_means_in_points_of_the_scale():
    scores, overall = answers(500, 3, missing=0.4)
    found = key_drivers(scores, overall, names=names_of(scores), resamples=200)
    error = np.nanstd(scores, axis=0) / np.sqrt((~np.isnan(scores)).sum(axis=0))
    assert found.resampled_means.mean(axis=0) == pytest.approx(np.nanmean(scores, axis=0), abs=0.02)
    assert found.resampled_means.std(axis=0) == pytest.approx(error, rel=0.2)


def test_key_drivers_keep_the_sheets_of_those_who_skipped_a_question():
    scores, overall = answers(200, 3)
    scores[100:, 0], overall[50:80] = NAN, NAN
    found = key_drivers(scores, overall, names=names_of(scores), resamples=0)
    assert found.pairs.tolist() == [
        [100, 100, 100, 70],
        [100, 200, 200, 170],
        [100, 200, 200, 170],
        [70, 170, 170, 170],
    ]
    assert (found.sheets, found.pairs_low, found.pairs_high) == (200, 70, 200)
    assert [driver.n for driver in found.drivers] == [100, 200, 200]


def test_key_drivers_name_the_items_with_too_few_sheets():
    scores, overall = answers(200, 4)
    scores[29:, 1], scores[:, 3] = NAN, NAN
    found = key_drivers(scores, overall, names=["app", "fair", "shop", "visit"], resamples=0)
    assert ([driver.item for driver in found.drivers], found.too_few) == (["app", "shop"], ("fair", "visit"))


def test_key_drivers_name_the_items_without_variation():
    scores, overall = answers(200, 4)
    scores[:, 1], scores[:150, 3], overall[150:] = 4, 2, NAN  # the last item varies only where nobody judges the whole
    found = key_drivers(scores, overall, names=["app", "fair", "shop", "visit"], resamples=0)
    assert ([driver.item for driver in found.drivers], found.without_variation) == (["app", "shop"], ("fair", "visit"))


def test_key_drivers_share_between_two_questions_with_the_same_answers():
    scores, overall = answers(300, 2)
    doubled = key_drivers(scores[:, [0, 1, 1]], overall, names=["a", "b", "c"], resamples=20)
    single = key_drivers(scores, overall, names=["a", "b"], resamples=0)
    assert doubled.r2 == pytest.approx(single.r2, abs=1e-6)
    assert doubled.drivers[1].contribution == pytest.approx(doubled.drivers[2].contribution)
    assert (doubled.lifted, doubled.resamples) == (1, 20)


def test_key_drivers_that_explain_everything_have_an_r2_of_1():
    scores, _ = answers(300, 3)
    assert key_drivers(scores, scores.sum(axis=1), names=names_of(scores), resamples=0).r2 == pytest.approx(1, abs=1e-6)


def test_key_drivers_count_weighted_sheets_as_often_as_they_weigh():
    scores, overall = answers(200, 3)
    weights = np.random.default_rng(2).integers(0, 4, 200)
    weighted = key_drivers(scores, overall, names=names_of(scores), weights=weights, resamples=0)
    repeated = np.repeat(np.arange(200), weights)
    expected = key_drivers(scores[repeated], overall[repeated], names=names_of(scores), resamples=0)
    assert [d.share for d in weighted.drivers] == pytest.approx([d.share for d in expected.drivers], abs=1e-3)
    assert weighted.sheets == (weights > 0).sum()


@pytest.mark.parametrize(
    ("scores", "overall", "unsaid"),
    [
        ([[1, 2], [2, 1], [3, 2]] * 20, [4, 4, 4] * 20, "overall_without_variation"),
        ([[1], [2], [3]] * 20, [4, 5, 4] * 20, "fewer_than_two_items"),
        ([[1, NAN], [2, NAN], [3, NAN]] * 20, [4, 5, 4] * 20, "fewer_than_two_items"),
        ([[1, 2], [2, 1]] * 5, [4, 5] * 5, "fewer_than_two_items"),
        (np.empty((0, 0)), [], "overall_without_variation"),
    ],
)
def test_key_drivers_say_why_there_are_none(scores, overall, unsaid):
    found = key_drivers(scores, overall, names=list("ab")[: np.shape(scores)[1]], resamples=5)
    assert (found.unsaid, found.r2, found.drivers) == (unsaid, None, ())


def test_key_drivers_say_that_nothing_is_explained():
    scores = [[1, 1], [1, 2], [2, 1], [2, 2]] * 20
    found = key_drivers(scores + scores, [4] * 80 + [5] * 80, names=["a", "b"], resamples=0)
    assert (found.unsaid, found.r2, found.drivers) == ("nothing", 0, ())


def test_key_drivers_leave_resamples_out_that_explain_nothing():
    overall = np.array([5] + [4] * 39)  # a resample without the first sheet has nothing to explain
    found = key_drivers([[1, 2], [2, 1], [2, 2], [1, 1]] * 10, overall, names=["a", "b"], resamples=200)
    assert 0 < found.resamples < 200
    assert len(found.resampled_shares) == len(found.resampled_means) == found.resamples


@pytest.mark.parametrize(
    ("scores", "names", "message"),
    [
        ([[1, 2]], ["a"], r"^\(1, 2\) scores do not fit 1 overall judgements and 1 names"),
        ([[1, 2]], ["a", "a"], "^a name comes twice among a, a"),
    ],
)
def test_key_drivers_refuse_what_does_not_fit(scores, names, message):
    with pytest.raises(QuestionError, match=message):
        key_drivers(scores, [3], names=names)


def test_key_drivers_are_comparable_values():
    assert key_drivers([[1]], [1], names=["a"]) == KeyDrivers(
        method="lmg", unsaid="overall_without_variation", too_few=("a",)
    )


@pytest.mark.parametrize(
    ("r2", "items", "n", "expected"),
    [(0.05, 4, 100, 0.3), (0.6, 4, 100, 0.0), (1.0, 2, 10, 0.0), (0.9, 4, 5, 1.0), (0.0, 0, 50, 1.0)],
)
def test_chance_of_is_the_f_test_of_all_items(r2, items, n, expected):
    assert chance_of(r2, items=items, n=n) == pytest.approx(expected, abs=0.005)


def test_a_share_lies_within_its_own_interval():
    random = np.random.default_rng(1)
    found = key_drivers(random.integers(1, 6, (120, 3)), random.integers(1, 6, 120), names=["a", "b", "c"])
    assert [driver for driver in found.drivers if not driver.low <= driver.share <= driver.high] == []
