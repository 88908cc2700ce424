"""The example mappings on the real data sets: the counts and means of their READMEs."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tangente.contactlog.schema import MICRO
from tangente.sources.mapping import Mapping

from .files import Outcome, Row, read

EXAMPLES = Path(__file__).parents[2] / "examples" / "mappings"

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def survey(shared_data: Path) -> Any:
    """What is read of the airport survey of a year."""
    read_once: dict[int, Outcome] = {}

    def of(year: int) -> Outcome:
        if year not in read_once:
            path = shared_data / "sfo_airport_survey" / f"sfo_customer_survey_{year}.csv.gz"
            read_once[year] = read(path, (EXAMPLES / f"sfo_airport_survey_{year}.toml").read_text())
        return read_once[year]

    return of


def scores(ratings: list[Row], touchpoint: str | None, metric: str = "csat") -> list[float]:
    asked = [row for row in ratings if (row["touchpoint"], row["metric"]) == (touchpoint, metric)]
    return [row["score"] for row in asked if row["answer"] == "given"]


@pytest.mark.parametrize(("year", "sheets", "columns"), [(2015, 2_958, 15), (2016, 3_087, 15), (2017, 2_831, 16)])
def test_airport_survey_gives_every_cell_of_every_sheet(survey: Any, year: int, sheets: int, columns: int):
    outcome = survey(year)
    assert outcome.source.rows == {"ratings": sheets * columns}
    assert outcome.refusals == []
    assert len({row["response_id"] for row in outcome.ratings}) == sheets
    assert len({row["touchpoint"] for row in outcome.ratings} - {None}) == 14


@pytest.mark.parametrize(
    ("year", "touchpoint", "n", "mean"),
    [
        (2015, None, 2_810, 4.0480),
        (2016, None, 2_919, 4.0380),
        (2017, None, 2_688, 4.0644),
        (2017, "Food and restaurants", 2_421, 3.6154),
        (2017, "Shops", 2_374, 3.6411),
        (2017, "Artwork and exhibitions", 2_284, 3.9926),
        (2017, "AirTrain", 1_450, 4.1069),
        (2017, "Escalators and moving walkways", 2_629, 4.1468),
        (2017, "WiFi", 2_142, 4.0798),
        (2017, "Long-term parking shuttle", 834, 3.8501),
        (2017, "Rental car center", 1_006, 3.8429),
    ],
)
def test_airport_survey_means(survey: Any, year: int, touchpoint: str | None, n: int, mean: float):
    given = scores(survey(year).ratings, touchpoint)
    assert (len(given), round(sum(given) / len(given), 4)) == (n, mean)


def test_airport_survey_recommendation(survey: Any):
    given = scores(survey(2017).ratings, None, "nps")
    promoters, detractors = sum(score >= 9 for score in given), sum(score <= 6 for score in given)
    assert (promoters, len(given) - promoters - detractors, detractors) == (1_436, 968, 342)


def test_airport_survey_keeps_weight_and_wave(survey: Any):
    row = survey(2017).ratings[0]
    assert (row["response_id"], row["weight"], row["wave"]) == ("2017-1", 0.2847177143, "2017")


@pytest.fixture(scope="module")
def loans(shared_data: Path) -> list[Row]:
    path = shared_data / "bpic2012_loan_contacts" / "bpic2012.parquet"
    return read(path, (EXAMPLES / "bpic2012_loan_contacts.toml").read_text()).contacts


def test_loan_contacts_and_customers(loans: list[Row]):
    assert (len(loans), len({row["customer_id"] for row in loans})) == (262_200, 13_087)


def test_loan_outcomes(loans: list[Row]):
    assert Counter(row["outcome"] for row in loans if row["outcome"]) == {
        "purchase": 2_246,
        "declined": 7_635,
        "abandoned": 2_807,
    }


def test_loan_contacts_that_tie_in_time(loans: list[Row]):
    assert len(loans) - len({(row["customer_id"], row["occurred_at"]) for row in loans}) == 13_995


def test_permit_log_with_changing_offsets(shared_data: Path):
    path = shared_data / "receipt_permit_log" / "receipt.csv.gz"
    contacts = read(path, (EXAMPLES / "receipt_permit_log.toml").read_text()).contacts
    assert (len(contacts), len({row["customer_id"] for row in contacts})) == (8_577, 1_434)
    assert Counter(row["channel"] for row in contacts) == {
        "Internet": 7478,
        "Desk": 657,
        "Post": 308,
        "e-mail": 128,
        "Intern": 6,
    }
    assert contacts[0]["occurred_at"].isoformat() == "2011-10-11T11:45:40.276000+00:00"
    assert len({row["touchpoint"] for row in contacts}) == 27


def test_compensation_costs_per_case(shared_data: Path):
    path = shared_data / "process_mining_book_logs" / "running_example_compensation.csv"
    contacts = read(path, (EXAMPLES / "process_mining_compensation.toml").read_text()).contacts
    costs: Counter[str] = Counter()
    for row in contacts:
        costs[row["customer_id"]] += row["cost"] / MICRO
    assert costs == {"1": 950, "2": 950, "3": 1_850, "4": 950, "5": 2_750, "6": 950}
    assert {row["employee"] for row in contacts} == {None}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_examples_read_no_free_text(path: Path):
    texts = {
        "content",
        "title",
        "Consumer complaint narrative",
        "consumer_complaint_narrative",
        "Resolution Description",
    }
    assert [column for part in Mapping.load(path).parts for column in part.columns if column in texts] == []
