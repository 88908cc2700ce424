"""The bytes of a file, unpacked where it is compressed with gzip or zstd, and never more than a table would hold."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from tangente.errors import SourceError
from tangente.messages import Message

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
PACKED = (".gz", ".zst")
"""How the names of compressed files end."""

ALWAYS_READ = 16 << 20
LARGEST_RATIO = 250
"""Tables and event logs shrink 5 to 60 times; more, beyond the bytes that are always read, is made to burst."""


@contextmanager
def open_unpacked(path: Path) -> Iterator[io.BufferedReader]:
    """The bytes after decompression; whatever is found broken while they are read ends in one error."""
    try:
        with path.open("rb", buffering=0) as file:
            yield _unpacked(io.BufferedReader(file, 1 << 16), path)
    except (gzip.BadGzipFile, EOFError, zlib.error, pa.ArrowException) as error:
        raise SourceError(_damaged(path, str(error))) from error
    except OSError as error:
        if error.errno is None:  # Arrow's, about the compressed stream
            raise SourceError(_damaged(path, str(error))) from error
        raise SourceError(
            Message("E-FILE", "{file} cannot be read: {reason}", file=path.name, reason=error.strerror)
        ) from error


def _damaged(path: Path, reason: str) -> Message:
    return Message("E-DAMAGED", "{file} is damaged: it cannot be unpacked ({reason})", file=path.name, reason=reason)


def _unpacked(stream: "io.BufferedReader[Any]", path: Path) -> "io.BufferedReader[Any]":
    start = stream.peek(4)[:4]
    if start.startswith(GZIP):
        return io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=stream), path), 1 << 16)
    if start == ZSTD:
        return io.BufferedReader(_Bounded(pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd"), path), 1 << 16)
    return stream


class _Bounded(io.RawIOBase):
    """What is unpacked, until it is far more than a table of the file's size could hold."""

    def __init__(self, stream: gzip.GzipFile | pa.NativeFile, path: Path) -> None:
        self.stream, self.path, self.taken = stream, path, 0
        self.most = max(ALWAYS_READ, LARGEST_RATIO * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]
        data = self.stream.read(len(buffer))
        self.taken += len(data)
        if self.taken > self.most:
            raise SourceError(
                Message(
                    "E-SIZE",
                    "{file} unpacks to more than {times:,} times its size; that is too much for a table",
                    file=self.path.name,
                    times=LARGEST_RATIO,
                )
            )
        buffer[: len(data)] = data
        return len(data)
