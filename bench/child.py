"""One tool does one job in this process: `python child.py TOOL JOB FOLDER`; what it took is printed as one line of JSON."""

import contextlib
import gc
import importlib
import io
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

WRITING = ("import", "append")
"""Jobs that change the log, so that they are done once, cold, and with processes of their own."""

ENOUGH_S, MOST_RUNS = 1.0, 20
TICKS, CORES = os.sysconf("SC_CLK_TCK"), os.cpu_count() or 1
PAGE = os.sysconf("SC_PAGE_SIZE")


def measured(tool: str, job: str, folder: Path, *, once: bool = False) -> dict[str, Any]:
    """Seconds (median; or of one cold run), peak MiB, share of the machine that others used meanwhile, and the answer."""
    module = importlib.import_module(f"tools.{tool.lower()}")
    prepared = getattr(module, "import_" if job == "import" else job)(folder)
    once |= job in WRITING
    if not once:
        prepared.run()
    gc.collect()
    forget_peak()
    busy, own, begun = machine_seconds(), own_seconds(), time.perf_counter()
    with Family() as family:
        seconds, result = timed(prepared.run, once=once)
    spent = time.perf_counter() - begun
    own = own_seconds() - own
    others = machine_seconds() - busy - own
    return {
        "s": statistics.median(seconds),
        "cpu": own / len(seconds),
        "foreign": max(0.0, others) / (CORES * spent),
        "mib": round(max(peak(), family.peak)),
        "answer": prepared.answer(result),
    }


def timed(run: Callable[[], Any], *, once: bool) -> tuple[list[float], Any]:
    """Seconds of each run, and the result of the last; quick jobs run several times."""
    seconds: list[float] = []
    while not seconds or (not once and len(seconds) < MOST_RUNS and sum(seconds) < ENOUGH_S):
        begun = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - begun)
    return seconds, result


def machine_seconds() -> float:
    """Processor time all processes have used: all fields of the first line but idle and waiting."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    return sum(int(ticks) for place, ticks in enumerate(fields) if place not in (3, 4)) / TICKS


def own_seconds() -> float:
    """Processor time this process and its ended children have used."""
    return time.process_time() + sum(os.times()[2:4])


def forget_peak() -> None:
    """Let the peak of memory begin anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """Peak MiB of this process (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


class Family:
    """Watches how much memory this process and its children use together; what they share counts for each."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look)

    def __enter__(self) -> "Family":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            members = family(os.getpid())
            if len(members) > 1:
                self.peak = max(self.peak, sum(map(mebibytes, members)))


def family(process: int) -> list[int]:
    """A process and its children, theirs, and so on."""
    try:
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [process, *chain.from_iterable(map(family, children))]


def mebibytes(process: int) -> float:
    """Its memory in use; 0 if it has just ended."""
    try:
        _, pages, *_ = Path(f"/proc/{process}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(pages) * PAGE / 2**20


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):  # banners of some tools
        found = measured(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    print(json.dumps(found), flush=True)
    os._exit(0)  # what some tools leave running is not waited for
