import re

import pytest

from tangente.charts.importance import importance_performance
from tangente.charts.relevance import cost_relevance
from tangente.charts.scatter import Point
from tangente.translation import language

ENGLISH = language("en")


def make_points(count=8):
    return [
        Point(name=f"touchpoint {n}", x=4 + n / 2, x_low=3.8 + n / 2, x_high=4.2 + n / 2, y=(n + 1) / 50, is_key=n < 2, is_open=n == 3)
        for n in range(count)
    ]  # fmt: skip


def circles(svg):
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)]


def test_better_lies_right_and_more_important_above():
    places = circles(importance_performance(make_points(), (6.0, 0.08), ENGLISH, 653, scale="0–10").svg())
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_better_lies_right_where_less_is_better():
    places = circles(importance_performance(make_points(), None, ENGLISH, 653, scale="1–6", counts_down=True).svg())
    assert [x for x, _ in places] == sorted((x for x, _ in places), reverse=True)


def test_uncertain_point_is_hollow():
    svg = importance_performance(make_points(), (6.0, 0.08), ENGLISH, 653, scale="0–10").svg()
    assert svg.count('r="4.5" fill="var(--paper)" stroke="var(--mark)"') == 1


def test_quadrants_are_named_only_with_a_crosshair():
    named = [
        importance_performance(make_points(), crosshair, ENGLISH, 653, scale="").svg().count("Work on first")
        for crosshair in ((6.0, 0.08), None)
    ]
    assert named == [1, 0]


@pytest.mark.parametrize("width", [653, 358])
def test_key_touchpoints_are_named_first_in_a_crowd(width):
    points = [Point(name=f"t{n}", x=6 + n / 500, y=0.01, is_key=n > 396) for n in range(400)]
    svg = importance_performance(points, None, ENGLISH, width, scale="0–10").svg()
    assert ">t397<" in svg
    assert len(circles(svg)) == 400


def test_point_on_the_diagonal_costs_what_it_counts():
    points = [Point(name="a", x=0.2, y=0.2), Point(name="b", x=0.05, y=0.5)]
    svg = cost_relevance(points, ENGLISH, 653).svg()
    x1, y1, x2, y2 = map(
        float,
        re.search(
            r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" stroke="var\(--line-2\)"', svg
        ).groups(),
    )
    x, y = circles(svg)[0]
    assert (y1 - y) / (x - x1) == pytest.approx((y1 - y2) / (x2 - x1), rel=0.01)
