"""What lies where in the data folder."""

from pathlib import Path

from tangente.web.environment import SECRET_KEY_FILE
from tangente.web.errors import SettingError

DATABASE = "tangente.sqlite3"
LOGS = "log"
UPLOADS = "uploads"
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
