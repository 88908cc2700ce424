"""Where uploads lie, and when they go: they hold customers as the source names them, so nothing stays without need."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from tangente.contactlog.disk import make_folder, sync_folder
from tangente.web.data.models import Upload
from tangente.web.jobs.models import OPEN, Job, State
from tangente.web.jobs.queue import sweeps
from tangente.web.people.models import Workspace

HALF_WRITTEN = timedelta(minutes=25)
"""After so long without another byte an upload is given up."""

REFUSED = "*.refused.csv"
UNREAD_KEPT, REFUSED_KEPT = timedelta(days=7), timedelta(days=30)
"""For how long a file that could not be imported waits for another attempt, and a list of refused rows to be fetched."""


def file_of(upload: Upload) -> Path:
    """Where the file lies until it is read."""
    return _folder(upload.workspace) / upload.stored


def refused_rows(workspace: Workspace, job: Job) -> Path:
    """Where the refused rows of an import are listed, if there are any."""
    return _folder(workspace) / f"{job.pk}.refused.csv"


def _folder(workspace: Workspace) -> Path:
    return Path(settings.UPLOADS, workspace.slug)


def keep(file: TemporaryUploadedFile, upload: Upload) -> None:
    """Give what was received its place, surely on disk; whoever ends before the row is stored leaves it to `sweep`."""
    target = file_of(upload)
    make_folder(target.parent)
    file.flush()
    os.fsync(file.fileno())
    os.rename(file.temporary_file_path(), target)
    os.chmod(target, 0o600)
    sync_folder(target.parent)


def forget_files(workspace: Workspace) -> None:
    """Remove lists of refused rows, and files that no open job will read: both name customers as their source does.

    A file that no row names may be one that is being received; `sweep` knows by its age.
    """
    unread = Upload.objects.filter(workspace=workspace).exclude(job__state__in=OPEN).select_related("workspace")
    for path in (*_folder(workspace).glob(REFUSED), *map(file_of, unread)):
        path.unlink(missing_ok=True)


@sweeps
def sweep(at: datetime) -> None:
    """Remove what was never received whole, what no row names, and what was kept long enough."""
    kept = set(_names_kept(at))
    for path in Path(settings.UPLOADS).glob("*/*"):
        old = REFUSED_KEPT if path.match(REFUSED) else HALF_WRITTEN  # of a list that a killed attempt left, too
        if path.name not in kept and _age(path, at) > old:
            path.unlink(missing_ok=True)
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if _age(path, at) > HALF_WRITTEN:
            path.unlink(missing_ok=True)


def _names_kept(at: datetime) -> Iterator[str]:
    """Files that a job will read, or may if somebody tries it again."""
    yield from Upload.objects.filter(job__state__in=OPEN).values_list("stored", flat=True)
    unread = Upload.objects.filter(job__finished_at__gt=at - UNREAD_KEPT).exclude(job__state=State.DONE)
    yield from unread.values_list("stored", flat=True)


def _age(path: Path, at: datetime) -> timedelta:
    try:
        return timedelta(seconds=at.timestamp() - path.stat().st_mtime)
    except FileNotFoundError:
        return timedelta(0)
