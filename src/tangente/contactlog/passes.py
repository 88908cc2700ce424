"""Run a pass: a compiled loop over whole histories that fills a summary; summaries of buckets add up.

An engine takes the buckets: threads of this machine, or executors of Spark (`spark.py`). Every summary is of integers,
so the sum is the same whoever took which bucket.
"""

import gc
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import count
from operator import add
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog, S, T
from tangente.contactlog.splicing import Spliced, most_rows


def cache_folder() -> Path:
    """Where compiled code is kept: per state of all our sources, else a change in one file runs old code of another."""
    state = hashlib.sha256(os.environ.get("NUMBA_BOUNDSCHECK", "").encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        state.update(source.read_bytes())
    name = f"passes-{sys.version_info.major}{sys.version_info.minor}-{state.hexdigest()[:16]}"
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tangente" / name
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or none we may write to
        return Path(tempfile.mkdtemp(prefix="tangente-"))  # ours alone: whoever writes here runs code as us
    return folder


os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))

import numba  # noqa: E402  (reads the folder above when it is imported)
from numba.core import event  # noqa: E402

Column = NDArray[Any]
"""An array a compiled loop reads or fills, of the type the column has in its bucket."""

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile a loop over columns when it is first called; while it runs, other threads run too."""
    return cast(Loop, numba.njit(cache=True, nogil=True)(loop))


def inlined(part: Loop) -> Loop:
    """Compile a part of a loop as if it were written where it is called: that takes less than half of the time."""
    return cast(Loop, numba.njit(inline="always")(part))


class _Undisturbed(event.Listener):
    """Collects no garbage while code is compiled: a compiler keeps most of what it makes, and it makes much."""

    def __init__(self) -> None:
        self._collects: list[bool] = []  # one loop may need another; only one thread compiles at a time

    def on_start(self, _event: event.Event) -> None:
        self._collects.append(gc.isenabled())
        gc.disable()

    def on_end(self, _event: event.Event) -> None:
        if self._collects.pop():
            gc.enable()


event.register("numba:compile", _Undisturbed())  # type: ignore[no-untyped-call]


U = TypeVar("U")

FEW_ROWS = 100_000
"""Below, starting threads takes longer than they save."""

MOST_BYTES = 1 << 28
"""Of the summaries of all threads; where one is larger, one thread works alone."""


Rows = tuple[int, int]
"""The first row of some and the first behind them."""

PIECE = 1 << 16
"""Rows: what a loop writes of so many is still in the processor's cache when the next loop reads it."""


def pieces(rows: int) -> Iterator[Rows]:
    """The rows of a table piece by piece."""
    return ((first, min(first + PIECE, rows)) for first in range(0, rows, PIECE))


@compiled
def _join(base: Column, changed: Column, pieces: Column, width: int, out: Column) -> None:
    """Fill `out` with pieces of two arrays, of rows of so many bytes."""
    at = 0
    for k in range(len(pieces)):
        first, end = pieces[k, 0] * width, pieces[k, 1] * width
        for i in range(end - first):
            out[np.uint64(at + i)] = base[np.uint64(first + i)]  # without a sign many bytes are copied at once
        at += end - first
        first, end = pieces[k, 2] * width, pieces[k, 3] * width
        for i in range(end - first):
            out[np.uint64(at + i)] = changed[np.uint64(first + i)]
        at += end - first


Spliced.join = staticmethod(_join)  # from here: who appends rows and asks nothing needs no compiler


def fold(log: ContactLog, start: Callable[[], S], visit: Callable[[S, Bucket], None]) -> S:
    """Let `visit` add every bucket of the log to summaries begun by `start`, and add these up."""
    return (log.engine or Threads()).fold(log, start, visit)


def gather(log: ContactLog, visit: Callable[[Bucket], T]) -> list[T]:
    """What `visit` makes of each bucket, in the order of the buckets."""
    return (log.engine or Threads()).gather(log, visit)


class Threads:
    """The threads of this machine: they take buckets one after another, each into a summary of its own."""

    def fold(self, log: ContactLog, start: Callable[[], S], visit: Callable[[S, Bucket], None]) -> S:
        """Add all buckets up, in as many summaries as there are threads at work."""
        turn = count()

        def work(summary: S) -> S:
            while (index := next(turn)) < len(log.stored):
                visit(summary, log.bucket(index))
            return summary

        first = start()
        workers = min(_workers(log), max(1, MOST_BYTES // max(1, getattr(first, "nbytes", 0))))
        return reduce(add, _each(work, [first, *(start() for _ in range(workers - 1))], workers))

    def gather(self, log: ContactLog, visit: Callable[[Bucket], T]) -> list[T]:
        """List what is made of each bucket."""
        return _each(lambda index: visit(log.bucket(index)), range(len(log.stored)), _workers(log))


def side_by_side(work: Callable[[int, int], T], rows: int) -> list[T]:
    """Do `work` in shares, each told which one of how many: as many as it is worth for so many rows."""
    shares = 1 if rows < FEW_ROWS else os.cpu_count() or 1
    return _each(lambda share: work(share, shares), range(shares), shares)


def _each(work: Callable[[U], T], items: Iterable[U], workers: int) -> list[T]:
    if workers == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))


def _workers(log: ContactLog) -> int:
    sizes = (most_rows(table) for bucket in log.stored for table in (bucket.contacts, bucket.ratings))
    if sum(sizes) < FEW_ROWS:
        return 1
    return min(os.cpu_count() or 1, len(log.stored))
