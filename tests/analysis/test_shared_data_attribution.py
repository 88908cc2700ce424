"""Attribution on the standard example of the field: 10,000 counted paths over twelve channels."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tangente.contactlog.attribution import attribution
from tangente.contactlog.combinations import combinations
from tangente.contactlog.log import ContactLog
from tangente.contactlog.testing import START, from_rows

pytestmark = pytest.mark.shared_data

CONVERSIONS, NULLS = 19_785, 68_602


def contacts(file: Path) -> Iterator[dict[str, object]]:
    """A customer for each time a path was taken; where it converted, the last contact has the outcome."""
    with gzip.open(file, "rt") as lines:
        for number, line in enumerate(csv.DictReader(lines)):
            steps = line["path"].split(" > ")
            converted, taken = int(line["total_conversions"]), int(line["total_conversions"]) + int(line["total_null"])
            for time in range(taken):
                for step, touchpoint in enumerate(steps, start=1):
                    outcome = "purchase" if time < converted and step == len(steps) else None
                    yield {"customer_id": f"{number} {time}", "touchpoint": touchpoint, "outcome": outcome}


@pytest.fixture(scope="module")
def log(shared_data: Path) -> ContactLog:
    rows = contacts(shared_data / "mta_conversion_paths" / "data.csv.gz")
    return from_rows([row | {"occurred_at": START} for row in rows], [])


def test_attribution_reproduces_the_printed_table(log: ContactLog, shared_data: Path) -> None:
    table = attribution(log)
    found = {row["touchpoint"]: row for row in table.to_pylist()}
    with (shared_data / "mta_conversion_paths" / "expected_attribution_recomputed.csv").open() as file:
        for line in csv.DictReader(file):
            row = found.pop(line["channel"])
            touches = [CONVERSIONS * row[rule] for rule in ("first", "last", "linear")]
            assert touches == pytest.approx([float(line[rule]) for rule in ("first", "last", "linear")], abs=1e-5)
            assert round(row["removal_effect"], 6) == float(line["markov1_removal_effect_repeats_collapsed"])
            assert round(row["share"], 6) == float(line["markov1_removal_share_repeats_collapsed"])
            assert row["low"] < row["share"] < row["high"]
    assert (found, table.schema.metadata[b"conversions"]) == ({}, str(CONVERSIONS).encode())
    assert table.schema.metadata[b"paths"] == str(CONVERSIONS + NULLS).encode()


def test_combinations_count_the_paths_with_both_channels(log: ContactLog, shared_data: Path) -> None:
    with gzip.open(shared_data / "mta_conversion_paths" / "data.csv.gz", "rt") as lines:
        both = [line for line in csv.DictReader(lines) if {"alpha", "iota"} <= {*line["path"].split(" > ")}]
    converted, not_converted = (sum(int(line[name]) for line in both) for name in ("total_conversions", "total_null"))
    row = combinations(log, most=1).to_pylist()[0]
    assert (row["touchpoint"], row["other"]) == ("alpha", "iota")
    assert (row["conversions"], row["paths"]) == (converted, converted + not_converted)
