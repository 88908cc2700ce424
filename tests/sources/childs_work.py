"""What tests let a child do: nothing that reads a file, and everything that a bad file could bring about."""

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tangente.errors import SourceError
from tangente.messages import Message

MIB = 1 << 20


def counting(_: str, most: int) -> Iterator[int]:
    yield from range(most)


def proposed(*_: object) -> Iterator[object]:
    yield from ("one", "two")


def fitting(_: str, answer: object, *__: object) -> Iterator[object]:
    yield answer


def allocating(_: str, mib: int) -> Iterator[int]:
    yield len(np.empty(mib * MIB, np.uint8))


def hoarding(_: str) -> Iterator[int]:
    hoard = [np.empty(MIB, np.uint8)]
    while len(hoard) < 4096:
        hoard.append(np.empty(MIB, np.uint8))
    yield len(hoard)


def looping(_: str, seconds: float) -> Iterator[float]:
    while time.process_time() < seconds:
        pass
    yield seconds


def sleeping(_: str, seconds: float) -> Iterator[int]:
    yield os.getpid()
    time.sleep(seconds)


def dying(_: str, number: int) -> Iterator[int]:
    os.kill(os.getpid(), number)
    yield number


def exiting(_: str) -> Iterator[int]:
    yield 1
    os._exit(3)


def recursing(path: str) -> Iterator[int]:
    yield from recursing(path)


def writing(path: str) -> Iterator[int]:
    yield Path(path).write_text("mine")


def opening(path: str) -> Iterator[int]:
    yield len([Path(path).open() for _ in range(100)])  # noqa: SIM115


def refusing(path: str) -> Iterator[int]:
    yield 1
    raise SourceError(Message("E-TEST", "{file} has {n:,} lines", file=Path(path).name, n=np.int64(4200)))


def telling(_: str) -> Iterator[Any]:
    yield sorted(os.environ)
    yield os.getpgid(0)
    yield resource.getrlimit(resource.RLIMIT_CORE)
