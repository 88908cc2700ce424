"""What was imported, on the page: by whom, when, how many rows, and what was kept of it."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tangente.analysis.appending import append
from tangente.analysis.reading import Reading
from tangente.contactlog.store import open_log
from tangente.contactlog.undoing import undo
from tangente.web.data.models import Upload
from tangente.web.data.queries import Row, history
from tangente.web.people.models import Membership, Workspace
from tangente.web.workspace_log import folder_of, made
from tests.web.data.conftest import GOOD, HEADER, Send, work

pytestmark = pytest.mark.django_db


def rows(workspace: Workspace) -> list[Row]:
    """As the touchpoint manager sees them."""
    person = Membership.objects.get(workspace=workspace).person
    return history(workspace, person, timezone.now())


def append_by_command(workspace: Workspace, folder: Path, text: str) -> None:
    file = folder / "nachts.csv"
    file.write_text(text)
    append([file], made(workspace), [], Reading(), accept_rejects=False, progress=lambda _step, _rows: None)


def test_waiting_upload_is_told(workspace: Workspace, send: Send):
    send(("a.csv", GOOD))
    (row,) = rows(workspace)
    assert (row.name, str(row.person), row.short, set(row.counts.values())) == ("a.csv", "Anna Beer", "", {None})


@pytest.mark.slow
def test_imports_of_the_log_are_told_wherever_they_came_from(workspace: Workspace, send: Send, tmp_path: Path):
    append_by_command(workspace, tmp_path, GOOD)
    send(("a.csv", HEADER + "3,2026-03-03T09:00Z,Shop\n"))
    work()
    told = {row.name: (row.counts["new"], row.person and str(row.person), row.mark) for row in rows(workspace)}
    assert told == {"a.csv": (1, "Anna Beer", "done"), "nachts.csv": (2, None, "done")}


@pytest.mark.slow
def test_file_that_the_command_line_imported_is_said_with_it(workspace: Workspace, send: Send, tmp_path: Path):
    append_by_command(workspace, tmp_path, GOOD)
    send(("nachts.csv", GOOD))
    assert work().result["before"].endswith(", Kommandozeile)")


@pytest.mark.slow
def test_import_that_was_taken_out_may_come_again(workspace: Workspace, send: Send):
    send(("a.csv", GOOD))
    work()
    with open_log(folder_of(workspace)) as store:
        undo(store, "a.csv")
    (row,) = rows(workspace)
    assert (row.is_undone, row.counts["new"]) == (True, None)
    send(("a.csv", GOOD))
    assert work().result["new"] == 2
    assert [(row.is_undone, row.counts["new"]) for row in rows(workspace)] == [(False, 2), (True, None)]


def test_page_asks_as_much_for_three_uploads_as_for_one(workspace: Workspace, send: Send, keeper: Client):
    asked = []
    for number in range(3):
        send((f"{number}.csv", GOOD))
        with CaptureQueriesContext(connection) as queries:
            keeper.get(reverse("data", args=[workspace.slug]))
        asked.append(len(queries))
    assert asked[0] == asked[1] == asked[2]


def test_page_shows_fifty_at_a_time(workspace: Workspace, send: Send, keeper: Client):
    send(*((f"{number}.csv", GOOD) for number in range(50)))
    send(("last.csv", GOOD))
    page = keeper.get(reverse("data", args=[workspace.slug]) + "?page=2").content.decode()
    assert (Upload.objects.count(), page.count("t-name")) == (51, 1)


def test_part_of_the_page_is_in_the_page(workspace: Workspace, send: Send, keeper: Client):
    send(("a.csv", GOOD))
    url = reverse("data", args=[workspace.slug])
    part = keeper.get(url, headers={"HX-Request": "true"}).content.decode().strip()
    assert part.startswith('<div class="stack mt6" id="imports" hx-get=')
    assert part in keeper.get(url).content.decode()
