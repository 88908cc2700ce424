"""Whether database and code fit: what is still to be migrated, and what only a newer Tangente knows."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tangente.web.errors import SettingError

Step = tuple[str, str]
"""A migration: the app and its name."""


@cache
def known() -> frozenset[Step]:
    """The migrations this code brings."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _applied() -> set[Step]:
    return set(MigrationRecorder(connection).applied_migrations())


def pending() -> frozenset[Step]:
    """What the database has yet to go through."""
    return known() - _applied()


def check_not_newer() -> None:
    """Refuse to run on a database that a newer Tangente has changed: it may mean something else by now."""
    apps = {app for app, _ in known()}
    newer = sorted(name for app, name in _applied() - known() if app in apps)
    if newer:
        raise SettingError(
            f"The database was used by a newer Tangente ({newer[-1]}); update Tangente, or restore a backup from before"
        )
