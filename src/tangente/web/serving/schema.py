"""Whether database and code fit: what is still to be migrated, and what only a newer Tangente knows."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Step = tuple[str, str]
"""A migration: the app and its name."""


@cache
def known() -> frozenset[Step]:
    """The migrations this code brings."""
    return frozenset(MigrationLoader(None, ignore_no_initial=True).disk_migrations)


def pending() -> set[Step]:
    """What the database has yet to go through."""
    return set(known() - MigrationRecorder(connection).applied_migrations().keys())


def newer() -> set[Step]:
    """What the database went through with a newer Tangente than this."""
    apps = {app for app, _ in known()}
    return {step for step in MigrationRecorder(connection).applied_migrations().keys() - known() if step[0] in apps}
