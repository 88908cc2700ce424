"""What lies where in the data folder, before Django knows it."""

import shutil
from pathlib import Path

from tangente.web.environment import SECRET_KEY_FILE
from tangente.web.errors import SettingError

FIRST_START = "first-start"
KEY = SECRET_KEY_FILE
LOCK = ".serving"  # locked as long as the folder is served
RESTORING = ".restoring"  # there until what is restored is proved
COPYING = ".backup-"  # folders of backups on their way


def check_complete(data: Path) -> None:
    """Refuse a folder whose restoring was stopped half-way."""
    if (data / RESTORING).exists():
        raise SettingError(f"{data} is only restored in part; run `tangente restore` again, into the same folder")


def check_there(data: Path) -> None:
    """Refuse a folder that was never served: what looks after one must not make another."""
    if not data.is_dir():
        raise SettingError(f"{data} is no data folder; `tangente serve` makes one")
    check_complete(data)


def make_way(data: Path) -> None:
    """Begin to restore into a folder that holds nothing, but for what an interrupted restore left: that goes.

    Raises: SettingError if it holds anything else.
    """
    names = {path.name for path in data.iterdir()} if data.exists() else set()
    if names and RESTORING not in names:
        raise SettingError(f"{data} is not empty; restore into a folder of its own")
    for path in (data / name for name in sorted(names, key=RESTORING.__eq__)):  # the mark goes last
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / RESTORING).mkdir(mode=0o700)
