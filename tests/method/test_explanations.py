"""The worked examples of the explanation pages must come out as printed."""

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "explanation"
NAMES = [
    "comparing-waves",
    "control-charts",
    "cost-pareto",
    "importance-performance",
    "key-drivers",
    "net-promoter-score",
    "priority",
    "resampling",
    "satisfaction-and-effort",
    "shares-and-means",
]


@pytest.mark.parametrize("name", NAMES)
def test_explanation_works_its_example(name):
    found = doctest.testfile(str(PAGES / f"{name}.md"), module_relative=False, encoding="utf-8")
    assert (found.failed, found.attempted > 1) == (0, True)
