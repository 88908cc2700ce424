"""Customers who leave, and customers who come back, through a log, against the figures of their READMEs."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tangente.contactlog.extent import extent
from tangente.contactlog.funnel import funnel
from tangente.contactlog.hazard import hazard
from tangente.contactlog.log import DAY, ContactLog
from tangente.method.cox import fit, risk_sets
from tangente.method.survival import kaplan_meier, log_rank

from .conftest import Logged

pytestmark = pytest.mark.shared_data

Log = Callable[..., Logged]
TELCO = "telco_churn_ibm/telco_customer_churn.csv.gz"
MONTHS = 72  # the longest tenure
LIVES = """[contacts]
customer_id = "customer"
occurred_at = "date"
timezone = "UTC"
touchpoint = "touchpoint"
outcome = "outcome"
segment = "contract"
"""
SHOP = "Online shop"


def customers(log: ContactLog, **filters: list[str]) -> int:
    return extent(log.where(**filters))["contacts"].customers


def write(file: Path, header: str, rows: Iterable[Iterable[object]]) -> Path:
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([header.split(), *rows])
    return file


@pytest.fixture(scope="module")
def telco(logged: Log) -> Logged:
    return logged((TELCO, "telco_churn_ibm"))


def test_telecom_company_has_the_churn_everyone_reports(telco: Logged) -> None:
    assert telco.became == [{"contacts": (7_043, 0, 7_043, 0)}]
    left = {"customers_with_outcome": ["exit"]}
    assert (customers(telco.log), customers(telco.log, **left)) == (7_043, 1_869)
    shares = {
        contract: round(
            100 * customers(telco.log, segments=[contract], **left) / customers(telco.log, segments=[contract]), 2
        )
        for contract in ("Month-to-month", "One year", "Two year")
    }
    assert shares == {"Month-to-month": 42.71, "One year": 11.27, "Two year": 2.83}


@pytest.fixture(scope="module")
def lives(logged: Log, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> ContactLog:
    """The same customers from the month they came to that of the count, a month as a day."""
    folder, begin = tmp_path_factory.mktemp("lives"), date(2018, 1, 1)
    rows: list[tuple[object, ...]] = []
    with gzip.open(shared_data / TELCO, "rt") as lines:
        for line in csv.DictReader(lines):
            who, came = line["customerID"], begin + timedelta(days=MONTHS - int(line["tenure"]))
            doings = ["Contract", "Fibre"] if line["InternetService"] == "Fiber optic" else ["Contract"]
            rows += [(who, came, doing, "", line["Contract"]) for doing in doings]
            left = "exit" if line["Churn"] == "Yes" else ""
            rows.append((who, begin + timedelta(days=MONTHS), "Count", left, line["Contract"]))
    (folder / "lives.toml").write_text(LIVES)
    file = write(folder / "lives.csv", "customer date touchpoint outcome contract", rows)
    return logged((file, str(folder / "lives"))).log


def followed(log: ContactLog) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], list[str]]:
    """Of each customer the months followed, whether they ended with the exit, whether there was fibre, and the contract."""
    parts = []
    for bucket in log.buckets():
        contacts = bucket.contacts
        first = np.flatnonzero(np.diff(contacts["customer"], prepend=-1))
        last = np.append(first[1:], len(contacts["customer"])) - 1
        months = (contacts["occurred_at"][last] - contacts["occurred_at"][first]) // DAY
        contracts = log.codes.decode("segment", contacts["segment"][last]).to_pylist()
        parts.append((months, contacts["outcome"][last] > 0, last - first > 1, np.array(contracts)))
    months, left, fibre, contract = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return months, left, fibre, contract.tolist()


def test_telecom_customers_stay_by_contract(lives: ContactLog) -> None:
    months, left, _, contract = followed(lives)
    curve = kaplan_meier(months, left)
    monthly = np.array(contract) == "Month-to-month"
    assert [round(curve.at(month), 4) for month in (1, 12, 24, 72)] == [0.946, 0.8432, 0.7887, 0.5928]
    assert (curve.median, kaplan_meier(months[monthly], left[monthly]).median) == (None, 35)
    found = log_rank(months, left, contract)
    assert (round(found.statistic, 2), found.degrees_of_freedom) == (2352.87, 2)


def test_hazard_of_fibre_is_that_of_the_rows(lives: ContactLog) -> None:
    months, left, fibre, _ = followed(lives)
    table = hazard(lives, within_days=MONTHS, silence_days=MONTHS)
    (row,) = [row for row in table.to_pylist() if row["touchpoint"] == "Fibre"]
    assert (row["customers"], row["person_days"], row["exits"]) == (3_096, months[fibre].sum(), 1_297)
    assert table.schema.metadata[b"exits"] == b"1869"
    by_month = fit(risk_sets(months, left, fibre[:, None]), 1)
    assert row["hazard_ratio"] == pytest.approx(np.exp(by_month.coefficients[0]), rel=0.05)
    assert row["low"] < np.exp(by_month.coefficients[0]) < row["high"]


@pytest.fixture(scope="module")
def shops(logged: Log, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Logged]:
    """Everybody's purchases, and those of one in ten; the sample has a second number of the customer in front."""
    folder, data = tmp_path_factory.mktemp("cdnow"), shared_data / "cdnow_purchases"
    with gzip.open(data / "CDNOW_master.txt.gz", "rt") as lines:
        master = [line.split() for line in lines][1:]
    sample = [line.split()[1:] for line in (data / "CDNOW_sample.txt").read_text().splitlines()]
    header = "customer date cds usd"
    return {
        name: logged((write(folder / f"{name}.csv", header, rows), "cdnow_purchases"))
        for name, rows in (("master", master), ("sample", sample))
    }


