"""A simulated company's log in the data folder, and a workspace that it belongs to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tangente.analysis.appending import append
from tangente.analysis.reading import Reading
from tangente.contactlog.simulate import write
from tangente.web.overview import asking
from tangente.web.people.models import Workspace
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
from tests.web.factories import make_member, make_workspace

SLUG = "morgennetz"


def read_in(folder: Path, company: Path, *names: str) -> None:
    """Append files of a simulated company to a log."""
    files = [company / f"{name}.parquet" for name in names]
    append(
        files, folder, [company / "mapping.toml"], Reading(), accept_rejects=False, progress=lambda _step, _rows: None
    )


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a simulated company."""
    folder = tmp_path_factory.mktemp("company")
    write(folder, contacts=2_000, seed=1)
    return folder


@pytest.fixture(scope="session")
def log_folder(company: Path) -> Iterator[Path]:
    """Its log, where a workspace of the name SLUG has it."""
    folder = Path(settings.LOGS, SLUG)
    read_in(folder, company, "contacts", "ratings")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def workspace(db: None, log_folder: Path) -> Iterator[Workspace]:
    yield make_workspace(slug=SLUG)
    asking._open.clear()


@pytest.fixture
def reader(workspace: Workspace, signed_in: SignedIn) -> Client:
    """The browser of somebody who may read the workspace."""
    client = signed_in(make_member(workspace, Role.VIEWER).person)
    client.get("/", headers={"accept-language": "en"})
    return client
