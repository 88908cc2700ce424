"""A worker process that is killed within an import, at a step: python -m tests.web.data.killed_import STEP

"noted" stands for the time between the commit of the log and the first word of it in the database.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import django


def main() -> None:
    """Take the next job, and die in it."""
    django.setup()
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    runs = import_module("tangente.web.jobs.runs")
    place, told = sys.argv[1], set()

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    class Dying(runs.Run):  # type: ignore[name-defined, misc]
        """Ends the process instead of saying that the step has begun."""

        def progress(self, done: int, total: int, step: str = "") -> None:
            told.add(step)
            if step == place:
                die()
            super().progress(done, total, step)

        @contextmanager
        def writing(self) -> Iterator[None]:
            if place == "noted" and "store" in told:
                die()
            with super().writing():
                yield

    import_module("tangente.web.jobs.worker").attempt(Dying(runs.Claims().take(timezone.now())))


if __name__ == "__main__":
    main()
