import re
from xml.etree import ElementTree as ET

import pytest

from tangente.report.files import write_report
from tangente.report.page import render
from tests.report import samples


def test_report_is_the_page(tmp_path):
    path = write_report(samples.full("de"), tmp_path)
    assert (path, path.read_text("utf-8")) == (tmp_path / "report.html", render(samples.full("de")))


def test_pictures_lie_beside_the_page(tmp_path):
    write_report(samples.full("de"), tmp_path)
    names = sorted(path.name for path in (tmp_path / "charts").iterdir())
    assert names == ["cost.svg", "cost_relevance.svg", "flow.svg", "funnel.svg", "importance_performance.svg"]


@pytest.mark.parametrize("sample", ["full", "contacts_only", "huge"])
def test_pictures_stand_alone(tmp_path, sample):
    write_report(getattr(samples, sample)("en"), tmp_path)
    texts = [path.read_text("utf-8") for path in (tmp_path / "charts").iterdir()]
    assert [text for text in texts if re.search(r"var\(| style=|href", text)] == []
    assert {ET.fromstring(text).tag for text in texts} == {"{http://www.w3.org/2000/svg}svg"}  # noqa: S314 - our own


def test_nothing_to_draw_leaves_no_picture(tmp_path):
    write_report(samples.empty("en"), tmp_path)
    assert list((tmp_path / "charts").iterdir()) == []
