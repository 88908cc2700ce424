"""Jobs that die, stall or fail where a test says."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from tangente.messages import Message
from tangente.web.errors import RuleError
from tangente.web.jobs.models import Job
from tangente.web.jobs.queue import job
from tangente.web.jobs.runs import Run
from tangente.web.people.models import Department

KEPT = "Nothing is stored."
EMPTY = "{file} is empty; it needs a row of column names and rows below it"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.die", label="Dying", kept=KEPT)
def die(run: Run, *, place: str, workspace: int, attempts: int = 1) -> None:
    """Ends its worker at a place, in its first attempts."""
    dies = run.job.attempts <= attempts
    if dies and place == "claimed":
        _die()
    with run.writing():
        Department.objects.get_or_create(workspace_id=workspace, name="Service")
        if dies and place == "effect done":
            _die()
    if dies and place == "before finish":
        _die()


@job("test.step", label="Stepping", kept=KEPT, steps={"add": "adding"}, facts={"n": "Steps"}, leads_to="overview")
def step(run: Run, *, n: int, workspace: int = 0) -> dict[str, Any]:
    """A department for each tenth of a second."""
    for number in range(n):
        run.progress(number, n, "add")
        with run.writing():
            if workspace:
                Department.objects.get_or_create(workspace_id=workspace, name=f"{run.job.attempts}-{number}")
        time.sleep(0.1)
    return {"n": n}


@job("test.stall", label="Stalling", kept=KEPT)
def stall(_run: Run) -> None:
    """One step that takes for ever."""
    time.sleep(3600)


@job("test.refuse", label="Refusing", kept=KEPT)
def refuse(_run: Run, *, how: str) -> None:
    """Refused by a rule of the application or by the library."""
    raise RuleError(Message("E-EMPTY", EMPTY, file="a.csv") if how == "message" else "Das geht nicht.")


@job("test.break", label="Breaking", kept=KEPT)
def break_down(_run: Run) -> None:
    """A fault of the program, with something in its message that nobody may read in a log."""
    raise ZeroDivisionError("of Mrs Canary")


@job("test.lose", label="Losing", kept=KEPT)
def lose(run: Run, *, workspace: int) -> None:
    """Another worker takes the job meanwhile."""
    Job.objects.filter(pk=run.job.pk).update(fence=run.job.fence + 1)
    with run.writing():
        Department.objects.create(workspace_id=workspace, name="Service")


@job("test.wait", label="Waiting", kept=KEPT)
def wait(run: Run, *, workspace: int, gate: str) -> None:
    """Waits for a file between two writes."""
    run.progress(1, 2)
    while not Path(gate).exists():
        time.sleep(0.02)
    with run.writing():
        Department.objects.create(workspace_id=workspace, name="Service")
