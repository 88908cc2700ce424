import re
from itertools import combinations, pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tangente.charts.flow import flow, wait_class
from tangente.charts.flow_choice import Edge, Node, choose, letter
from tangente.charts.flow_grid import NODE_HEIGHT, NODE_WIDTH
from tangente.charts.flow_layout import lay_out
from tangente.charts.flow_narrow import flow_narrow
from tangente.charts.labels import text_box
from tangente.translation import DAY, language

ENGLISH = language("en")


def make_node(key, order=0, contacts=100, **values):
    return Node(
        **{"key": key, "name": key, "order": order, "contacts": contacts, "starts": 0, "ends": 0, "lane": None} | values
    )


def make_edge(source, target, contacts=100, customers=50, median_wait_s=DAY):
    return Edge(source=source, target=target, contacts=contacts, customers=customers, median_wait_s=median_wait_s)


def chain(count, **values):
    nodes = [make_node(f"n{i}", i, 1000 - i, **values) for i in range(count)]
    return nodes, [make_edge(a.key, b.key) for a, b in pairwise(nodes)]


def test_choose_keeps_at_most_twelve():
    assert len(choose(*chain(40)).nodes) == 12


def test_choose_keeps_the_largest_start_end_and_return():
    nodes, edges = chain(40)
    nodes[30] = make_node("n30", 30, 1, starts=500)
    nodes[35] = make_node("n35", 35, 1, ends=500)
    edges.append(make_edge("n39", "n38", contacts=900))
    assert {"n30", "n35", "n38", "n39"} <= {node.key for node in choose(nodes, edges).nodes}


def test_choose_leaves_out_what_fewer_than_five_took():
    nodes, edges = chain(3)
    chosen = choose(nodes, [*edges, make_edge("n0", "n2", contacts=4, customers=4)])
    assert [(edge.source, edge.target) for edge in chosen.edges] == [("n0", "n1"), ("n1", "n2")]


def test_choose_counts_what_is_not_drawn():
    nodes, edges = chain(3)
    chosen = choose(nodes, [*edges, make_edge("n0", "elsewhere", contacts=50)])
    assert (chosen.share, chosen.transitions) == (200 / 250, 3)


def test_choose_keeps_loops_apart():
    nodes, edges = chain(2)
    chosen = choose(nodes, [*edges, make_edge("n0", "n0", contacts=7)])
    assert ([edge.contacts for edge in chosen.loops], len(chosen.edges)) == ([7], 1)


@pytest.mark.parametrize(("index", "expected"), [(0, "A"), (25, "Z"), (26, "AA"), (52, "BA")])
def test_letter_goes_on_after_z(index, expected):
    assert letter(index) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, 1), (0.99, 1), (1, 2), (4, 3), (10, 4), (20, 5), (400, 5)])
def test_wait_classes_are_fixed(days, expected):
    assert wait_class(days * DAY) == expected


@st.composite
def networks(draw):
    count = draw(st.integers(2, 12))
    lanes = draw(st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=count, max_size=count))
    nodes = [make_node(f"n{i}", i, 100, lane=lanes[i]) for i in range(count)]
    places = st.integers(0, count - 1)
    pairs = draw(st.sets(st.tuples(places, places), min_size=1, max_size=30))
    contacts = st.integers(5, 5000)
    return nodes, [make_edge(f"n{a}", f"n{b}", contacts=draw(contacts)) for a, b in sorted(pairs)]


@given(networks())
@settings(max_examples=150, deadline=None)
def test_lines_run_at_right_angles_and_through_no_box(network):
    choice = choose(*network)
    layout = lay_out(choice, 1136)
    corners = [layout.corner(node.key) for node in choice.nodes]
    for route in layout.routes:
        for (x1, y1), (x2, y2) in pairwise(route.points):
            assert abs(x1 - x2) < 0.01 or abs(y1 - y2) < 0.01
            assert not any(runs_through(corner, (x1, y1), (x2, y2)) for corner in corners)


def runs_through(corner, start, end):
    left, top = corner[0] + 1, corner[1] + 1
    right, bottom = left + NODE_WIDTH - 2, top + NODE_HEIGHT - 2
    xs, ys = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return xs[0] < right and left < xs[1] + 1e-9 and ys[0] < bottom and top < ys[1] + 1e-9


@given(networks())
@settings(max_examples=100, deadline=None)
def test_boxes_never_meet_and_fit(network):
    choice = choose(*network)
    layout = lay_out(choice, 1136)
    corners = sorted(layout.corner(node.key) for node in choice.nodes)
    assert all(abs(a[0] - b[0]) >= NODE_WIDTH or abs(a[1] - b[1]) >= NODE_HEIGHT for a, b in combinations(corners, 2))
    assert all(0 <= x <= 1136 - NODE_WIDTH and 0 <= y <= layout.height - NODE_HEIGHT for x, y in corners)


@given(networks())
@settings(max_examples=50, deadline=None)
def test_line_widths_are_proportional_to_contacts(network):
    layout = lay_out(choose(*network), 1136)
    heaviest = max((route.edge.contacts for route in layout.routes), default=1)
    expected = [max(0.8, 17 * route.edge.contacts / heaviest) for route in layout.routes]
    assert [route.width for route in layout.routes] == expected


CROWDED = (
    [make_node(name, order, contacts) for order, (name, contacts) in enumerate(
        {"closed": 2837, "dirt": 707, "mouse": 405, "rat": 1775, "signs": 214, "promised": 3101}.items()
    )],
    [make_edge(source, target, contacts=contacts, median_wait_s=26 * DAY) for source, target, contacts in (
        ("closed", "promised", 2726), ("rat", "closed", 1553), ("dirt", "closed", 625), ("mouse", "closed", 360),
        ("signs", "closed", 188), ("promised", "closed", 85), ("closed", "rat", 18), ("closed", "dirt", 6),
    )],
)  # fmt: skip


@given(networks())
@example(CROWDED)  # its widest line runs down at the left edge
@settings(max_examples=50, deadline=None)
def test_no_text_runs_over_the_edge(network):
    svg = flow(choose(*network), ENGLISH, 1136).svg()
    texts = re.findall(r'<text x="([-\d.]+)" y="[-\d.]+"([^>]*)>([^<]+)<', svg)
    boxes = [
        text_box(float(x), 0, text, re.findall(r'text-anchor="(\w+)"', rest + 'text-anchor="start"')[0])
        for x, rest, text in texts
    ]
    assert len(boxes) > len(network[0])
    assert [box for box in boxes if box.left < 0 or box.right > 1136] == []


@pytest.mark.parametrize(
    "draw", [lambda c: flow(c, ENGLISH, 1136), lambda c: flow_narrow(c, ENGLISH, 358)], ids=["wide", "narrow"]
)
def test_both_pictures_show_every_box_and_edge(draw):
    nodes, edges = chain(6, lane="Service")
    svg = draw(choose(nodes, [*edges, make_edge("n4", "n1", contacts=60)])).svg()
    assert [f">{node.key}<" in svg for node in nodes] == [True] * 6
    assert len(re.findall(r'fill="none"[^>]*stroke="var\(--wait-', svg)) == 6


def test_picture_names_beginnings_and_endings():
    nodes, edges = chain(2)
    nodes = [make_node("n0", 0, 100, starts=80), make_node("n1", 1, 100, ends=1234)]
    svg = flow(choose(nodes, edges), ENGLISH, 1136).svg()
    assert [text in svg for text in (">80 begin<", ">1,234 end<")] == [True, True]