def test_purchases_are_read_whole(shops: dict[str, Logged]) -> None:
    sizes = {name: (shop.became[0]["contacts"], customers(shop.log)) for name, shop in shops.items()}
    assert sizes == {"master": ((69_659, 0, 69_659, 0), 23_570), "sample": ((6_919, 0, 6_919, 0), 2_357)}


def test_repeat_purchases_of_the_first_39_weeks(shops: dict[str, Logged], shared_data: Path) -> None:
    with (shared_data / "cdnow_purchases" / "cdnow_customers_summary.csv").open() as lines:
        frequency = [int(line["frequency"]) for line in csv.DictReader(lines)]
    days = {(who, day) for who, day in purchases(shops["sample"].log) if day < date(1997, 10, 1)}
    repeats = [number - 1 for number in Counter(who for who, _ in days).values()]
    assert sorted(repeats) == sorted(frequency)
    assert (sum(repeats), sum(number > 0 for number in repeats)) == (2_457, 946)


def purchases(log: ContactLog) -> list[tuple[int, date]]:
    parts = [(bucket.contacts["customer"], bucket.contacts["occurred_at"] // DAY) for bucket in log.buckets()]
    return [
        (1_000_000 * place + int(who), date(1970, 1, 1) + timedelta(days=int(day)))
        for place, (customer, at) in enumerate(parts)
        for who, day in zip(customer, at, strict=True)
    ]


def test_time_to_the_second_purchase_is_that_of_the_funnel(shops: dict[str, Logged]) -> None:
    log = shops["master"].log
    days: dict[int, list[date]] = {}
    for who, day in purchases(log):
        days.setdefault(who, []).append(day)
    end = max(max(own) for own in days.values())
    waits = [((own[1] if len(own) > 1 else end) - own[0]).days for own in days.values()]
    curve = kaplan_meier(waits, [len(own) > 1 for own in days.values()])
    for within in (0.5, 30, 180):
        step = funnel(log, steps=[SHOP, SHOP], within_days=within).to_pylist()[1]
        assert 1 - curve.at(within) == pytest.approx(step["share"])
