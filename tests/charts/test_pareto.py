import re

import pytest

from tangente.charts.pareto import CostBar, cost_pareto, vital_few
from tangente.translation import language

# method.md M22: fault, explain bill, advice, address
COSTS = [("fault", 54_000.0), ("explain bill", 50_400.0), ("advice", 40_500.0), ("address", 24_800.0)]


def make_bars(costs=COSTS):
    total, spent, bars = sum(cost for _, cost in costs), 0.0, []
    for name, cost in costs:
        spent += cost
        bars.append(CostBar(name=name, detail="1 × 1", cost=cost, cumulative_share=spent / total))
    return bars


@pytest.mark.parametrize(
    ("shares", "few"),
    [([0.318, 0.615, 0.854, 1.0], 3), ([0.8, 1.0], 1), ([1.0], 1), ([0.2, 0.4, 0.6, 0.8, 1.0], 4)],
)
def test_vital_few_reach_four_fifths(shares, few):
    assert vital_few(shares) == few


def test_pareto_writes_the_printed_shares():
    svg = cost_pareto(make_bars(), "thousand €", 1e3, language("en"), 470).svg()
    assert re.findall(r">(\d+%)<", svg) == ["32%", "62%", "85%", "100%"]


@pytest.mark.parametrize(
    ("costs", "unit", "divisor", "figures"),
    [
        ([1_800.0, 99.6], "€", 1, ["1,800", "100"]),
        ([99.0, 0.5], "€", 1, ["99.0", "0.5"]),
        ([54_000.0, 400.0], "thousand €", 1e3, ["54.0", "0.4"]),
    ],
)
def test_figures_have_tenths_only_where_they_count(costs, unit, divisor, figures):
    svg = cost_pareto(make_bars([("a", costs[0]), ("b", costs[1])]), unit, divisor, language("en"), 470).svg()
    assert re.findall(r'text-anchor="end"[^>]*>([\d.,]+)<', svg) == figures


def test_bars_are_proportional_to_cost():
    svg = cost_pareto(make_bars(), "€", 1, language("en"), 470).svg()
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', svg)]
    assert [width / widths[0] for width in widths] == pytest.approx([cost / 54_000 for _, cost in COSTS], abs=0.001)


def test_what_has_no_row_of_its_own_is_counted():
    bars = make_bars([(f"t{number}", 10.0) for number in range(25)])
    assert ">15 more<" in cost_pareto(bars, "€", 1, language("en"), 358).svg()
