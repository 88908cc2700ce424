import re

import pytest

from tangente.charts.funnel import FunnelBar, funnel
from tangente.translation import language

BARS = [
    FunnelBar(name="Being influenced", customers=200, count="200 customers", passage=""),
    FunnelBar(name="Buying", customers=50, count="50", passage="25% [20–31] go on"),
    FunnelBar(name="Recommending", customers=0, count="under 5", passage="too few"),
]


@pytest.mark.parametrize("width", [470, 358])
def test_bars_are_as_long_as_the_customers_are_many(width):
    svg = funnel(BARS, language("en"), width).svg()
    assert re.findall(r'width="([\d.]+)" height="12" fill="var\(--mark\)"', svg) == [str(width), f"{width / 4:g}", "1"]


def test_who_goes_on_stands_between_two_phases():
    svg = funnel(BARS, language("en"), 470).svg()
    assert re.findall(r">([^<]+)</text>", svg) == [
        "Being influenced", "200 customers", "25% [20–31] go on", "Buying", "50", "too few", "Recommending", "under 5",
    ]  # fmt: skip


def test_nobody_anywhere_draws_empty_bars():
    none = [FunnelBar(name="a", customers=0, count="under 5", passage="")]
    assert 'width="1" height="12" fill="var(--mark)"' in funnel(none, language("de"), 470).svg()
