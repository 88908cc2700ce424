"""A log that takes long to fill: filled once, and put back before each test, at its own place since its tables name it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tangente.contactlog.store import LogStore, create_log, open_log


def keep(folder: Path, fill: Callable[[LogStore], None], *, buckets: int) -> Path:
    """Make a log in a folder, fill it, and keep a copy beside it."""
    with create_log(folder, buckets=buckets, key=b"key") as store:
        fill(store)
    shutil.copytree(folder, folder.with_name("copy"))
    return folder


@contextmanager
def put_back(folder: Path) -> Iterator[LogStore]:
    """The log as it was when it had been filled."""
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("copy"), folder)
    with open_log(folder) as store:
        yield store
