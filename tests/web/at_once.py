"""Several people or workers at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connections


def at_once(times: int, act: Callable[[], Any]) -> list[Any]:
    """What as many threads get, each on a connection of its own."""
    begin, got = Barrier(times), []

    def acts() -> None:
        begin.wait()
        try:
            got.append(act())
        finally:
            connections.close_all()

    threads = [Thread(target=acts) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got
