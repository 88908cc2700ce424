import pytest

from tangente.charts.marks import experience_bar, key_mark, loop_marker, progress_line


@pytest.mark.parametrize(
    ("step", "arc", "turn"),
    [(1, 'd="M4 10A6 6 0 0 1 10 4"', 0), (2, 'd="M4 10A6 6 0 0 1 16 10"', 90), (3, 'd="M4 10A6 6 0 1 1 10 16"', 180)],
)
def test_loop_marker_goes_as_far_as_the_step(step, arc, turn):
    svg = loop_marker(step)
    assert f'<path class="lm-arc" {arc}/>' in svg
    assert f'<g transform="rotate({turn} 10 10)">' in svg


def test_loop_marker_closes_with_the_last_step():
    assert '<circle class="lm-arc" cx="10" cy="10" r="6"/>' in loop_marker(4)


def test_key_mark_is_named():
    assert 'aria-label="key &lt;touchpoint&gt;"' in key_mark("key <touchpoint>")


def test_progress_line_says_how_far():
    svg = progress_line(62, "Progress")
    assert 'role="progressbar" aria-valuenow="62"' in svg
    assert '<circle class="pb-ring" cx="62%"' in svg


def test_experience_bar_lays_shares_side_by_side():
    svg = experience_bar((0.2, 0.5, 0.3), "20 %")
    assert '<rect class="x-ok" x="20" width="50" height="8"/><rect class="x-good" x="70" width="30" height="8"/>' in svg
