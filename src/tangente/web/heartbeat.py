"""How others know that the worker is alive: it touches a file at every turn of its loop, and while it does a job."""

from pathlib import Path

FILE = "worker-alive"
SECONDS = 30  # after which a worker counts as gone


def beat(cache: Path) -> None:
    """Say that the worker is alive."""
    (cache / FILE).touch()


def is_beating(cache: Path, at: float) -> bool:
    """Whether it said so lately; `at` in seconds of the clock."""
    try:
        return at - (cache / FILE).stat().st_mtime < SECONDS
    except FileNotFoundError:
        return False
