"""Processes that are kept running: one that ends is started again, after a pause that grows if it ends soon."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

import structlog

PAUSES = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before a process is started again, the first to the fifth time and later."""
STEADY = 60.0  # seconds after which a process counts as well again
GRACE = 3.5  # seconds in which processes may stop by themselves
LOOK = 0.1  # seconds between two looks
REPLACE = 75
"""How a process ends that another one is to replace at once."""
STOPPING = (signal.SIGTERM, signal.SIGINT)
CALM = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
"""Threads share memory that others let go; matrices take one processor, for beside requests and passes more only spin."""

logger = structlog.get_logger(__name__)


@dataclass
class Part:
    """One process, by its command; in a session of its own, so that all it starts can be ended with it."""

    name: str
    command: Sequence[str]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _since: float = 0.0
    _ended: int = 0
    _next: float = 0.0

    def start(self, now: float) -> None:
        """Start it; `now` in seconds of a clock that only goes forward."""
        self._process = subprocess.Popen(  # noqa: S603  (our own parts)
            self.command, stdin=subprocess.DEVNULL, start_new_session=True, env=CALM | os.environ
        )
        self._since = now
        logger.info("process started", part=self.name, pid=self._process.pid)

    def look_after(self, now: float) -> None:
        """Note if it has ended, and start it again when its pause is over."""
        if self._process is None:
            if now >= self._next:
                self.start(now)
        elif (code := self._process.poll()) is not None:
            self.kill()  # what it has left behind
            if code == REPLACE:
                self.start(now)
                return
            self._ended = 0 if now - self._since > STEADY else self._ended
            pause = PAUSES[min(self._ended, len(PAUSES) - 1)]
            self._ended, self._next, self._process = self._ended + 1, now + pause, None
            logger.error("process ended", part=self.name, code=code, starts_again_in_s=pause)

    def terminate(self) -> None:
        """Ask it to stop."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    @property
    def pid(self) -> int | None:
        """Its number while it runs, and until its end is noted."""
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self) -> int:
        """Its exit code; 0 if it never ran."""
        return self._process.wait() if self._process else 0

    def kill(self) -> None:
        """End it and all it has started."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Stopped(BaseException):
    """Somebody asked the command to stop."""


class Supervisor:
    """Runs parts until it is asked to stop; within its `with` block a signal to stop is raised as `Stopped`."""

    def __enter__(self) -> "Supervisor":
        self._parts: list[Part] = []
        for number in STOPPING:
            signal.signal(number, _stop)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)  # it is under way
        self._stop()
        return isinstance(error, Stopped)

    def finish(self, part: Part) -> int:
        """Run a part to its end, once."""
        self._parts = [part]
        part.start(time.monotonic())
        return part.wait()

    def keep(self, parts: Sequence[Part]) -> None:
        """Start parts; from now on `look_after` them."""
        self._parts = list(parts)
        for part in parts:
            part.start(time.monotonic())

    def look_after(self) -> None:
        """One look at each part, and a short rest."""
        for part in self._parts:
            part.look_after(time.monotonic())
        time.sleep(LOOK)

    def _stop(self) -> None:
        for part in self._parts:
            part.terminate()
        last = time.monotonic() + GRACE
        while time.monotonic() < last and any(part.is_running for part in self._parts):
            time.sleep(LOOK / 2)
        for part in self._parts:
            part.kill()
        logger.info("stopped")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
