"""A server as its own processes, for tests to hurt."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

COMMAND = [sys.executable, "-c", "from tangente.cli import main; main()"]
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until something is so; whether it became so."""
    last = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > last:
            return False
        time.sleep(0.05)
    return True


def environment(**values: str) -> dict[str, str]:
    not_ours = ("TANGENTE_", "DJANGO_", "DATABASE_URL")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(not_ours)}
    return ours | {"TANGENTE_LOG_LEVEL": "INFO"} | values


def run(*arguments: str, typed: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command, to its end; in a folder of its own if it leaves something there."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=typed,
        env=environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def below(pid: int) -> list[int]:
    """All processes that a process has started, and those they have."""
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(other for child in children for other in below(child))]


@dataclass
class Server:
    """`tangente serve` on a data folder, with what it said."""

    data: Path
    port: int
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, data: Path, options: Sequence[str] = (), command: str = "serve", **values: str) -> "Server":
        port = free_port()
        with (data.parent / f"{data.name}.out").open("w") as out, (data.parent / f"{data.name}.err").open("w") as err:
            process = subprocess.Popen(
                [*COMMAND, command, "--data", str(data), "--port", str(port), *options],
                env=environment(**values),
                stdout=out,
                stderr=err,
                text=True,
            )
        server = cls(data, port, process)
        assert until(lambda: "answers at" in server.said() or process.poll() is not None), server.logged()
        return server

    def said(self) -> str:
        return (self.data.parent / f"{self.data.name}.out").read_text()

    def logged(self) -> str:
        return (self.data.parent / f"{self.data.name}.err").read_text()

    def status(self, path: str) -> int:
        """What it answers; 0 if nothing."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def part(self, name: str) -> int:
        """The process that a part was started as, last."""
        return int(re.findall(rf'"part": "{name}", "pid": (\d+)', self.logged())[-1])

    def stop(self) -> float:
        """How many seconds stopping took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - start
