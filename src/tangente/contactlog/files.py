"""Iceberg's data and metadata files, each on disk with its folder before the commit that names it."""

import io
import os
from pathlib import Path

from pyiceberg.io import OutputStream
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO

from tangente.contactlog.disk import sync_folder


class SyncedFileIO(PyArrowFileIO):
    """PyIceberg's file access, but local files are synced when they are closed; object stores do that themselves."""

    def new_output(self, location: str) -> PyArrowFile:
        """The file to be written at a location."""
        scheme, host, path = self.parse_location(location, self.properties)
        kind = _SyncedFile if scheme == "file" else PyArrowFile
        return kind(fs=self.fs_by_scheme(scheme, host), location=location, path=path)


class _SyncedFile(PyArrowFile):
    def create(self, overwrite: bool = False) -> OutputStream:
        path = Path(self._path)
        path.parent.mkdir(parents=True, exist_ok=True)
        return _SyncedStream(path, "wb" if overwrite else "xb")


class _SyncedStream(io.BufferedWriter):
    """A file whose closing waits for the disk, for its content and for its name in the folder."""

    def __init__(self, path: Path, mode: str) -> None:
        super().__init__(io.FileIO(path, mode))
        self._path = path

    def close(self) -> None:
        if not self.closed:
            self.flush()
            os.fsync(self.fileno())
            super().close()
            sync_folder(self._path.parent)
