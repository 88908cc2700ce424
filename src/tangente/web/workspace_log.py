"""The contact log of a workspace, in the data folder."""

from pathlib import Path

from django.conf import settings

from tangente.contactlog.settings import FILE
from tangente.web.people.models import Workspace


def folder_of(workspace: Workspace) -> Path:
    """Where it lies, or will lie with the first import."""
    return Path(settings.LOGS, workspace.slug)


def made(workspace: Workspace) -> Path:
    """Where it lies; made if there is none, in the currency and time zone of the workspace."""
    from tangente.contactlog.store import create_log  # noqa: PLC0415 - Iceberg is heavy; only a first import needs it here

    folder = folder_of(workspace)
    if not (folder / FILE).exists():
        create_log(folder, currency=workspace.currency, timezone=workspace.timezone).close()
    return folder
