"""`tangente doctor`: what is wrong with a server, each fault as a sentence with the way out."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tangente.web.environment import Environment
from tangente.web.errors import SettingError
from tangente.web.jobs.models import Job, State
from tangente.web.people.audit import broken
from tangente.web.people.models import Workspace
from tangente.web.serving import database
from tangente.web.serving.backup import log_folders
from tangente.web.serving.places import FIRST_START, KEY
from tangente.web.serving.schema import check_not_newer, pending

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
"""What SQLite must say; 2 is FULL."""
LEAST_FREE = 1 << 30  # bytes
SHORTEST_KEY, LEAST_VARIED = 40, 10  # characters, different ones
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", None})

Faults = Iterator[str]


def check_settings() -> Faults:
    """What the environment says."""
    environment = Environment()
    scheme, _, host = environment.url.partition("://")
    if settings.DEBUG:
        yield "TANGENTE_DEVELOPMENT is yes: pages of errors show the code; unset it where others reach the server"
    if len(settings.SECRET_KEY) < SHORTEST_KEY or len(set(settings.SECRET_KEY)) < LEAST_VARIED:
        yield f"TANGENTE_SECRET_KEY could be guessed; give at least {SHORTEST_KEY} random characters, or unset it"
    if environment.url and not host:
        yield f"TANGENTE_URL is {environment.url!r} and names no host"
    elif scheme == "http" and settings.ALLOWED_HOSTS[0] not in LOCAL:
        yield "TANGENTE_URL begins with http: passwords travel in the clear; put a proxy with TLS in front"
    if scheme == "https" and not environment.is_on("TANGENTE_TRUSTED_PROXY"):
        yield (
            "TANGENTE_URL begins with https, but TANGENTE_TRUSTED_PROXY is not yes: every request would be sent to https "
            "again and again"
        )


def check_database() -> Faults:
    """SQLite's settings, its integrity, rows that name rows which are gone."""
    if not database.is_sqlite():
        return
    with connection.cursor() as cursor:
        yield from pragma_faults(cursor)
    with closing(sqlite3.connect(database.place())) as connected:
        yield from (f"The database is damaged: {fault}; restore a backup" for fault in database.faults(connected))


def pragma_faults(cursor: Any) -> Faults:
    """Settings of SQLite that are not as they must be."""
    for name, wanted in PRAGMAS.items():
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            yield f"SQLite has {name} = {found}, not {wanted}: committed rows may be lost, or read where they were erased"


def check_migrations() -> Faults:
    """Whether database and code fit."""
    try:
        check_not_newer()
    except SettingError as error:
        yield str(error)
    if pending():
        yield f"The database lacks {len(pending())} migrations; `tangente serve` makes them"


def check_audit() -> Faults:
    """Whether the log of what people did is as it was written."""
    for workspace in (None, *Workspace.objects.order_by("slug")):
        entry = broken(workspace)
        if entry is not None:
            where = workspace.slug if workspace else "the server"
            yield f"The audit log of {where} was changed from outside at entry {entry.pk}, or before it; compare a backup"


def check_contact_logs() -> Faults:
    """Whether every file of each contact log is there in its size; `tangente log verify` reads them, too."""
    from tangente.contactlog.store import open_log  # noqa: PLC0415 - Iceberg is heavy; only this check needs it
    from tangente.errors import ContactLogError  # noqa: PLC0415

    for folder in log_folders(settings.LOGS):
        try:
            with open_log(folder) as store:
                is_sound, known = store.catalog.is_sound(), store.catalog.checksums()
        except ContactLogError as error:
            yield f"The contact log {folder.name}: {error}"
            continue
        wrong = [path for path, said in known.items() if not _has_size(Path(path), said.bytes)]
        if wrong or not is_sound:
            yield f"The contact log {folder.name} is damaged; `tangente log verify --log {folder}` says what and the way out"


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def check_disk(least: int = LEAST_FREE) -> Faults:
    """Whether there is room to go on."""
    free = shutil.disk_usage(settings.DATA).free
    if free < least:
        yield f"The disk of {settings.DATA} has {free >> 20:,} MiB left; make room before imports and backups fail"


def check_jobs() -> Faults:
    """Whether all long work was finished."""
    parked = Job.objects.filter(state=State.PARKED).count()
    if parked:
        yield f"Stopped jobs: {parked}; the page of jobs names the reason and starts them again"


def check_permissions() -> Faults:
    """Whether nobody else on this machine can read what is kept."""
    keys = [settings.DATA / KEY, settings.DATA / FIRST_START, *settings.LOGS.glob("*/key")]
    for path in (settings.DATA, *keys):
        if path.exists() and path.stat().st_mode & 0o077:
            yield f"{path} can be read by others; run chmod go-rwx {path}"


CHECKS: Sequence[tuple[str, Callable[[], Faults]]] = (
    ("settings", check_settings),
    ("permissions", check_permissions),
    ("disk", check_disk),
    ("database", check_database),
    ("migrations", check_migrations),
    ("audit log", check_audit),
    ("contact logs", check_contact_logs),
    ("jobs", check_jobs),
)


def diagnosis() -> dict[str, list[str]]:
    """What each check found wrong; without all its migrations a database has nothing more to be asked."""
    found: dict[str, list[str]] = {}
    for name, check in CHECKS:
        if name in ("audit log", "jobs") and found["migrations"]:
            continue
        found[name] = list(check())
    return found
