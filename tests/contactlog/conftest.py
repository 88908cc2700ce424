"""A log folder to fill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tangente.contactlog.store import LogStore, create_log


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    """An empty log with four buckets."""
    with create_log(tmp_path / "log", buckets=4, key=b"key") as made:
        yield made
