"""Faults at every call that touches the disk: the process is killed there, or the call fails.

Python's own calls are replaced in a process forked for one fault. What Arrow and SQLite do in C is one call each here;
test_system_calls.py sees everything.
"""

import errno
import io
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy.engine.default import DefaultDialect

CALLS = ("replace", "rename", "unlink", "fsync", "close")


class Plan:
    """Counts the calls; at number `at`, from 0, the process is killed or, if `errors`, the call fails."""

    def __init__(self, at: int = -1, *, errors: bool = False) -> None:
        self.at, self.errors = at, errors
        self.calls: list[str] = []

    def reached(self, call: str) -> None:
        self.calls.append(call)
        if len(self.calls) - 1 != self.at:
            return
        if not self.errors:
            os.kill(os.getpid(), signal.SIGKILL)
        if call.startswith("commit"):
            raise sqlite3.OperationalError("disk I/O error")
        error = errno.ENOSPC if call == "write" else errno.EIO
        raise OSError(error, os.strerror(error), call)


@contextmanager
def installed(plan: Plan) -> Iterator[Plan]:
    """In the block the calls of this process go by the plan."""
    with ExitStack() as stack:
        for name in CALLS:
            stack.enter_context(patch.object(os, name, _watched(name, getattr(os, name), plan)))
        stack.enter_context(patch.object(io, "FileIO", _watched_file(plan)))
        commit = _watched_commit(DefaultDialect.do_commit, plan)
        stack.enter_context(patch.object(DefaultDialect, "do_commit", commit))
        yield plan


def _watched(name: str, call: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    def watched(*arguments: Any, **settings: Any) -> Any:
        if sys._getframe(1).f_globals["__name__"] == "shutil":  # clearing scratch away: no part of the record
            return call(*arguments, **settings)
        if name == "close":
            call(*arguments, **settings)  # a close that fails has closed all the same
            return plan.reached(name)
        plan.reached(name)
        return call(*arguments, **settings)

    return watched


def _watched_commit(commit: Callable[..., None], plan: Plan) -> Callable[..., None]:
    def watched(*arguments: Any) -> None:
        plan.reached("commit, before")
        commit(*arguments)
        plan.reached("commit, after")

    return watched


def _watched_file(plan: Plan) -> type[io.FileIO]:
    class Watched(io.FileIO):
        def write(self, content: Any) -> int:
            plan.reached("write")
            return super().write(content)

    return Watched


def forked(task: Callable[[], object], report: Path | None = None) -> int:
    """Do the task in a process of its own; its exit code, negative if it was killed. What it returns goes to `report`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            answer = task()
            if report is not None:
                report.write_text(str(answer))
            code = 0
        except BaseException:  # noqa: BLE001  (whatever it is, the parent must hear of it)
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
