"""Somebody who looks after data, what is sent, and the worker's part done at once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tangente.contactlog.snapshot import imports_now
from tangente.web.jobs.models import Job
from tangente.web.jobs.runs import Claims, Run
from tangente.web.jobs.worker import attempt
from tangente.web.overview import asking
from tangente.web.people.models import Workspace
from tangente.web.people.roles import Role
from tangente.web.workspace_log import folder_of
from tests.web.conftest import SignedIn
from tests.web.factories import make_member, make_workspace

HEADER = "customer,time,touchpoint\n"
GOOD = HEADER + "1,2026-03-02T09:00Z,Hotline\n2,2026-03-02T10:00Z,Filiale\n"

Send = Callable[..., Any]


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:
    yield make_workspace()
    asking._open.clear()
    for folder in (settings.LOGS, settings.UPLOADS):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def keeper(workspace: Workspace, signed_in: SignedIn) -> Client:
    """The browser of a touchpoint manager who reads German."""
    client = signed_in(make_member(workspace, Role.MANAGER).person)
    client.get("/", headers={"accept-language": "de"})
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    return client


@pytest.fixture
def send(workspace: Workspace, keeper: Client) -> Send:
    """Send files to the page, each as a name and what it holds."""

    def sent(
        *files: tuple[str, str | bytes], client: Client = keeper, to: Workspace = workspace, **entries: Any
    ) -> Any:
        uploads = [SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text) for name, text in files]
        return client.post(reverse("data", args=[to.slug]), {"file": uploads, "end": "1", **entries})

    return sent


def work() -> Job:
    """Do the next job, as a worker does."""
    job = Claims().take(timezone.now())
    assert job is not None
    attempt(Run(job))
    job.refresh_from_db()
    return job


def held(workspace: Workspace) -> list[dict[str, Any]]:
    """What the log of the workspace says of its imports of contacts."""
    return list(imports_now(folder_of(workspace)).get("contacts", {}).values())


def left(workspace: Workspace) -> list[Path]:
    """Files of uploads that lie on the server."""
    return [
        path
        for path in Path(settings.UPLOADS, workspace.slug).glob("*")
        if path.suffix != ".csv" or "refused" not in path.name
    ]
