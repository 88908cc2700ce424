"""Processes that end are started again, less and less eagerly."""

import sys
from collections.abc import Iterator

import pytest

from tangente.web.serving.supervisor import PAUSES, REPLACE, STEADY, Part
from tests.web.serving.processes import alive, below, until


@pytest.fixture
def part() -> Iterator[Part]:
    part = Part("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"])
    yield part
    part.kill()


def end(part: Part, now: float) -> None:
    """Let it end at once, and be seen."""
    part.kill()
    part.look_after(now)


def test_pauses_grow_with_each_soon_end(part: Part):
    now, pauses = 0.0, []
    part.start(now)
    for pause in (*PAUSES, PAUSES[-1]):
        end(part, now)
        part.look_after(now + pause - 0.01)
        waits = not part.is_running
        part.look_after(now := now + pause)
        pauses.append((waits, part.is_running))
    assert pauses == [(True, True)] * 6


def test_pauses_begin_anew_after_a_steady_minute(part: Part):
    part.start(0.0)
    end(part, 0.0)
    part.look_after(1.0)
    end(part, 2.0 + STEADY)
    part.look_after(3.0 + STEADY)
    assert part.is_running


def test_part_that_asks_to_be_replaced_is_started_at_once():
    part = Part("replaced", [sys.executable, "-c", f"raise SystemExit({REPLACE})"])
    part.start(0.0)
    before = part.pid
    until(lambda: not part.is_running)
    part.look_after(0.0)
    assert part.pid not in (None, before)
    part.kill()


def test_killing_a_part_ends_what_it_has_started():
    part = Part("parent", ["sh", "-c", "sleep 60 & sleep 60"])
    part.start(0.0)
    assert part.pid is not None
    until(lambda: len(below(part.pid)) == 2)
    started = below(part.pid)
    part.kill()
    assert until(lambda: not any(map(alive, started)), seconds=2)
