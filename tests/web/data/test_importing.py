"""An upload becomes part of the workspace's log: once, all or nothing, with every refusal in words."""

import csv
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tangente.contactlog.store import create_log, open_log
from tangente.web.data.models import Outcome, Upload
from tangente.web.jobs.models import State
from tangente.web.overview.models import Answer
from tangente.web.people.models import AuditEntry, Workspace
from tangente.web.people.roles import Role
from tangente.web.workspace_log import folder_of
from tests.sources import corpus_csv, corpus_xes, corpus_xlsx
from tests.web.conftest import SignedIn
from tests.web.data.conftest import GOOD, HEADER, Send, held, left, work
from tests.web.factories import make_member, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CASES = {case.name: case for case in (*corpus_csv.CASES, *corpus_xes.CASES, *corpus_xlsx.CASES)}
BAD = ("unclosed_quote_in_header", "utf16_cut", "not_a_zip", "zip_bomb_1000x", "far_corner_cell", "billion_laughs")
MOSTLY_BAD = HEADER + "1,2026-03-02,Hotline\n2,32.13.2026,=cmd\n"


def test_upload_becomes_contacts_and_is_on_the_overview(workspace: Workspace, send: Send, keeper: Client):
    response = send(("kontakte.csv", GOOD))
    assert (response.status_code, response["Location"]) == (302, reverse("data", args=[workspace.slug]))
    job = work()
    assert (job.state, job.result) == (State.DONE, {"new": 2, "known": 0, "changed": 0, "refused": 0})
    assert [one["name"] for one in held(workspace)] == ["kontakte.csv"]
    assert (left(workspace), Answer.objects.filter(workspace=workspace).count()) == ([], 2)
    assert AuditEntry.objects.filter(workspace=workspace).values_list("action", "about")[0] == (
        "data.import",
        "kontakte.csv",
    )


def test_files_of_one_upload_are_stored_together_by_the_given_mapping(workspace: Workspace, send: Send):
    mapping = SimpleUploadedFile("meine.toml", corpus_csv.CONTACTS.encode())
    send(("a.csv", GOOD), ("b.csv", HEADER + "3,2026-03-03,Shop\n"), mapping=mapping)
    assert work().result["new"] == 3
    assert sorted(one["name"] for one in held(workspace)) == ["a.csv", "b.csv"]
    assert set(Upload.objects.values_list("mapping_name", "outcome")) == {("meine.toml", Outcome.STORED)}


def test_one_bad_file_of_an_upload_keeps_the_others_out(workspace: Workspace, send: Send):
    send(("a.csv", GOOD), ("b.xlsx", b"PK no"))
    assert (work().state, held(workspace)) == (State.FAILED, [])


def test_file_for_a_damaged_log_is_refused_with_the_way_out(workspace: Workspace, send: Send):
    create_log(folder_of(workspace), buckets=1).close()
    send(("a.csv", GOOD))
    (folder_of(workspace) / "catalog.db").write_bytes(b"SQLite format 3")
    job = work()
    assert (job.state, job.reason.partition(",")[0], job.reason.rpartition("; ")[2]) == (
        State.FAILED,
        "catalog.db ist beschädigt",
        "stellen Sie den ganzen Ordner aus einer Sicherung wieder her [E-RECORD]",
    )


def test_refusal_names_no_path_of_the_server(workspace: Workspace, send: Send):
    create_log(folder_of(workspace), buckets=1).close()
    (folder_of(workspace) / ".writing").mkdir()  # so that it cannot be written
    send(("a.csv", GOOD))
    reason = work().reason
    assert (f"log/{workspace.slug}" in reason, str(settings.DATA) in reason) == (True, False)


