"""What stands in the contact log of one workspace is told in no page and no file of another."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pyarrow as pa
import pytest
from django.test import Client
from django.urls import reverse

from tangente.contactlog.schema import TABLES, WORDS
from tangente.contactlog.store import open_log
from tangente.contactlog.testing import START
from tangente.web.overview import asking, queries, views
from tangente.web.overview.models import Answer
from tangente.web.overview.preparing import prepare
from tangente.web.overview.scope import Part
from tangente.web.overview.state import inventory_of
from tangente.web.people.models import Membership, Workspace
from tangente.web.people.roles import Role
from tangente.web.workspace_log import made
from tests.contactlog.deliveries import Row, deliver
from tests.web.canaries import Twin, make_twin
from tests.web.conftest import SignedIn
from tests.web.factories import make_department, make_member, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNITS = ("Service", "Technik")


def _row(table: str, mark: str, number: int) -> Row:
    """A row whose every free text is a canary."""
    given = {name: allowed[0] for name, allowed in WORDS[table].items()} | (
        {"answer": "given"} if table == "ratings" else {}
    )
    texts = [field.name for field in TABLES[table] if pa.types.is_string(field.type)]
    row = {name: f"{mark}-{name}-{number % 3}" for name in texts if name != "contact_id" or table == "contacts"}
    ids = ("contact_id", "rating_id", "response_id", "customer_id")
    row |= given | {name: f"{row[name]}-{number}" for name in ids if name in row}
    scores = {"score": float(1 + number % 5), "scale_low": 1.0, "scale_high": 5.0} if table == "ratings" else {}
    return row | scores | {"occurred_at": START + timedelta(hours=number)}


def _fill(twin: Twin) -> None:
    rows = {table: [_row(table, twin.mark, number) for number in range(240)] for table in TABLES}
    with open_log(made(twin.workspace)) as store:
        deliver(store, rows["contacts"], rows["ratings"], import_id=f"{twin.mark}-import", name=f"{twin.mark}.csv")
    Membership.objects.filter(workspace=twin.workspace).update(department=None)  # all of the log
    prepare(twin.workspace)


@pytest.fixture
def twins(db: None, settings: Any, tmp_path: Path) -> Iterator[tuple[Twin, Twin]]:
    settings.LOGS = tmp_path
    ours, theirs = make_twin("canarya"), make_twin("canaryb")
    _fill(theirs)
    _fill(ours)
    yield ours, theirs
    asking._open.clear()


def _addresses(twin: Twin) -> list[str]:
    """The overview, each table of it as each kind of file, and a filtered page."""
    overview = reverse("overview", args=[twin.workspace.slug])
    return [overview, f"{overview}?segment={twin.mark}-segment-1", *_files(twin.workspace)]


def _files(workspace: Workspace) -> list[str]:
    answer = Answer.objects.get(workspace=workspace, language="en")
    tables = [(table, kind) for table in answer.page["sheets"] for kind in ("csv", "xlsx")]
    return [reverse("overview_table", args=[workspace.slug, *each]) + f"?of={answer.state}" for each in tables]


def _content(client: Client, address: str) -> bytes:
    response: Any = client.get(address)
    assert response.status_code == 200, address
    content: bytes = response.content
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
    return content + str(response.headers["Content-Type"]).encode()


def test_log_of_one_workspace_is_told_in_no_page_and_no_file_of_another(twins: tuple[Twin, Twin], signed_in: SignedIn):
    ours, theirs = twins
    client = signed_in(ours.people[Role.OWNER])
    told = {address: _content(client, address) for address in _addresses(ours)}
    assert [address for address, content in told.items() if theirs.mark.encode() in content] == []
    seen = {address.partition("?")[0].rpartition(".")[2] for address in told if ours.mark.encode() in told[address]}
    assert seen == {reverse("overview", args=[ours.workspace.slug]), "csv", "xlsx"}


def test_files_of_another_workspace_are_not_there(twins: tuple[Twin, Twin], signed_in: SignedIn):
    ours, theirs = twins
    client = signed_in(ours.people[Role.OWNER])
    assert {client.get(address).status_code for address in _addresses(theirs)} == {404}
    state = Answer.objects.filter(workspace=theirs.workspace).values_list("state", flat=True)[0]
    stolen = reverse("overview_table", args=[ours.workspace.slug, "ranking", "csv"]) + f"?of={state}"
    assert client.get(stolen).status_code == 302


@pytest.fixture
def departments(db: None, settings: Any, tmp_path: Path) -> Iterator[Workspace]:
    """A log of two departments, each of its own canaries, and an inventory of what both answer for."""
    settings.LOGS, settings.DATA = tmp_path, tmp_path
    workspace = make_workspace()
    marks = {unit: _mark(unit) for unit in UNITS}
    rows = {
        table: [_row(table, mark, number) | {"unit": unit} for unit, mark in marks.items() for number in range(240)]
        for table in TABLES
    }
    with open_log(made(workspace)) as store:
        deliver(store, rows["contacts"], rows["ratings"], import_id="import")
    lines = [f"{mark}-touchpoint-{n},{mark}-name-{n},{unit}" for unit, mark in marks.items() for n in range(9)]
    inventory_of(workspace).parent.mkdir()
    inventory_of(workspace).write_text("\n".join(["touchpoint,name_en,department", *lines]))
    prepare(workspace)
    yield workspace
    asking._open.clear()


def _mark(unit: str) -> str:
    return f"canary{unit[0].lower()}"


def _told(client: Client, workspace: Workspace) -> dict[str, bytes]:
    """All that a member is told of the log: pages with and without filters, their parts for htmx, files, what is found."""
    overview = reverse("overview", args=[workspace.slug])
    queries = ("", "?period=13w", "?department=Service", f"?segment={_mark('Service')}-segment-1")
    pages = [*(f"{overview}{query}" for query in queries), *(f"{file}&period=13w" for file in _files(workspace))]
    pages += [
        *_files(workspace),
        reverse("find", args=[workspace.slug]) + "?q=canary",
        reverse("job_list", args=[workspace.slug]),
    ]
    told = {address: _content(client, address) for address in pages}
    asked = {"segment": "canary", "department": "Technik"}  # refused, with the nearest
    return told | {name: client.get(overview, {name: value}).content for name, value in asked.items()}


def _unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "part_of", lambda *_told: Part())


def _unlimited_finder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "part_of", lambda *_told: Part())


def _whole_inventory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "named_alike", lambda units, _departments: units)


def _all_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_occurring", lambda log, kind: set(log.codes[kind]))


@pytest.mark.parametrize(
    ("sabotage", "is_told"),
    [(None, False), (_unlimited, True), (_unlimited_finder, True), (_whole_inventory, True), (_all_choices, True)],
    ids=["guarded", "without limit", "without limit of the finder", "with the whole inventory", "with all choices"],
)
def test_log_of_other_departments_is_told_to_no_member_of_one(
    departments: Workspace, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, sabotage: Any, is_told: bool
):
    if sabotage:
        sabotage(monkeypatch)
    own = make_department(departments, "Kundendienst")
    make_department(departments, "service ", parent=own)  # a part of it, as the log calls it but for the spelling
    make_department(departments, "Technik")
    told = _told(signed_in(make_member(departments, Role.MANAGER, department=own).person), departments)
    assert any(_mark("Technik").encode() in content for content in told.values()) == is_told
    assert any(_mark("Service").encode() in content for content in told.values())
