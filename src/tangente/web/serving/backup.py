"""`tangente backup`: everything of a data folder that cannot be made anew, in one file, while it is served."""

import os
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from tangente.contactlog.disk import own_folder
from tangente.web.errors import SettingError
from tangente.web.serving import database
from tangente.web.serving.archive import Writer, writing
from tangente.web.serving.places import COPYING, KEY

FORMAT = 1

Counts = dict[str, dict[str, int]]
"""Rows of each table, for each contact log."""


def backup(target: Path, at: datetime) -> Counts:
    """Write a backup; returns how many rows each contact log holds, and under "" the database.

    The database is copied before the logs: what it names is then there or newer. Uploads are held fast before and after
    that: else an import that comes to its end meanwhile takes away what the copied database would have it read.
    """
    if target.absolute().is_relative_to(settings.DATA):
        raise SettingError(f"{target} lies in the data folder; a backup belongs on another disk")
    with writing(target) as writer, own_folder(settings.DATA, COPYING) as folder:
        hold_uploads(folder / "uploads")
        rows = _database(writer, folder)
        hold_uploads(folder / "uploads")
        logs = {folder.name: _log(writer, folder) for folder in log_folders(settings.LOGS)}
        writer.add_folder(folder / "uploads", "uploads")
        if (settings.DATA / KEY).exists():
            writer.add(settings.DATA / KEY, KEY)
        facts = {"format": FORMAT, "tangente": version("tangente"), "at": at.isoformat()}
        writer.close(facts | {"database": rows, "logs": logs})
    return logs | {"": rows}


def log_folders(logs: Path) -> list[Path]:
    """The contact logs of a data folder, one for each workspace that has any."""
    return sorted(file.parent for file in logs.glob("*/log.toml"))


def hold_uploads(folder: Path) -> None:
    """Give each upload another name below a folder, under which it stays."""
    for path in Path(settings.UPLOADS).rglob("*"):
        held = folder / path.relative_to(settings.UPLOADS)
        with suppress(FileExistsError, FileNotFoundError):  # held already; read meanwhile, which the database knows
            if path.is_file():
                held.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, held)


def _database(writer: Writer, folder: Path) -> database.Rows:
    rows = database.save(folder)
    for name in (database.SQLITE, database.POSTGRES):
        if (folder / name).exists():
            writer.add(folder / name, f"database/{name}")
    return rows


def _log(writer: Writer, folder: Path) -> dict[str, int]:
    from tangente.contactlog.backup import save  # noqa: PLC0415 - Iceberg is heavy; only backups need it here
    from tangente.contactlog.store import open_log  # noqa: PLC0415

    with open_log(folder) as store, own_folder(folder, COPYING) as copy:
        (copy / "log").mkdir()
        rows = save(store, copy / "log")
        writer.add_folder(copy / "log", f"log/{folder.name}")
    return rows
