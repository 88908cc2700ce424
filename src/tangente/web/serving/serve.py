"""`tangente serve`: one data folder, one command, its processes."""

import fcntl
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tangente.contactlog.disk import remove_abandoned
from tangente.web import logs
from tangente.web.demo import entrance
from tangente.web.environment import Environment
from tangente.web.errors import SettingError
from tangente.web.serving.places import COPYING, FIRST_START, LOCK, check_complete
from tangente.web.serving.supervisor import Part, Supervisor

Say = Callable[[str], None]

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how all addresses of a machine are told
"""Where a server that listens at all addresses is reached from this machine."""
LOCAL = ("localhost", "127.0.0.1", "::1")


def serve(host: str, port: int, say: Say, *, demo: int | None = None) -> None:
    """Prepare the data folder of the environment and serve it until a signal ends that.

    demo: so many simulated contacts for whoever sits at this machine to look around in, unless they are there.
    Raises: SettingError if the folder is served already or not restored completely, or the port is in use.
    """
    environment = Environment()
    with _ours(environment) as data:
        _check_free(host, port)
        with Supervisor() as supervisor:
            _prepare(supervisor, demo)
            supervisor.keep([_part("web", host, str(port)), _part("worker")])
            while not _answers(host, port):
                supervisor.look_after()
            address = environment.url or _address(host, port)
            _welcome(address, data, say)
            if not environment.url and host not in LOCAL:
                say("Only this machine is answered; set TANGENTE_URL to the address people type")
            with _entrance(data, address, say) if demo else nullcontext():
                while True:
                    supervisor.look_after()


def make(demo: int) -> bool:
    """Prepare the data folder with a demo, and serve nothing; whether it came to its end."""
    with _ours(Environment()), Supervisor() as supervisor:
        _prepare(supervisor, demo)
        return True
    return False


@contextmanager
def _ours(environment: Environment) -> Iterator[Path]:
    """The data folder, for this process alone, rid of what others left half done."""
    logs.configure({"level": environment.text("TANGENTE_LOG_LEVEL")})
    data = environment.data
    check_complete(data)
    with only_server(data):
        remove_abandoned(data, COPYING)
        entrance.close(data)
        yield data


def _prepare(supervisor: Supervisor, demo: int | None) -> None:
    parts = [_part("prepare"), *([_part("demo", str(demo))] if demo else [])]
    for part in parts:
        if code := supervisor.finish(part):
            sys.exit(code)


@contextmanager
def _entrance(data: Path, address: str, say: Say) -> Iterator[None]:
    """The way into the demo, told once."""
    with entrance.opened(data) as token:
        say(f"Look around as touchpoint manager; this address serves once: {address}/demo/{token}/")
        say("Ctrl-C ends it")
        yield


def _part(name: str, *arguments: str) -> Part:
    return Part(name, [sys.executable, "-m", "tangente.web.serving.child", str(os.getpid()), name, *arguments])


@contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Nobody else serves the folder meanwhile; the lock goes with the process, however that ends."""
    with (data / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingError(f"{data} is served already; stop that, or give another folder with --data") from None
        yield


def _check_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingError(f"{host}:{port} cannot be listened at ({error.strerror}); give another --port") from None


def _answers(host: str, port: int) -> bool:
    """Whether the web part answers, whatever it says."""
    connection = HTTPConnection(EVERYWHERE.get(host, host), port, timeout=5)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _address(host: str, port: int) -> str:
    here = EVERYWHERE.get(host, host)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


def _welcome(address: str, data: Path, say: Say) -> None:
    say(f"Tangente answers at {address}/")
    if (data / FIRST_START).exists():
        secret = (data / FIRST_START).read_text("ascii")
        say(f"Nobody has signed in yet. Begin at {address}/start/{secret}/")
