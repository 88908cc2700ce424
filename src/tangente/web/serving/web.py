"""The web part: granian over WSGI."""

import os
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from tangente.web.demo.entrance import BOUND_TO
from tangente.web.environment import Environment

THREADS = 16
"""Of all processes; so many that writers who wait for a locked database leave some to the readers."""
MOST_PROCESSES = 4

QUIET: dict[str, Any] = {  # granian's own lines go through our formatter
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


def run(host: str, port: int) -> None:
    """Answer requests until a signal ends it."""
    os.environ[BOUND_TO] = host
    processes = _processes()
    Server(
        "tangente.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS // processes,
        backlog=256,
        websockets=False,
        log_level=LogLevels.error,  # it warns of many threads, which wait rather than work
        log_dictconfig=QUIET,
        workers_kill_timeout=2,
    ).serve()


def _processes() -> int:
    """SQLite has one writer: a second process would only wait for it."""
    if not Environment().text("DATABASE_URL"):
        return 1
    return min(os.cpu_count() or 1, MOST_PROCESSES)
