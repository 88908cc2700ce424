import pytest

from tangente.charts.whisker import Axis, dot_class, dot_whisker, wait_whisker, whisker_head
from tangente.translation import DAY


@pytest.mark.parametrize(
    ("axis", "low", "high", "expected"),
    [
        pytest.param(Axis(3, 9, 6.0), 5.3, 5.9, "dw-dot below", id="whole interval below"),
        pytest.param(Axis(3, 9, 6.0), 5.9, 6.9, "dw-dot open", id="undecided"),
        pytest.param(Axis(3, 9, 6.0), 6.6, 7.0, "dw-dot", id="surely above"),
        pytest.param(Axis(3, 9, None), 3.0, 4.0, "dw-dot", id="nothing to judge by"),
        pytest.param(Axis(6, 1, 3.0), 3.2, 3.8, "dw-dot below", id="worse grades are larger numbers"),
        pytest.param(Axis(6, 1, 3.0), 2.0, 2.6, "dw-dot", id="better grades are smaller ones"),
    ],
)
def test_dot_says_only_what_is_sure(axis, low, high, expected):
    assert dot_class(axis, low, high) == expected


def test_dot_and_whisker_lie_on_the_scale():
    svg = dot_whisker(Axis(3, 9, 6.0), 6.0, 4.5, 7.5, 162, "6,0")
    assert '<line class="dw-line" x1="43.5" x2="118.5" y1="10" y2="10"/>' in svg
    assert '<circle class="dw-dot open" cx="81" cy="10" r="3.25"/>' in svg


def test_whisker_is_clipped_to_the_scale():
    assert '<line class="dw-line" x1="6" x2="156" y1="10" y2="10"/>' in dot_whisker(Axis(3, 9, None), 6, 1, 12, 162, "")


def test_label_is_escaped():
    assert " aria-label='&lt;\"'>" in dot_whisker(Axis(3, 9, None), 6, 5, 7, 162, '<"')


def test_head_names_the_scale():
    assert [text in whisker_head(Axis(3, 9, None), ("3", "6", "9"), 162) for text in (">3<", ">6<", ">9<")] == [
        True
    ] * 3


def test_wait_beyond_sixty_days_ends_at_the_edge():
    assert '<line class="dw-line" x1="104" x2="104" y1="10" y2="10"/>' in wait_whisker(70 * DAY, 90 * DAY, 110, "")
