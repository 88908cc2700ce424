"""The file of a backup: a tar of plain files, with their checksums in a manifest at its end."""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tangente.contactlog.disk import make_folder, sync_folder
from tangente.web.errors import SettingError

MANIFEST = "manifest.json"
CHUNK = 1 << 20

_PART = r"(?!\.{1,2}(/|$))[^/\\\x00-\x1f]+"
SAFE = re.compile(rf"{_PART}(/{_PART})*")
"""Names of members: relative, without a step up."""


class _Hashed:
    """A file whose SHA-256 is known once it was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._digest.update(content)
        return content

    def sha256(self) -> str:
        return self._digest.hexdigest()


class Writer:
    """Puts files into a backup."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, str] = {}

    def add(self, path: Path, name: str) -> None:
        """Put in one file under a name."""
        with path.open("rb") as file:
            member = tarfile.TarInfo(name)
            member.size, member.mode = os.fstat(file.fileno()).st_size, 0o600
            hashed = _Hashed(file)
            self._tar.addfile(member, hashed)
            self.files[name] = hashed.sha256()

    def add_folder(self, folder: Path, name: str) -> None:
        """Put in all files below a folder."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with suppress(FileNotFoundError):  # removed meanwhile: nothing names it any more
                    self.add(path, f"{name}/{path.relative_to(folder)}")

    def close(self, facts: dict[str, Any]) -> None:
        """Put in the manifest: what is told of the backup, and the checksum of each file."""
        said = json.dumps(facts | {"files": self.files}, ensure_ascii=False).encode()
        content = said + b"\n" + hashlib.sha256(said).hexdigest().encode() + b"\n"
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """A new backup; it has its name once it is on disk whole."""
    if target.exists():
        raise SettingError(f"{target} is there already; name another file")
    making = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            file.flush()
            os.fsync(file.fileno())
        making.rename(target)
        sync_folder(target.absolute().parent)
    finally:
        making.unlink(missing_ok=True)


def unpack(backup: Path, folder: Path) -> dict[str, Any]:
    """Write the files of a backup below a folder, each on disk, and return its manifest.

    Raises: SettingError if it is no backup, names a file outside, or a file is not as it was saved; what was written by
        then stays.
    """
    try:
        with tarfile.open(backup, mode="r:") as tar:
            found = {member.name: _unpacked(tar, member, folder) for member in tar}
    except (tarfile.TarError, EOFError) as error:
        raise SettingError(f"{backup} is no backup, or is damaged ({error}); take another one") from None
    manifest = _manifest(backup, folder)
    found.pop(MANIFEST)
    if found != manifest["files"]:
        names = sorted(name for name in found | manifest["files"] if found.get(name) != manifest["files"].get(name))
        raise SettingError(f"{backup} is damaged: {names[0]} is not as it was saved; take another backup")
    return manifest


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    """The checksum of a member, once it is on disk."""
    source = tar.extractfile(member) if member.type == tarfile.REGTYPE else None
    if source is None or not SAFE.fullmatch(member.name):
        raise SettingError(f"The backup holds {member.name!r}, which no backup of Tangente does; nothing is restored")
    target, hashed = folder / member.name, _Hashed(source)
    make_folder(target.parent)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while content := hashed.read(CHUNK):
            file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashed.sha256()


def _manifest(backup: Path, folder: Path) -> dict[str, Any]:
    try:
        said, digest, _ = (folder / MANIFEST).read_bytes().split(b"\n")
    except (FileNotFoundError, ValueError):
        said, digest = b"", b""
    if hashlib.sha256(said).hexdigest().encode() != digest:
        raise SettingError(f"{backup} is damaged: its manifest is not as it was written; take another backup")
    manifest: dict[str, Any] = json.loads(said)
    return manifest
