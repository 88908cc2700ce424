"""The main job on real data against the figures their READMEs give."""

from collections import Counter
from collections.abc import Callable

import pytest

from tangente.analysis.model import Analysis

pytestmark = pytest.mark.shared_data

Analysed = Callable[..., Analysis]


@pytest.fixture(scope="module")
def airport(analysed: Analysed) -> Analysis:
    return analysed("sfo_airport_survey", mapping="sfo_airport_survey_2017", ratings="sfo_customer_survey_2017.csv.gz")


@pytest.fixture(scope="module")
def loans(analysed: Analysed) -> Analysis:
    return analysed("bpic2012_loan_contacts", contacts="bpic2012.parquet", outcome="purchase")


@pytest.fixture(scope="module")
def permits(analysed: Analysed) -> Analysis:
    return analysed("receipt_permit_log", contacts="receipt.csv.gz")


def test_airport_recommendation_equals_the_published_score(airport: Analysis) -> None:
    nps = airport.overall.nps
    assert nps is not None
    assert (nps.n, nps.promoters, nps.passives, nps.detractors) == (2746, 1436, 968, 342)
    assert nps.value == pytest.approx(39.84, abs=0.005)


def test_airport_means_equal_the_published_ones(airport: Analysis) -> None:
    means = {point.touchpoint: point.satisfaction for point in airport.touchpoints}
    overall = airport.overall.satisfaction
    assert overall is not None
    assert (overall.n, round(overall.mean or 0, 4)) == (2688, 4.0644)
    published = {
        3.6154: 2421,
        3.6411: None,
        3.9926: None,
        4.1069: None,
        4.1468: None,
        4.0798: None,
        3.8501: 834,
        3.8429: None,
    }
    found = {round(mean.mean, 4): mean.n for mean in means.values() if mean and mean.mean}
    assert published.keys() - found.keys() == set()
    assert [found[mean] for mean, n in published.items() if n] == [2421, 834]


def test_airport_touchpoints_are_all_ranked(airport: Analysis) -> None:
    assert [point.priority.rank for point in airport.touchpoints if point.priority] == list(range(1, 15))


def test_airport_drivers_use_every_sheet_pairwise(airport: Analysis) -> None:
    assert airport.drivers is not None
    assert airport.drivers.method == "lmg"
    assert airport.drivers.sheets > 2500  # listwise deletion would keep 501
    assert sum(point.importance.share for point in airport.touchpoints if point.importance) == pytest.approx(1)


@pytest.mark.parametrize(("year", "n", "mean"), [(2015, 2810, 4.0480), (2016, 2919, 4.0380)])
def test_airport_blank_codes_change_by_year(analysed: Analysed, year: int, n: int, mean: float) -> None:
    analysis = analysed(
        "sfo_airport_survey", mapping=f"sfo_airport_survey_{year}", ratings=f"sfo_customer_survey_{year}.csv.gz"
    )
    overall = analysis.overall.satisfaction
    assert overall is not None
    assert (overall.n, round(overall.mean or 0, 4)) == (n, mean)


def test_loans_are_read_whole(loans: Analysis) -> None:
    source = loans.source.contacts
    assert source is not None
    assert (source.rows, source.new, source.rejected, source.customers, source.ties) == (
        262_200,
        262_200,
        0,
        13_087,
        13_995,
    )


def test_loans_granted_are_the_purchases(loans: Analysis) -> None:
    assert loans.outcome is not None
    assert (loans.outcome.customers.k, loans.outcome.customers.n) == (2_246, 13_087)
    assert sum(row.outcome_customers or 0 for row in loans.variants) <= 2_246


def test_loans_have_as_many_variants_as_published(loans: Analysis) -> None:
    assert loans.variants_total == 4_366
    assert loans.variants_rest_customers + sum(row.customers for row in loans.variants) == 13_087


def test_loans_work_items_are_counted_as_published(loans: Analysis) -> None:
    contacts = {point.touchpoint: point.contacts for point in loans.touchpoints}
    customers = {point.touchpoint: point.customers for point in loans.touchpoints}
    assert contacts["W_Completeren aanvraag"] == 54_850
    assert contacts["W_Nabellen offertes"] == 52_016
    assert (customers["A_DECLINED"], customers["A_CANCELLED"], customers["O_SENT"], customers["O_ACCEPTED"]) == (
        7_635,
        2_807,
        5_015,
        2_243,
    )


def test_permits_with_mixed_offsets_are_read_whole(permits: Analysis) -> None:
    source = permits.source.contacts
    assert source is not None
    assert (source.rows, source.customers, source.rejected, len(permits.touchpoints)) == (8_577, 1_434, 0, 27)
    assert source.first == "2010-10-02T07:20:39.266000Z"


def test_permits_flow_adds_up_to_all_successions(permits: Analysis) -> None:
    assert sum(row.contacts for row in permits.flow) == 8_577 - 1_434
    assert permits.variants_total == 116
    assert Counter({p.touchpoint: p.contacts for p in permits.touchpoints}).most_common(2) == [
        ("Confirmation of receipt", 1434),
        ("T06 Determine necessity of stop advice", 1416),
    ]