def test_same_file_again_is_said_with_day_and_person(workspace: Workspace, send: Send):
    send(("a.csv", GOOD))
    first = work()
    send(("a.csv", GOOD))
    job = work()
    assert (job.result["new"], len(held(workspace))) == (0, 1)
    day = f"{first.created_at:%d.%m.%Y}".replace(".0", ".").lstrip("0")
    assert job.result["before"] == f"a.csv ({day}, Anna Beer)"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_in_a_sentence(
    workspace: Workspace, send: Send, keeper: Client, tmp_path: Path, name: str, language: str
):
    case = CASES[name]
    file = tmp_path / case.file
    case.write(file)
    mapping = SimpleUploadedFile("m.toml", case.mapping.encode())
    keeper.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    assert send((case.file, file.read_bytes()), mapping=mapping).status_code == 302
    job = work()
    assert (job.state, held(workspace), str(Upload.objects.get().stored) in job.reason) == (State.FAILED, [], False)
    assert (case.file in job.reason, job.reason.endswith(f"[{case.error}]")) == (True, True), job.reason
    assert escape(job.reason) in keeper.get(reverse("data", args=[workspace.slug])).content.decode()


def test_too_many_refused_rows_stop_the_import_and_are_listed(workspace: Workspace, send: Send, keeper: Client):
    send(("a.csv", MOSTLY_BAD), mapping=SimpleUploadedFile("m.toml", corpus_csv.CONTACTS.encode()))
    job, upload = work(), Upload.objects.get()
    assert (job.state, held(workspace), upload.refused) == (State.FAILED, [], 1)
    assert job.reason.startswith("a.csv: 1 von 2 Zeilen sind abgelehnt, mehr als 1 %; deshalb ist nichts gespeichert.")
    response = keeper.get(reverse("data_refused", args=[workspace.slug, upload.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="a.csv.refused.csv"'
    lines = list(csv.reader(io.StringIO(b"".join(response).decode())))
    assert [line[:3] for line in lines] == [["file", "table", "line"], ["a.csv", "contacts", "3"]]


def test_proposed_mapping_can_be_fetched_and_fits(workspace: Workspace, send: Send, keeper: Client):
    send(("a.csv", GOOD))
    work()
    text = keeper.get(reverse("data_mapping", args=[workspace.slug, Upload.objects.get().pk])).content.decode()
    assert text.startswith("# Proposed for a.csv.")
    send(("b.csv", HEADER + "3,2026-03-03T09:00Z,Shop\n"), mapping=SimpleUploadedFile("m.toml", text.encode()))
    assert work().result["new"] == 1


def test_proposed_mapping_is_at_home_in_the_workspace(workspace: Workspace, send: Send):
    Workspace.objects.update(currency="CHF", timezone="Europe/Zurich")
    send(("a.csv", "customer;time;touchpoint;cost\n1;02.03.2026 09:14;Hotline;3,50\n"))
    assert work().result["new"] == 1
    assert 'timezone = "Europe/Zurich"' in Upload.objects.get().mapping


def test_file_that_is_no_longer_kept_is_asked_for_again(workspace: Workspace, send: Send):
    send(("a.csv", GOOD))
    left(workspace)[0].unlink()
    assert work().reason == "a.csv wird nicht mehr aufbewahrt; laden Sie die Datei erneut hoch."


def test_rows_of_one_workspace_never_reach_another(
    workspace: Workspace, send: Send, keeper: Client, signed_in: SignedIn
):
    other = make_workspace()
    client = signed_in(make_member(other, Role.MANAGER).person)
    send(("canarya.csv", HEADER + "canarya,2026-03-02T09:00Z,canarya\n"))
    send(("canaryb.csv", HEADER + "canaryb,2026-03-02T09:00Z,canaryb\n"), client=client, to=other)
    work(), work()
    for of, mark in ((workspace, "canarya"), (other, "canaryb")):
        with open_log(folder_of(of)) as store:
            assert store.log().codes["touchpoint"][1:] == (mark,)
        assert [path for path in Path(settings.UPLOADS, of.slug).iterdir()] == []
    assert "canarya" not in client.get(reverse("data", args=[other.slug])).content.decode()
