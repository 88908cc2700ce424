"""The program that reads foreign files: it waits for work, and forks a child for each, which limits itself first.

child.py starts it, clean, as `python -m tangente.sources.child_main SOCKET`. A child inherits this program with the
readers imported, and nothing of the user's but the path of the file.
"""

import importlib
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from tangente.errors import TangenteError
from tangente.sources.child_frames import STOP, from_json, receive, send, to_json

PRELOADED = ("tangente.sources.readers", "numpy.ma")  # PyArrow would import the latter late, in every child
OPEN_FILES = 64
GRACE_S = 2  # processor time between a first, mendable signal and the kill
MIB = 1 << 20
STATUS = Path("/proc/self/status")  # of Linux; elsewhere the kernel does not limit memory anyway


def main() -> None:
    """Serve until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    for module in PRELOADED:
        importlib.import_module(module)
    channel = _child_of_next_work(socket.socket(fileno=int(sys.argv[1])))
    if channel is not None:
        _work(channel)
        os._exit(0)  # nothing to put away: the child owns no file


def _child_of_next_work(control: socket.socket) -> socket.socket | None:
    """Fork for each piece of work and tell how it ended. Returns the channel to the parent in a child, else None."""
    while True:
        told, channels, _, _ = socket.recv_fds(control, 1, 1)
        if not told:
            return None
        if told == STOP:  # of a child that had ended
            continue
        alive, held = os.pipe()  # the child holds the other end, so it tells when the child ends
        pid = os.fork()
        if not pid:
            os.close(alive)
            control.close()
            return socket.socket(fileno=channels[0])
        os.close(held)
        os.close(channels[0])
        with suppress(ConnectionError):  # nobody is left to be told
            control.sendall(b"%d\n" % _ended(pid, alive, control))


def _ended(pid: int, alive: int, control: socket.socket) -> int:
    """Wait for the child, and kill it if the parent says so or dies."""
    ready, _, _ = select.select([alive, control.fileno()], [], [])
    if control.fileno() in ready:
        os.kill(pid, signal.SIGKILL)
    os.close(alive)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _work(channel: socket.socket) -> None:
    """Call what the parent asks for and send what it yields."""

    def tell(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        send(channel, "broken", f"{kind.__name__}: {error}".encode(errors="replace"))
        os._exit(1)

    sys.excepthook = tell
    request = receive(channel)
    if request is None:
        return
    asked = from_json(request.content)
    module, _, name = asked["work"].partition(":")
    function = getattr(importlib.import_module(module), name)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries print when they abort
    _limit(asked["memory_mib"], asked["cpu_s"])
    try:
        _send_all(channel, function(*asked["arguments"]))
    except TangenteError as error:
        send(channel, "error", to_json(error.args[0]))
    except MemoryError:
        send(channel, "memory")
    else:
        send(channel, "end")


def _send_all(channel: socket.socket, found: Iterable[Any]) -> None:
    for each in found:
        if isinstance(each, memoryview):
            send(channel, "bytes", each)
        else:
            send(channel, "value", to_json(each))


def _limit(memory_mib: int, cpu_s: int) -> None:
    """No more memory and processor time than this; no core, no file written, few files open."""
    _lower(resource.RLIMIT_DATA, _data_bytes() + memory_mib * MIB)
    _lower(resource.RLIMIT_CPU, cpu_s, cpu_s + GRACE_S)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)


def _lower(kind: int, soft: int, hard: int | None = None) -> None:
    _, most = resource.getrlimit(kind)
    wanted = soft if hard is None else hard
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(kind, (min(soft, allowed), allowed))


def _data_bytes() -> int:
    """Private memory in use; children may take more on top of it."""
    lines = STATUS.read_text().splitlines() if STATUS.exists() else []
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:")), 0)


if __name__ == "__main__":
    main()
