"""What changes the data of a workspace."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction

from tangente.web.data.importing import NAME
from tangente.web.data.models import Upload
from tangente.web.data.names import server_name, shown_name
from tangente.web.data.places import keep
from tangente.web.jobs.models import Job
from tangente.web.jobs.queue import start
from tangente.web.people.audit import record
from tangente.web.people.models import Person, Workspace


@transaction.atomic
def import_files(
    *,
    workspace: Workspace,
    files: Sequence[TemporaryUploadedFile],
    mapping: tuple[str, str] | None,
    by: Person,
    at: datetime,
) -> Job:
    """Keep the files, and let a worker make them part of the log: all or none. `mapping` is its name and text."""
    names = [shown_name(str(file.name)) for file in files]
    about = ", ".join(names)
    job = start(NAME, workspace=workspace, person=by, arguments={}, about=about, at=at)
    title, text = mapping or ("", "")
    for file, name in zip(files, names, strict=True):
        stored = server_name(name)
        values = {"name": name, "stored": stored, "mapping": text, "mapping_name": title and shown_name(title)}
        keep(file, Upload.objects.create(workspace=workspace, job=job, **values))
    record(workspace=workspace, person=by, action="data.import", about=about, at=at)
    return job
