"""Complaints and reports of real people, through a log, against the figures their READMEs give."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tangente.contactlog.answers import answers
from tangente.contactlog.extent import extent
from tangente.contactlog.flow import flow
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile
from tangente.contactlog.variants import variants
from tangente.errors import TooManyRefused
from tangente.method.control_chart import individuals_chart

from .conftest import Logged

pytestmark = pytest.mark.shared_data

Log = Callable[..., Logged]
DAY = 86_400
REQUESTS = "nyc311_sample/nyc311_2016-09_sample.csv.gz"


def contacts(log: ContactLog, by: str) -> dict[str | None, int]:
    table = profile(log, by=[by])
    return dict(zip(table[by].to_pylist(), table["contacts"].to_pylist(), strict=True))


def customers(log: ContactLog, **filters: list[str]) -> int:
    return extent(log.where(**filters))["contacts"].customers


def steps(log: ContactLog) -> dict[tuple[str, str], dict[str, float]]:
    return {(row["from"], row["to"]): row for row in flow(log).to_pylist()}


@pytest.fixture(scope="module")
def finance(logged: Log) -> Logged:
    file = "cfpb_complaints/cfpb_2013_sample.csv.gz"
    return logged((file, "cfpb_complaints_2013"), (file, "cfpb_complaints_2013_sent"))


def test_finance_complaints_of_2013_are_read_whole(finance: Logged) -> None:
    whole = (1_000, 0, 1_000, 0)
    assert finance.became == [{"contacts": whole, "ratings": whole}, {"contacts": whole}]
    assert customers(finance.log) == 1_000


def test_finance_complaints_of_2013_by_channel(finance: Logged) -> None:
    by_channel = contacts(finance.log, "channel")
    assert by_channel.pop(None) == 1_000  # sent on to the company
    assert by_channel == {"Web": 691, "Postal mail": 107, "Referral": 92, "Phone": 90, "Fax": 19, "Email": 1}


def test_finance_complaints_of_2013_answered_in_time_and_disputed(finance: Logged) -> None:
    in_time = [customers(finance.log, customers_with_outcome=[outcome]) for outcome in ("timely", "late")]
    assert (in_time, Counter(answers(finance.log).score.tolist())) == ([984, 16], {1.0: 789, 0.0: 211})


def test_finance_complaints_of_2013_are_sent_on_after_a_day_and_some_before_they_came(finance: Logged) -> None:
    sent = "Sent to the company"
    as_one = finance.log.with_names({name: "Complaint" for name in contacts(finance.log, "touchpoint") if name != sent})
    there, back = steps(as_one)["Complaint", sent], steps(as_one)[sent, "Complaint"]
    assert (there["contacts"], there["median_wait_s"]) == (977, DAY)
    assert (back["contacts"], back["median_wait_s"]) == (23, DAY)  # an error of the data


def test_finance_complaints_of_2019_by_channel(logged: Log) -> None:
    log = logged(("cfpb_complaints/cfpb_2019_narratives_sample.csv.gz", "cfpb_complaints")).log
    assert contacts(log, "channel") == {
        "Web": 211,
        "Referral": 25,
        "Phone": 17,
        "Postal mail": 10,
        "Fax": 4,
        "Email": 1,
    }


def test_finance_complaints_of_2023(logged: Log) -> None:
    log = logged(("cfpb_complaints/cfpb_2023_sample.csv.gz", "cfpb_complaints")).log
    assert contacts(log, "channel") == {"Web": 2_000, "Phone": 41, "Referral": 17, "Postal mail": 9}
    assert [customers(log, customers_with_outcome=[outcome]) for outcome in ("timely", "late")] == [2_066, 1]
    assert len(contacts(log, "unit")) == 177


@pytest.fixture(scope="module")
def city(logged: Log) -> Logged:
    return logged(("zueri_wie_neu/reports_cleaned.csv.gz", "zueri_wie_neu"))


def test_city_reports_by_category(city: Logged) -> None:
    assert city.became == [{"contacts": (62_245, 0, 62_245, 0)}]
    assert contacts(city.log, "touchpoint") == {
        "Abfall/Sammelstelle": 24_090,
        "Signalisation/Lichtsignal": 9_358,
        "Strasse/Trottoir/Platz": 7_146,
        "Grünflächen/Spielplätze": 6_220,
        "Beleuchtung/Uhren": 4_575,
        "Allgemein": 3_722,
        "Graffiti": 3_262,
        "VBZ/ÖV": 1_772,
        "Brunnen/Hydranten": 1_210,
        "Schädlinge": 890,
    }


def test_city_reports_by_year(city: Logged) -> None:
    years = profile(city.log, by=[], period="year")
    assert dict(zip(pc.year(years["period"]).to_pylist(), years["contacts"].to_pylist(), strict=True)) == {
        2016: 2_307,
        2017: 2_869,
        2018: 3_724,
        2019: 5_243,
        2020: 4_802,
        2021: 5_783,
        2022: 6_828,
        2023: 8_325,
        2024: 10_794,
        2025: 11_570,
    }


def test_city_reports_by_day_and_month_add_up(city: Logged) -> None:
    days, months = (profile(city.log, period=period) for period in ("day", "month"))
    assert sum(days["contacts"].to_pylist()) == sum(months["contacts"].to_pylist()) == 62_245
    assert (pc.min(days["period"]).as_py(), pc.max(days["period"]).as_py()) == (date(2016, 1, 1), date(2025, 12, 30))


def test_city_reports_have_risen_beyond_chance(city: Logged) -> None:
    months = profile(city.log, by=[], period="month")["contacts"].to_pylist()
    chart = individuals_chart(months, baseline=range(24))
    above = {signal.place for signal in chart.signals if (signal.rule, signal.side) == ("outside", "high")}
    assert (len(months), chart.n, set(range(51, 120)) - above) == (120, 24, set())  # April 2020 to December 2025


@pytest.fixture(scope="module")
def requests(logged: Log) -> Logged:
    events = [(REQUESTS, f"nyc311_{event}") for event in ("created", "closed", "due")]
    return logged(*events, accept_rejects=True)


def test_requests_without_a_closed_date_are_refused(logged: Log) -> None:
    with pytest.raises(TooManyRefused, match="264 of 3,101 contacts are refused"):
        logged((REQUESTS, "nyc311_closed"))


def test_requests_are_read_as_three_events(requests: Logged) -> None:
    assert [file["contacts"] for file in requests.became] == [
        (3_101, 0, 3_101, 0),
        (3_101, 264, 2_837, 0),
        (3_101, 0, 3_101, 0),
    ]
    assert {(refusal.column, refusal.value) for refusal in requests.refusals[1]} == {("Closed Date", "")}
    assert contacts(requests.log, "touchpoint")["Request closed"] == 2_837


def test_requests_resolved_and_open(requests: Logged) -> None:
    assert [customers(requests.log, customers_with_outcome=[outcome]) for outcome in ("resolved", "open")] == [
        2_811,
        187 + 103,
    ]


def paths(log: ContactLog) -> Counter[str]:
    """Customers by the order of the events, as "asked closed due"."""
    short = {"Request closed": "closed", "Promised date": "due"}
    table: pa.Table = variants(log)
    found: Counter[str] = Counter()
    for path, number in zip(table["path"].to_pylist(), table["customers"].to_pylist(), strict=True):
        found[" ".join(short.get(step, "asked") for step in path)] += number
    return found


def test_requests_closed_after_the_promised_date_and_before_they_came(requests: Logged) -> None:
    found = paths(requests.log)
    assert found == {
        "asked closed due": 2_837 - 85 - 26,
        "asked due closed": 85,
        "closed asked due": 26,  # an error of the data
        "asked due": 264,
    }
    assert found["asked due closed"] / 2_837 == pytest.approx(0.02996, abs=5e-6)


def test_requests_are_closed_after_a_median_of_five_days(requests: Logged) -> None:
    kinds = [name for name in contacts(requests.log, "touchpoint") if name not in ("Request closed", "Promised date")]
    as_one = requests.log.with_names(dict.fromkeys(kinds, "Request")).where(touchpoints=["Request", "Request closed"])
    there, back = steps(as_one)["Request", "Request closed"], steps(as_one)["Request closed", "Request"]
    assert (there["contacts"], there["median_wait_s"]) == (2_811, 120 * 3_600)
    assert back["contacts"] == 26
