"""Control charts on published series, and on a real series of complaints that goes through the log."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from tangente.contactlog.profile import profile
from tangente.method.control_chart import (
    ControlChart,
    count_chart,
    individuals_chart,
    mean_chart,
    moving_range_chart,
    range_chart,
    rate_chart,
    share_chart,
)

from .conftest import Logged

pytestmark = pytest.mark.shared_data

Table = dict[str, list[str]]


@pytest.fixture(scope="module")
def published(shared_data: Path) -> Callable[[str], Table]:
    """The columns of a published table."""

    def published(name: str) -> Table:
        with (shared_data / "ref_spc" / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {column: [row[column] for row in rows] for column in rows[0]}

    return published


def whole(texts: list[str]) -> list[int]:
    return [int(float(text)) for text in texts]


def trial(table: Table) -> list[int]:
    """The places of the points that the printed limits rest on."""
    return [place for place, flag in enumerate(table["trial"]) if flag == "True"]


def near(chart: ControlChart, *ends: float, by: float) -> bool:
    found = (chart.centre, chart.lower and chart.lower[0], chart.upper and chart.upper[0])
    return found == pytest.approx(ends, abs=by)


def outside(chart: ControlChart) -> list[int]:
    return [signal.place for signal in chart.signals if signal.rule == "outside"]


def test_nist_individuals(published: Callable[[str], Table]) -> None:
    flow = [float(text) for text in published("nist_632_individuals_flowrate")["flowrate"]]
    chart = individuals_chart(flow)
    assert near(chart, 50.81, 45.8159, 55.8041, by=0.001)  # the handbook divides by 1.128, the field multiplies by 2.66
    assert moving_range_chart(flow).centre == pytest.approx(1.8778, abs=5e-5)
    assert (chart.n, chart.provisional, chart.signals) == (10, True, [])


def test_nist_counts(published: Callable[[str], Table]) -> None:
    chart = count_chart(whole(published("nist_6331_cchart_wafer_defects")["defects"]))
    assert near(chart, 16, 4, 28, by=1e-9)
    assert (chart.n, len(outside(chart))) == (25, 1)


def test_montgomery_shares_with_and_without_the_explained_samples(published: Callable[[str], Table]) -> None:
    cans = published("montgomery_orangejuice")
    parts, sizes, base = whole(cans["D"]), whole(cans["size"]), trial(cans)
    chart = share_chart(parts, sizes, baseline=base)
    assert (chart.n, near(chart, 0.2313, 0.0524, 0.4102, by=5e-5)) == (30, True)
    assert [place + 1 for place in outside(chart) if place < 30] == [15, 23]
    without = share_chart(parts, sizes, baseline=[place for place in base if place + 1 not in (15, 23)])
    assert near(without, 0.2150, 0.0407, 0.3893, by=5e-5)


def test_montgomery_counts_and_rates(published: Callable[[str], Table]) -> None:
    boards, computers = published("montgomery_circuit"), published("montgomery_pcmanufact")
    counts = count_chart(whole(boards["x"]), baseline=trial(boards))
    rates = rate_chart(whole(computers["x"]), whole(computers["size"]))
    assert (counts.n, near(counts, 516 / 26, 6.48, 33.21, by=0.005)) == (26, True)
    assert (rates.n, near(rates, 1.93, 0.07, 3.79, by=0.005)) == (20, True)


def test_montgomery_means_and_ranges(published: Callable[[str], Table]) -> None:
    diameters = [float(text) for text in published("montgomery_pistonrings")["diameter"]]
    samples = [diameters[place : place + 5] for place in range(0, len(diameters), 5)]
    means, ranges = (chart(samples, baseline=range(25)) for chart in (mean_chart, range_chart))
    assert near(means, 74.001, 73.988, 74.014, by=5e-4)
    assert near(ranges, 0.02276, 0, 0.04811, by=5e-5)
    assert outside(means) == [36, 37, 38]


@pytest.fixture(scope="module")
def complaints(
    published: Callable[[str], Table], logged: Callable[..., Logged], tmp_path_factory: pytest.TempPathFactory
) -> Logged:
    """A contact for each complaint that UWV counted, on the first day of its four months."""
    uwv = published("uwv_complaints_per_third_2005_2018")
    days = [f"{year}-{4 * third - 3:02}-01" for year, third in zip(uwv["year"], whole(uwv["third"]), strict=True)]
    received = [day for day, count in zip(days, whole(uwv["complaints"]), strict=True) for _ in range(count)]
    file = tmp_path_factory.mktemp("uwv") / "complaints.csv"
    file.write_text("complaint,received\n" + "".join(f"{i},{day}\n" for i, day in enumerate(received)))
    return logged((file, "ref_spc_uwv_complaints"))


def test_complaints_per_year_are_the_printed_totals(complaints: Logged) -> None:
    years = profile(complaints.log, period="year")
    totals = dict(zip(pc.year(years["period"]).to_pylist(), years["contacts"].to_pylist(), strict=True))
    assert (len(totals), totals[2005], totals[2017], totals[2018]) == (14, 20_116, 8_047, 7_415)
    assert complaints.became == [{"contacts": (154_970, 0, 154_970, 0)}]


def test_complaints_from_the_log_give_the_signals(complaints: Logged) -> None:
    thirds = profile(complaints.log, period="month")
    counts, base = thirds["contacts"].to_pylist(), range(9, 30)  # 2008 to 2014
    chart = individuals_chart(counts, baseline=base)
    assert (chart.n, near(chart, 3_103.29, 2_343.72, 3_862.85, by=0.005)) == (21, True)
    assert moving_range_chart(counts, baseline=base[:-1]).centre == pytest.approx(285.55)
    assert [(thirds["period"][place].as_py(), counts[place]) for place in outside(chart) if place not in range(30)] == [
        (date(2015, 9, 1), 4_029),
        (date(2016, 1, 1), 4_125),
        (date(2018, 5, 1), 2_335),
    ]
