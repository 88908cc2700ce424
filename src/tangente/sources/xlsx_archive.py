"""The ZIP archive of an XLSX file: its directory is checked before anything is unpacked, its parts are read as streams."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from tangente.errors import SourceError
from tangente.messages import Message

LARGEST_UNPACKED = 2 << 30
LARGEST_RATIO = 250
"""Worksheets shrink 10 to 100 times; more is an archive made to burst."""
MOST_ENTRIES = 10_000
ENCRYPTED = 0x1
"""The flag of an entry under a password."""

BROKEN = (BadZipFile, LargeZipFile, zlib.error, EOFError, NotImplementedError, OSError)
"""What the zipfile module raises at an archive that is not in order."""


class Archive:
    """A checked archive."""

    def __init__(self, path: Path, file: ZipFile) -> None:
        self.path, self._file = path, file
        self.sizes = {entry.filename: entry.file_size for entry in file.infolist()}

    @contextmanager
    def opened(self, part: str) -> Iterator[IO[bytes]]:
        """The bytes of a part; raises SourceError if the archive has it not."""
        if part not in self.sizes:
            raise SourceError(_damaged(self.path, Message("", "{part} is missing", part=part)))
        with self._file.open(part) as stream:
            yield stream


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The archive; whatever is found broken in it while it is read ends in one error."""
    try:
        with ZipFile(path) as file:
            _check(path, file.infolist())
            yield Archive(path, file)
    except BROKEN as error:
        raise SourceError(_damaged(path, str(error))) from error


def _damaged(path: Path, reason: str) -> Message:
    return Message("E-ZIP", "{file} cannot be unpacked as XLSX: {reason}", file=path.name, reason=reason)


def _check(path: Path, entries: list[ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SourceError(Message("E-TYPE", "{file} holds macros; save it as XLSX without macros", file=path.name))
    if not any(name.startswith("xl/") for name in names):
        raise SourceError(Message("E-TYPE", "{file} is a ZIP archive, not an XLSX file", file=path.name))
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise SourceError(
            Message("E-PASS", "{file} is protected by a password; save it as XLSX without one", file=path.name)
        )
    if len(names) > MOST_ENTRIES or len(set(names)) < len(names):
        raise SourceError(_damaged(path, Message("", "it has too many parts, or two of one name")))
    for name in names:
        if "\\" in name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise SourceError(_damaged(path, Message("", "its part '{name}' points out of it", name=name)))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED or unpacked > LARGEST_RATIO * path.stat().st_size + (1 << 20):
        raise SourceError(
            Message(
                "E-SIZE",
                "{file} would unpack to {size:,} bytes; that is too much for a table of this size",
                file=path.name,
                size=unpacked,
            )
        )
