"""What tells a watcher that the server lives, and that it may be given work."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tangente.web.heartbeat import SECONDS, beat, is_beating

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache(settings: Any, tmp_path: Path) -> Path:
    settings.CACHE = tmp_path
    return tmp_path


def test_server_with_a_worker_is_ready(client: Client, cache: Path):
    beat(cache)
    response = client.get("/ready")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_server_without_a_worker_is_not_ready(client: Client, cache: Path):
    response = client.get("/ready")
    assert (response.status_code, response.content) == (503, b"the worker does not work\n")


def test_server_whose_database_is_migrated_is_not_ready(client: Client, cache: Path):
    beat(cache)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tangente' AND name = '0001_people'")
    response = client.get("/ready")
    assert (response.status_code, response.content) == (503, b"the database is being migrated\n")


def test_server_lives_whatever_else_does_not(client: Client, cache: Path):
    assert client.get("/health").status_code == 200


def test_worker_counts_as_gone_when_it_has_said_nothing_for_a_while(cache: Path):
    beat(cache)
    last = (cache / "worker-alive").stat().st_mtime
    assert (is_beating(cache, last + SECONDS - 1), is_beating(cache, last + SECONDS)) == (True, False)
