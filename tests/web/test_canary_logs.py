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
from tangente.web.overview import asking
from tangente.web.overview.models import Answer
from tangente.web.overview.preparing import prepare
from tangente.web.people.roles import Role
from tangente.web.workspace_log import made
from tests.contactlog.deliveries import Row, deliver
from tests.web.canaries import Twin, make_twin
from tests.web.conftest import SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


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
    answer = Answer.objects.get(workspace=twin.workspace, language="en")
    tables = [(table, kind) for table in answer.page["sheets"] for kind in ("csv", "xlsx")]
    overview = reverse("overview", args=[twin.workspace.slug])
    files = [reverse("overview_table", args=[twin.workspace.slug, *each]) + f"?of={answer.state}" for each in tables]
    return [overview, f"{overview}?segment={twin.mark}-segment-1", *files]


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
