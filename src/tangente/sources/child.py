"""Reading in a child process that may take little memory and time, write nothing, and die without harm.

The children come from one program (child_main.py), started clean at the first file, that forks them in milliseconds;
it knows nothing but where the readers are. docs/explanation/reading-safely.md says what a child may do, and why.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.child_frames import STOP, WORK, BadFrame, Frame, from_json, receive, send

MEMORY_MIB = 512
CPU_S, CPU_S_PER_MIB = 20, 10
STALL_S = 60

TEXTS = {".csv", ".txt", ".tsv"}
"""Files that cannot be saved as CSV to be read more easily, for they are CSV."""

KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONTZPATH", "SYSTEMROOT")
"""All of the environment that the program gets; no key of a log is among it."""
CALM = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"} | dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)
"""Memory is taken as it is needed and counted as it is taken; importing starts no threads, which a fork would lose."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one child may take: memory beyond that of its readers, processor time, and time without a sign of life."""

    memory_mib: int = MEMORY_MIB
    cpu_s: int = CPU_S
    stall_s: float = STALL_S

    @classmethod
    def of(cls, path: Path) -> Self:
        """By the size of the file, many times what reading it takes on a slow machine."""
        mib = path.stat().st_size >> 20 if path.is_file() else 0
        return cls(cpu_s=CPU_S + CPU_S_PER_MIB * mib, stall_s=STALL_S + mib)


def limited(work: str, path: Path, *arguments: Any, limits: Limits | None = None) -> Generator[Any, None, None]:
    """What `work`, as "module:function", called with the path and the arguments, yields in a child process.

    It may yield JSON values, and memoryviews, which arrive as bytes. Close it to stop the child early.
    Raises: SourceError as `work` does, and E-MEMORY, E-TIME or E-PARSER if the child takes too much or dies.
    """
    limits = limits or Limits.of(path)
    asked = {
        "work": work,
        "arguments": [os.path.abspath(path), *arguments],
        "memory_mib": limits.memory_mib,
        "cpu_s": limits.cpu_s,
    }
    free = _free.get(os.getpid())
    program = free.pop() if free else _Program()
    try:
        with program.begin(json.dumps(asked).encode()) as channel:
            channel.settimeout(limits.stall_s)
            last = yield from _values(channel)
    except TimeoutError:
        raise SourceError(_too_slow(path)) from None
    except BadFrame as error:
        raise SourceError(broken(path, str(error))) from error
    finally:
        ended = program.end()
    if last is None or last.kind != "end":
        raise SourceError(_why(path, limits, last, ended))


def _values(channel: socket.socket) -> Generator[Any, None, Frame | None]:
    """Yields what the child does; returns the frame after which nothing comes, None if the child died."""
    while (frame := receive(channel)) is not None:
        if frame.kind == "value":
            yield from_json(frame.content)
        elif frame.kind == "bytes":
            yield frame.content
        else:
            return frame
    return None


def _why(path: Path, limits: Limits, last: Frame | None, ended: int) -> Message | str:
    if last is not None and last.kind == "error":
        said = from_json(last.content)
        return said if isinstance(said, str) else broken(path, "an error without words")
    if last is not None and last.kind == "broken":
        return broken(path, last.content.decode(errors="replace"))
    if ended == -signal.SIGXCPU:
        return _too_slow(path)
    if ended == -signal.SIGKILL or (last is not None and last.kind == "memory"):
        return Message(
            "E-MEMORY",
            "{file} takes more than {mib:,} MiB of memory to read, so it is not read; {way}",
            file=path.name,
            mib=limits.memory_mib,
            way=_way_out(path),
        )
    return broken(path, signal.Signals(-ended).name if ended < 0 else f"exit code {ended}")


def _too_slow(path: Path) -> Message:
    return Message(
        "E-TIME", "{file} takes too long to read, so it is not read; {way}", file=path.name, way=_way_out(path)
    )


def _way_out(path: Path) -> Message:
    if TEXTS.isdisjoint(map(str.lower, path.suffixes)):
        return Message("", "split it, or save it as CSV")
    return Message("", "split it into several files")


def broken(path: Path, cause: str) -> Message:
    return Message(
        "E-PARSER",
        "{file} breaks the program that reads it ({cause}), so it is not read; export it anew, or in another format, as CSV",
        file=path.name,
        cause=cause,
    )


_free: dict[int, list["_Program"]] = {}
"""Programs that wait for work, by the process that started them: a fork of ours starts its own."""


class _Program:
    """The program that forks the children, one after another; it ends when its control socket is closed."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-B", "-P", "-m", "tangente.sources.child_main", str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603  (this very Python, and a program of ours)
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={name: os.environ[name] for name in KEPT if name in os.environ} | CALM | {"PYTHONPATH": _path()},
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is for us only
            )

    def keep(self) -> None:
        """For the next file."""
        _free.setdefault(os.getpid(), []).append(self)

    def begin(self, request: bytes) -> socket.socket:
        """A channel to a new child that was given the request."""
        ours, theirs = socket.socketpair()
        with theirs, suppress(ConnectionError):  # what has died shows when frames are to be read
            socket.send_fds(self._control, [WORK], [theirs.fileno()])
            send(ours, "request", request)
        return ours

    def end(self) -> int:
        """Kill the child if it still runs; says how it ended: 0, its exit code, or the negative number of a signal."""
        with suppress(ConnectionError):
            self._control.sendall(STOP)
        with self._control.makefile("r") as told:
            ended = told.readline()
        if ended:
            self.keep()
            return int(ended)
        return self.stop()

    def stop(self) -> int:
        self._control.close()
        return self._process.wait()


def start() -> None:
    """Begin to start the program, which takes some tenths of a second, while other things are done."""
    if not _free.get(os.getpid()):
        _Program().keep()


def _path() -> str:
    return os.pathsep.join(entry or os.getcwd() for entry in sys.path)


@atexit.register
def _stop_all() -> None:
    for program in _free.pop(os.getpid(), []):
        program.stop()
