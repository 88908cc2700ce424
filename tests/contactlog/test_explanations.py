"""The worked examples of the pages about the contact log must come out as printed."""

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "explanation"


@pytest.mark.parametrize(
    "name", ["contact-log", "profile", "flow", "repeats", "funnel", "before-and-after", "attribution", "hazard"]
)
def test_explanation_works_its_example(name):
    found = doctest.testfile(str(PAGES / f"{name}.md"), module_relative=False, encoding="utf-8")
    assert (found.failed, found.attempted > 1) == (0, True)
