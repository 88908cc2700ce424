import re

import pytest

from tangente.report.page import render
from tangente.report.style import style_sheet, with_day_colours
from tests.report import samples

TOKENS = dict(re.findall(r"--([\w-]+):\s*light-dark\((#\w+), #\w+\)", style_sheet()))
NIGHT = dict(re.findall(r"--([\w-]+):\s*light-dark\(#\w+, (#\w+)\)", style_sheet()))


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", [TOKENS, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("text", ["ink", "ink-2", "ink-3", "accent", "exp-bad-text", "exp-good-text"])
def test_text_is_readable_on_paper(text, colours):
    assert contrast(colours[text], colours["paper"]) >= 4.5


@pytest.mark.parametrize("colours", [TOKENS, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("mark", ["mark", "whisker", "exp-m3", "line-2", "accent"])
def test_marks_that_carry_meaning_stand_out(mark, colours):
    assert contrast(colours[mark], colours["paper"]) >= 3


def test_every_token_in_use_is_defined():
    html = render(samples.full("de"))
    defined = set(re.findall(r"--([\w-]+):", html))
    assert set(re.findall(r"var\(--([\w-]+)\)", html)) - defined == set()


def test_every_class_in_use_has_a_rule():
    html = "".join(render(sample("de")) for sample in (samples.full, samples.compared, samples.contacts_only))
    used = {name for names in re.findall(r' class="([^"]+)"', html) for name in names.split()}
    assert {name for name in used if f".{name}" not in style_sheet()} - {"t--mid"} == set()


def test_day_colours_stand_in_for_tokens():
    svg = '<svg font-size="12"><text fill="var(--ink)" font-family="var(--serif)">x</text></svg>'
    assert with_day_colours(svg) == (
        '<svg font-size="12" font-family="\'Liberation Sans\', Arial, sans-serif">'
        "<text fill=\"#1a1a17\" font-family=\"'Liberation Serif', 'Times New Roman', serif\">x</text></svg>"
    )
