"""No process of ours outlives the command that started it, however that ended."""

import os
import signal
import threading
import time

SECONDS = 0.5  # between two looks


def end_with(parent: int) -> None:
    """End this process and all it has started, its process group, as soon as its parent is another one."""
    threading.Thread(target=_watch, args=(parent,), name="lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os.killpg(0, signal.SIGKILL)
