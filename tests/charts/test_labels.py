import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.charts.labels import Box, cut, place, text_box, text_width, wrapped

FRAME = Box(0, 0, 600, 400)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("Chat", ["Chat"], id="fits"),
        pytest.param("Technikertermin verschieben", ["Technikertermin", "verschieben"], id="at a space"),
        pytest.param("Auftragsbestätigung", ["Auftragsbestäti-", "gung"], id="before a syllable"),
        pytest.param("Weiterempfehlungsprämie", ["Weiterempfeh-", "lungsprämie"], id="no torn sound"),
        pytest.param("Hilfe bei der Router-Ersteinrichtung", ["Hilfe bei der", "Router-Ersteinric…"], id="cut"),
    ],
)
def test_wrapped_breaks_long_german_words(text, lines):
    assert wrapped(text, 110, 2, bold=True) == lines


@given(st.text(max_size=80), st.floats(40, 300), st.integers(1, 3))
def test_wrapped_lines_fit(text, width, lines):
    rows = wrapped(text, width, lines)
    assert len(rows) <= lines
    assert all(text_width(row) <= width for row in rows)


def test_cut_ends_with_an_ellipsis():
    assert cut("Hotline: Störung melden", 70) == "Hotline: St…"


def test_label_leaves_the_frame_on_the_inner_side():
    label = place("Technikertermin", 590, 200, bold=False, frame=FRAME, solid=[], soft=[])
    assert label.anchor == "end"


def test_label_prefers_the_slot_that_crosses_no_line():
    whisker = Box(300, 180, 500, 195)
    label = place("Chat", 300, 200, bold=False, frame=FRAME, solid=[], soft=[whisker])
    assert not label.box.meets(whisker)


def test_label_without_a_free_slot_is_dropped():
    assert place("Chat", 300, 200, bold=False, frame=FRAME, solid=[FRAME], soft=[]) is None


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 400)), min_size=1, max_size=30))
def test_labels_never_meet(points):
    boxes = []
    for x, y in points:
        label = place("Kundenkonto", x, y, bold=True, frame=FRAME, solid=boxes, soft=[])
        boxes += [label.box] if label else []
    assert not any(one.meets(other) for index, one in enumerate(boxes) for other in boxes[:index])


def test_text_box_follows_its_anchor():
    middle, end = text_box(100, 50, "Chat", "middle"), text_box(100, 50, "Chat", "end")
    assert (middle.left + middle.right) / 2 == pytest.approx(100)
    assert end.right == 100
