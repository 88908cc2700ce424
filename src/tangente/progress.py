"""Progress of long work on the terminal: one line that says what is being done, and how far it is."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tangente.messages import visible
from tangente.translation import Language, language

PATIENCE = 10.0  # seconds after which a line in a file says again how far it is


@contextmanager
def steps(code: str = "en") -> Iterator[Callable[[str, int], None]]:
    """Yields a function to call with what is being done and how many rows of it are done so far."""
    words = language(code)
    if not sys.stderr.isatty():
        plain = _PlainSteps(words)
        yield plain.show
        plain.close()
        return
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda step, rows: progress.update(task, description=_described(words, step, rows))


class _PlainSteps:
    """For output that nobody watches: a line when a step ends, with its rows, and every ten seconds of a long one."""

    def __init__(self, words: Language) -> None:
        self.words, self.step, self.rows, self.since = words, "", 0, time.monotonic()

    def show(self, step: str, rows: int) -> None:
        if step != self.step:
            self.close()
            self.step, self.since = step, time.monotonic()
        elif time.monotonic() - self.since > PATIENCE:
            self.since = time.monotonic()
            sys.stderr.write(f"{_described(self.words, step, rows)} …\n")
        self.rows = rows

    def close(self) -> None:
        if self.step:
            sys.stderr.write(_described(self.words, self.step, self.rows) + "\n")


def _described(words: Language, step: str, rows: int) -> str:
    name, _, file = step.partition(" ")
    texts = {
        "read": words.gettext("Reading"),
        "store": words.gettext("Storing"),
        "prepare": words.gettext("Preparing the questions"),
        "analyse": words.gettext("Analysing"),
        "report": words.gettext("Writing the report"),
        "simulate": words.gettext("Simulating"),
    }
    counted = words.ngettext("%s row", "%s rows", rows) % words.number(rows) if rows else ""
    return f"{texts[name]}: {', '.join(filter(None, (visible(file), counted)))}" if file or counted else texts[name]
