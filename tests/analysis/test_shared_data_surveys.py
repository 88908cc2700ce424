"""Surveys and reviews, through a log, against the figures their READMEs give."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv as arrow_csv

from tangente.analysis.model import Analysis
from tangente.contactlog.answers import Answers, answers, never_used, sheets
from tangente.contactlog.extent import extent
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tangente.errors import TooManyRefused
from tangente.method.correlation import pairwise_correlation
from tangente.method.mean import weighted_mean

from .conftest import Logged

pytestmark = pytest.mark.shared_data

Log = Callable[..., Logged]
ATTRIBUTES = [f"Attribute {number:02}" for number in range(20)]
SHAPKA = "keydriver_satisfaction_shapka"


@pytest.fixture(scope="module")
def survey(logged: Log) -> Logged:
    return logged((f"{SHAPKA}/example_03.csv", SHAPKA))


def about(log: ContactLog, touchpoint: str | None) -> Answers:
    given = answers(log)
    return given.only(given.touchpoint == (log.codes.code("touchpoint", touchpoint) if touchpoint else 0))


def test_survey_keeps_every_cell_and_knows_the_missing_ones(survey: Logged) -> None:
    assert survey.became == [{"ratings": (38_682, 0, 38_682, 0)}]
    size = extent(survey.log)["ratings"]
    assert (size.rows, size.customers) == (1_842 * 21, 1_842)
    assert size.rows - len(answers(survey.log).score) == 3_634
    assert len(about(survey.log, None).score) == 1_840


@pytest.mark.parametrize(
    ("attribute", "of_all", "of_answers"),
    [("Attribute 00", 14.51, 14.51), ("Attribute 01", 11.87, 11.96), ("Attribute 02", 21.23, 21.31)],
)
def test_survey_weighted_share_of_dissatisfied(
    survey: Logged, attribute: str, of_all: float, of_answers: float
) -> None:
    given = about(survey.log, attribute)
    share = weighted_mean((given.score <= 6).astype(float), given.weight, customers=given.customer).mean
    weight = about(survey.log, "Attribute 00").weight.sum()  # which all answered
    assert share is not None
    assert share * 100 == pytest.approx(of_answers, abs=0.005)
    # The published share counts who did not answer as not dissatisfied.
    assert share * given.weight.sum() / weight * 100 == pytest.approx(of_all, abs=0.005)


def test_survey_shares_of_dissatisfied_equal_the_published_table(survey: Logged, shared_data: Path) -> None:
    with (shared_data / SHAPKA / "reference_notebook_kda.csv").open(encoding="utf-8") as file:
        published = {row["Attribute"]: float(row["Dissatisfied on attribute (%)"]) for row in csv.DictReader(file)}
    said = sheets(survey.log, measure="csat 1..10", overall="csat 1..10")
    shares = 100 * said.weights @ (said.items <= 6) / said.weights.sum()  # no answer is NaN, so not dissatisfied
    assert dict(zip(said.touchpoints, np.round(shares, 2), strict=True)) == published


@pytest.mark.slow
def test_survey_key_drivers_are_the_published_ones(analysed: Callable[..., Analysis]) -> None:
    analysis = analysed(SHAPKA, ratings="example_03.csv")
    importance = {point.touchpoint: point.importance.share for point in analysis.touchpoints if point.importance}
    assert sorted(importance, key=lambda name: -importance[name])[:3] == [
        "Attribute 00",
        "Attribute 01",
        "Attribute 02",
    ]
    assert (len(importance), sum(importance.values())) == (20, pytest.approx(1))


@pytest.fixture(scope="module")
def lounges(logged: Log) -> Logged:
    return logged(("skytrax_reviews/lounge.csv.gz", "skytrax_lounges"))


@pytest.fixture(scope="module")
def seats(logged: Log) -> Logged:
    return logged(("skytrax_reviews/seat.csv.gz", "skytrax_seats"), accept_rejects=True)


def test_lounges_on_the_other_scale_are_refused(lounges: Logged) -> None:
    assert lounges.became == [{"ratings": (2_264 * 9, 67, 2_264 * 9 - 67, 0)}]
    assert {(refusal.column, refusal.value) for refusal in lounges.refusals[0]} == {
        ("overall_rating", f"{score}.0") for score in range(6, 11)
    }
    assert len(about(lounges.log, None).score) == 2_259 - 67 + 2_264  # overall, and would they recommend it


@pytest.mark.parametrize(
    ("touchpoint", "answered", "mean"),
    [
        ("Comfort", 2_264, 3.3419),
        ("Cleanliness", 2_264, 3.6586),
        ("Bar and beverages", 2_259, 3.2311),
        ("Catering", 2_261, 2.7820),
        ("Washrooms", 2_238, 3.0232),
        ("WiFi", 2_253, 3.2854),
        ("Staff", 2_255, 3.2532),
    ],
)
def test_lounges_means_equal_the_published_ones_if_none_had_counted_as_0(
    lounges: Logged, touchpoint: str, answered: int, mean: float
) -> None:
    row = next(row for row in profile(lounges.log).to_pylist() if row["touchpoint"] == touchpoint)
    none = never_used(lounges.log)[touchpoint]
    assert row["satisfaction_n"] + none == answered
    assert row["satisfaction_mean"] * row["satisfaction_n"] / answered == pytest.approx(mean, abs=5e-5)


def test_lounges_recommended(lounges: Logged) -> None:
    log, given = lounges.log, about(lounges.log, None)
    recommended = given.score[given.measure == log.measure_code("attribute 0..1")]
    assert (len(recommended), round(recommended.mean(), 4)) == (2_264, 0.3604)


def test_seats_without_a_date_stop_the_import(logged: Log) -> None:
    with pytest.raises(TooManyRefused, match="234 of 11,322 ratings are refused"):
        logged(("skytrax_reviews/seat.csv.gz", "skytrax_seats"))


def test_seats_without_a_date_are_refused(seats: Logged) -> None:
    (refused,) = seats.refusals
    assert Counter((refusal.column, refusal.value) for refusal in refused) == {("date", "1970-01-01"): 26 * 9}
    assert len({refusal.line for refusal in refused}) == 26
    assert profile(seats.log, by=[])["satisfaction_n"].to_pylist() == [4 * 1_232 + 1_159 + 62 + 113]
    assert never_used(seats.log) == {"TV screen": 44}  # 1,229 in all, 26 of them without a date


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            "lounge",
            {"comfort": 0.7326, "staff_service": 0.7305, "catering": 0.7303, "bar_beverages": 0.7132}
            | {"cleanliness": 0.7124, "washrooms": 0.6719, "wifi_connectivity": 0.5993},
        ),
        ("seat", {"seat_legroom": 0.7846, "seat_width": 0.7691, "seat_recline": 0.7396}),
    ],
)
def test_reviews_correlations_equal_the_published_ones(
    shared_data: Path, file: str, expected: dict[str, float]
) -> None:
    table = arrow_csv.read_csv(
        shared_data / "skytrax_reviews" / f"{file}.csv.gz",
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
    )
    columns = [table[f"{name}_rating"].cast("float64").to_numpy() for name in ("overall", *expected)]
    found = pairwise_correlation(np.column_stack(columns))
    assert found.matrix[0, 1:] == pytest.approx(list(expected.values()), abs=5e-5)
