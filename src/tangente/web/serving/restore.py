"""`tangente restore`: a backup becomes a data folder once everything in it is proved.

Until then the folder `.restoring` says that it is not one. Contact logs name their place, so they are made where they
are to lie; the database comes last.
"""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from tangente.contactlog.disk import sync_folder
from tangente.web.data.places import REFUSED
from tangente.web.errors import SettingError
from tangente.web.serving import database
from tangente.web.serving.archive import unpack
from tangente.web.serving.backup import FORMAT, log_folders
from tangente.web.serving.places import KEY, RESTORING

Erased = dict[str, int]
"""How many rows of each contact log were erased again."""


def restore(backup: Path, erasures_of: Path | None) -> tuple[dict[str, Any], Erased]:
    """Fill the data folder of the settings, which holds nothing else yet; returns the manifest and what was erased again.

    Args:
        backup: the file; `places.make_way` was called before.
        erasures_of: a data folder whose erased customers are erased here, too.
    Raises: SettingError if anything is not as it was saved; the folder then is no data folder.
    """
    data = settings.DATA
    making = data / RESTORING
    manifest = unpack(backup, making)
    if manifest["format"] != FORMAT:
        raise SettingError(f"{backup} was made by a newer Tangente ({manifest['tangente']}); update Tangente")
    rows = _proved(making)
    if rows != manifest["database"]:
        raise SettingError(f"{backup}: the database does not hold as many rows as were saved; take another backup")
    erased = {slug: _log(making, data, slug, manifest, erasures_of) for slug in manifest["logs"]}
    if erasures_of is not None:
        forget_refused(making / "uploads")
    for part in ("uploads", KEY):
        if (making / part).exists():
            (making / part).rename(data / part)
    if database.is_sqlite():
        (making / "database" / database.SQLITE).rename(database.place())
        sync_folder(database.place().parent)
    sync_folder(data)
    shutil.rmtree(making)
    sync_folder(data)
    return manifest, {slug: count for slug, count in erased.items() if count}


def forget_refused(uploads: Path) -> None:
    """Lists of refused rows name customers as their source does: of whom an erasure knows only a digest."""
    for path in uploads.glob(f"*/{REFUSED}"):
        path.unlink()


def _proved(making: Path) -> database.Rows:
    folder = making / "database"
    if (folder / database.SQLITE).exists() != database.is_sqlite():
        raise SettingError(
            "SQLite and PostgreSQL cannot be restored into each other; set or unset DATABASE_URL as when it was saved"
        )
    if database.is_sqlite():
        if database.place().exists():
            raise SettingError(f"{database.place()} is there already; move it elsewhere, or set another DATABASE_URL")
        return database.proved(folder / database.SQLITE)
    return database.restore_postgres(folder / database.POSTGRES)


def _log(making: Path, data: Path, slug: str, manifest: dict[str, Any], erasures_of: Path | None) -> int:
    """Make a contact log of its copy, prove it, erase again; returns how many rows went."""
    from tangente.contactlog.backup import take_in  # noqa: PLC0415 - Iceberg is heavy; only restoring needs it here
    from tangente.contactlog.erasure import erase_as  # noqa: PLC0415
    from tangente.contactlog.store import open_log  # noqa: PLC0415
    from tangente.contactlog.verification import verify  # noqa: PLC0415

    with take_in(making / "log" / slug, data / "log" / slug) as store:
        faults = verify(store).faults
        if faults:
            raise SettingError(f"The contact log of {slug} is not as it was saved: {faults[0]}")
        held = {
            name: sum(file.record_count for bucket in store.data_files(name) for file in bucket)
            for name in manifest["logs"][slug]
        }
        if held != manifest["logs"][slug]:
            raise SettingError(f"The contact log of {slug} does not hold as many rows as were saved")
        if erasures_of is None or slug not in {folder.name for folder in log_folders(erasures_of / "log")}:
            return 0
        with open_log(erasures_of / "log" / slug) as other:
            return sum(erase_as(store, other).values())
