"""Iceberg's data and metadata files, each on disk with its folder before the commit that names it."""

import errno
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow.fs import FileSystem
from pyiceberg.io import InputStream, OutputStream
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.typedef import Properties

from tangente.contactlog.damage import RecordError
from tangente.contactlog.disk import make_folder, sync_folder

METADATA = (".json", ".avro")


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Tell in one sentence that a data file cannot be read as it was written, whoever found out."""
    try:
        yield
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError) as error:  # Arrow tells of content it cannot decode by either
        if getattr(error, "errno", None) not in (None, errno.ENOENT):
            raise
        raise RecordError(path) from error


class Checksum(NamedTuple):
    """What a file held when it was written."""

    sha256: str
    bytes: int

    def fits(self, path: Path) -> bool:
        """Whether a file still holds that."""
        if not path.is_file() or path.stat().st_size != self.bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


class SyncedFileIO(PyArrowFileIO):
    """PyIceberg's file access, but local files are synced when they are closed; object stores do that themselves.

    `written` remembers what was written, by path, until a commit has made it part of the log or it is removed again.
    `known` tells what a file of the log held when it was written.
    """

    def __init__(self, properties: Properties, known: Callable[[str], Checksum | None] = lambda _: None) -> None:
        super().__init__(properties)
        self.written: dict[str, Checksum] = {}
        self._known = known

    def new_input(self, location: str) -> PyArrowFile:
        """The file at a location; metadata are read only as they were written, for they say which files are the log."""
        if Path(location).suffix not in METADATA:
            return super().new_input(location)
        scheme, host, path = self.parse_location(location, self.properties)
        return _MetadataFile(
            location, path, self.fs_by_scheme(scheme, host), self.written.get(path) or self._known(path)
        )

    def check(self, paths: Iterable[str]) -> None:
        """Compare data files with what they held when they were written, before anything is made of their rows.

        Raises: RecordError for the first that is missing or differs.
        """
        for path in paths:
            checksum = self.written.get(path) or self._known(path)
            with reading(path), Path(path).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if checksum is None or found != checksum.sha256:
                raise RecordError(path)

    def new_output(self, location: str) -> PyArrowFile:
        """The file to be written at a location."""
        scheme, host, path = self.parse_location(location, self.properties)
        fs = self.fs_by_scheme(scheme, host)
        if scheme != "file":
            return PyArrowFile(location, path, fs)
        return _SyncedFile(location, path, fs, self.written)


class _MetadataFile(PyArrowFile):
    def __init__(self, location: str, path: str, fs: FileSystem, checksum: Checksum | None) -> None:
        super().__init__(location, path, fs)
        self._checksum = checksum

    def open(self, seekable: bool = True) -> InputStream:
        try:
            content = Path(self._path).read_bytes()
        except FileNotFoundError as error:
            raise RecordError(self._path) from error
        if self._checksum and hashlib.sha256(content).hexdigest() != self._checksum.sha256:
            raise RecordError(self._path)
        return io.BytesIO(content)


class _SyncedFile(PyArrowFile):
    def __init__(self, location: str, path: str, fs: FileSystem, written: dict[str, Checksum]) -> None:
        super().__init__(location, path, fs)
        self._written = written

    def create(self, overwrite: bool = False) -> OutputStream:
        path = Path(self._path)
        make_folder(path.parent)
        return _SyncedStream(path, "wb" if overwrite else "xb", self._written)


class _SyncedStream(io.BufferedWriter):
    """A file whose closing waits for the disk, for its content and for its name in the folder."""

    def __init__(self, path: Path, mode: str, written: dict[str, Checksum]) -> None:
        super().__init__(io.FileIO(path, mode))
        self._path, self._written, self._digest = path, written, hashlib.sha256()
        written[str(path)] = Checksum("", 0)  # begun: to be removed if it stays so

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._digest.update(content)
        return super().write(content)

    def close(self) -> None:
        if self.closed:
            return
        try:
            self.flush()
            os.fsync(self.fileno())
            size = self.tell()
        finally:  # also if that fails: else the garbage collector tries again, in the middle of something else
            super().close()
        sync_folder(self._path.parent)
        self._written[str(self._path)] = Checksum(self._digest.hexdigest(), size)
