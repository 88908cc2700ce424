"""Progress of long work on the terminal: one line that says what is being done; nothing where nobody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def steps() -> Iterator[Callable[[str, int], None]]:
    """Yields a function to call with what is being done and how many rows of it are done."""
    if not sys.stderr.isatty():
        yield _plain_steps()
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda step, rows: progress.update(task, description=_described(step, rows))


def _plain_steps() -> Callable[[str, int], None]:
    """A line for each step, and every ten seconds one for how far it is."""
    last_step, last_time = "", time.monotonic()

    def show(step: str, rows: int) -> None:
        nonlocal last_step, last_time
        if step != last_step or time.monotonic() - last_time > 10:
            last_step, last_time = step, time.monotonic()
            sys.stderr.write(_described(step, rows) + "\n")

    return show


def _described(step: str, rows: int) -> str:
    return f"{step}: {rows:,} rows" if rows else step
