"""Files that are on disk when we say so, and folders that one process changes at a time."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tangente.errors import ContactLogError
from tangente.messages import Message

ALIVE = ".alive"  # locked as long as the process that made the folder lives


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Tell in one sentence that a folder cannot be written, whoever found out."""
    try:
        yield
    except OSError as error:
        raise ContactLogError(
            Message(
                "E-STORE",
                "{folder} cannot be written: {reason}; mend that and run the same command again: nothing is stored twice",
                folder=folder,
                reason=error.strerror or error,
            )
        ) from error


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; each new name is on disk."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def write_synced(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a small file so that it is there whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


@contextmanager
def alone(folder: Path, *, lock: str = ".lock") -> Iterator[None]:
    """Wait until no other thread or process is here for this folder, and let none in before we leave."""
    with (folder / lock).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def own_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder that only this process reads and that is gone afterwards; first, those that killed processes left go."""
    with told(parent), alone(parent, lock=f".lock{prefix}"):
        _remove_abandoned(parent, prefix)
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        alive = (folder / ALIVE).open("w")
        fcntl.flock(alive, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        alive.close()


def remove_abandoned(parent: Path, prefix: str) -> None:
    """Remove the folders that killed processes left."""
    with alone(parent, lock=f".lock{prefix}"):
        _remove_abandoned(parent, prefix)


def _remove_abandoned(parent: Path, prefix: str) -> None:
    for other in parent.glob(f"{prefix}*"):
        if _is_abandoned(other):
            shutil.rmtree(other, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        with (folder / ALIVE).open("w") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):  # in use, or just gone
        return False
    return True
