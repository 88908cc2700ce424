"""A log folder to fill, under no key but its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tangente.contactlog.keys import KEY_VARIABLE
from tangente.contactlog.store import LogStore, create_log


@pytest.fixture(autouse=True)
def _no_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    """An empty log with four buckets."""
    with create_log(tmp_path / "log", buckets=4, key=b"key") as made:
        yield made
