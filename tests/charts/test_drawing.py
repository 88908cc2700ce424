from xml.etree import ElementTree as ET

import pytest

from tangente.charts.drawing import Drawing, number

SVG = "{http://www.w3.org/2000/svg}"


def make_drawing():
    return Drawing(100, 50, identity="x", title="<Finding>", description="a & b")


def test_drawing_says_what_it_is():
    root = ET.fromstring(make_drawing().svg())  # noqa: S314 - our own
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "x-title x-desc")
    assert [root.find(f"{SVG}{tag}").text for tag in ("title", "desc")] == ["<Finding>", "a & b"]


def test_colours_are_tokens_and_never_styles():
    drawing = make_drawing()
    drawing.rect(0, 0, 10, 5, "mark", stroke="none")
    assert drawing.elements == ['<rect x="0" y="0" width="10" height="5" fill="var(--mark)" stroke="none"/>']


def test_text_is_escaped():
    drawing = make_drawing()
    drawing.text(1, 2, '<script>"&')
    assert drawing.elements == ['<text x="1" y="2" fill="var(--ink-2)">&lt;script&gt;"&amp;</text>']


def test_mark_carries_its_tooltip():
    drawing = make_drawing()
    drawing.circle(1, 2, 3, "mark", tooltip="A & B")
    assert drawing.elements == ['<circle cx="1" cy="2" r="3" fill="var(--mark)"><title>A &amp; B</title></circle>']


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (3.14159, "3.1"), (-0.04, "0"), (-2.25, "-2.2")])
def test_number_is_rounded_to_a_tenth(value, text):
    assert number(value) == text
