"""A data folder that has been served before, and servers that end with their test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.web.serving.processes import Server

Serve = Callable[..., Server]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server that was started once."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    Server.start(data).stop()
    return data


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A folder of one's own, as a first start leaves it."""
    shutil.copytree(prepared, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers."""
    servers: list[Server] = []

    def start(data: Path, **values: str) -> Server:
        servers.append(Server.start(data, **values))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()
