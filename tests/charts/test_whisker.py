import pytest

from tangente.charts.whisker import (
    Axis,
    dot_class,
    dot_whisker,
    ratio_reach,
    ratio_whisker,
    share_whisker,
    wait_whisker,
    whisker_head,
)
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
        pytest.param(Axis(3, 9, 6.0, 7.5), 7.6, 8.4, "dw-dot reached", id="target reached"),
        pytest.param(Axis(3, 9, 6.0, 7.5), 7.4, 8.4, "dw-dot", id="target not surely reached"),
        pytest.param(Axis(6, 1, 3.0, 2.0), 1.4, 1.9, "dw-dot reached", id="target of grades reached"),
    ],
)
def test_dot_says_only_what_is_sure(axis, low, high, expected):
    assert dot_class(axis, low, high) == expected


def test_dot_and_whisker_lie_on_the_scale():
    svg = dot_whisker(Axis(3, 9, 6.0), 6.0, 4.5, 7.5, "6,0")
    assert '<line class="dw-line" x1="25%" x2="75%" y1="10" y2="10"/>' in svg
    assert '<circle class="dw-dot open" cx="50%" cy="10" r="3.25"/>' in svg


def test_target_is_a_triangle_above_the_line():
    target = '<svg x="75%" overflow="visible"><path class="dw-target" d="M-4 0h8l-4 6z"/></svg>'
    assert target in dot_whisker(Axis(3, 9, 6.0, 7.5), 6, 5, 7, "")


def test_whisker_is_clipped_to_the_scale():
    assert '<line class="dw-line" x1="0%" x2="100%" y1="10" y2="10"/>' in dot_whisker(Axis(3, 9, None), 6, 1, 12, "")


def test_label_is_escaped():
    assert " aria-label='&lt;\"'>" in dot_whisker(Axis(3, 9, None), 6, 5, 7, '<"')


def test_head_names_the_scale():
    assert [text in whisker_head(Axis(3, 9, None), ("3", "6", "9")) for text in (">3<", ">6<", ">9<")] == [True] * 3


def test_wait_beyond_sixty_days_ends_at_the_edge():
    assert '<line class="dw-line" x1="100%" x2="100%" y1="10" y2="10"/>' in wait_whisker(70 * DAY, 90 * DAY, "")


def test_share_stands_beside_what_another_rule_gives():
    svg = share_whisker(0.5, 0.2, 0.1, 0.3, 0.4, "", is_open=False)
    assert '<line class="dw-other" x1="80%" x2="80%" y1="5" y2="15"/>' in svg
    assert '<line class="dw-line" x1="20%" x2="60%" y1="10" y2="10"/>' in svg
    assert '<circle class="dw-dot" cx="40%" cy="10" r="2.5"/>' in svg


def test_share_without_another_rule_has_no_tick():
    assert "dw-other" not in share_whisker(0.5, 0.2, 0.1, 0.3, None, "", is_open=False)


def test_ratio_and_its_inverse_lie_as_far_from_one():
    svg = [ratio_whisker(4, ratio, ratio, ratio, "", is_settled=True) for ratio in (0.5, 2)]
    assert ['cx="25%"' in svg[0], 'cx="75%"' in svg[1]] == [True, True]
    assert all('<line class="dw-level" x1="50%" x2="50%" y1="3" y2="17"/>' in one for one in svg)


@pytest.mark.parametrize(
    ("ratio", "is_settled", "kind"),
    [(2, True, "dw-dot below"), (0.5, True, "dw-dot"), (2, False, "dw-dot open"), (0.5, False, "dw-dot open")],
)
def test_ratio_says_only_what_is_beyond_chance(ratio, is_settled, kind):
    assert f'<circle class="{kind}"' in ratio_whisker(4, ratio, ratio, ratio, "", is_settled=is_settled)


@pytest.mark.parametrize(("ends", "reach"), [([], 2), ([0.6, 1.9], 2), ([0.3, 1.1], 4), ([0.01, 30], 8)])
def test_axis_of_ratios_reaches_as_far_as_it_must(ends, reach):
    assert ratio_reach(ends) == reach
