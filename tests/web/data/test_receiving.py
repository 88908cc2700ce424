"""What is received, from whom, under which name; and what of it goes again."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from tangente.messages import Message
from tangente.web.data.models import Upload
from tangente.web.data.names import called, server_name, shown_name
from tangente.web.data.places import HALF_WRITTEN, REFUSED_KEPT, UNREAD_KEPT, refused_rows, sweep
from tangente.web.jobs.models import Job, State
from tangente.web.people.models import Workspace
from tangente.web.people.roles import Role
from tests.web.conftest import SignedIn
from tests.web.data.conftest import GOOD, Send, left
from tests.web.factories import make_department, make_job, make_member, make_workspace

pytestmark = pytest.mark.django_db

RTL = "\u202e"


@pytest.mark.parametrize(
    ("role", "everywhere", "status"),
    [(Role.MANAGER, True, 200), (Role.MANAGER, False, 404), (Role.OWNER, False, 200), (Role.VIEWER, True, 404)],
)
def test_files_and_jobs_of_others_are_for_who_sees_the_whole_company(
    signed_in: SignedIn, role: Role, everywhere: bool, status: int
):
    workspace = make_workspace()
    department = None if everywhere else make_department(workspace)
    person = make_member(workspace, role, department=department).person
    make_job(workspace)
    assert signed_in(person).get(reverse("data", args=[workspace.slug])).status_code == status
    assert Job.objects.visible_to(person).count() == (status == 200)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        (f"rechnung{RTL}vsc.exe", "rechnungvsc.exe"),
        ("a\r\nSet-Cookie: x=1.csv", "aSet-Cookie: x=1.csv"),
        ("u\u0308.csv", "ü.csv"),
        ("x" * 296 + ".csv", "x" * 50 + "…" + "x" * 45 + ".csv"),
        ("..", "?"),
        ("", "?"),
    ],
)
def test_shown_name_holds_nothing_that_commands(name: str, shown: str):
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    ("name", "ending"), [("a.csv.gz", ".csv.gz"), ("A.XLSX", ".xlsx"), ("a", ""), ("a.c/v", ""), ("a.ü", "")]
)
def test_server_name_keeps_the_ending_alone(name: str, ending: str):
    assert server_name(name)[40:] == ending


def test_called_names_files_as_people_know_them():
    said = Message("E-X", "{file}: {ways}", file="ab12.csv", ways=[Message("", "as {a}", a=Path("/d/ab12.csv"))])
    assert called(said, {"ab12.csv": "a.csv", "/d/": ""}) == "a.csv: as a.csv"


@pytest.mark.parametrize("name", ["../../x.csv", f"a{RTL}b.csv", "x" * 300 + ".csv", "<b>&.csv"])
def test_upload_lies_under_a_name_by_chance(workspace: Workspace, send: Send, keeper: Client, name: str):
    assert send((name, GOOD)).status_code == 302
    (file,) = Path(settings.UPLOADS).rglob("*.csv")
    assert (file.parent, file.name) == (Path(settings.UPLOADS, workspace.slug), Upload.objects.get().stored)
    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o600, GOOD)
    page = keeper.get(reverse("data", args=[workspace.slug])).content.decode()
    assert (RTL in page, "<b>&" in page) == (False, False)


@override_settings(MOST_UPLOAD=1 << 20)
def test_too_much_is_refused_before_it_is_read(workspace: Workspace, send: Send):
    response = send(("a.csv", "x" * (1 << 20)))
    assert (response.status_code, Job.objects.count(), left(workspace)) == (413, 0, [])
    assert "Das sind mehr als 1 MiB" in response.content.decode()


def test_upload_that_broke_off_leaves_nothing(workspace: Workspace, keeper: Client):
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + GOOD.encode()
    response = keeper.generic("POST", reverse("data", args=[workspace.slug]), body, "multipart/form-data; boundary=x")
    assert (response.status_code, Job.objects.count(), left(workspace)) == (422, 0, [])
    assert "Die Übertragung brach ab" in response.content.decode()
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({}, "Dieses Feld ist zwingend erforderlich."),
        ({"file": ("m.toml", b"[contacts]")}, "Eine Zuordnung allein bringt keine Daten"),
        ({"file": ("a.csv", b"a"), "mapping": ("m.csv", b"a")}, "Das ist keine Zuordnung"),
        ({"file": ("a.csv", b"a"), "mapping": ("m.toml", b"\xff\xfe")}, "Die Zuordnung ist kein Text in UTF-8"),
        ({"file": ("a.csv", b"a"), "mapping": ("m.toml", b"a\0b")}, "Die Zuordnung ist kein Text in UTF-8"),
    ],
)
def test_form_says_what_is_missing(
    workspace: Workspace, keeper: Client, entries: dict[str, tuple[str, bytes]], sentence: str
):
    files = {name: SimpleUploadedFile(*file) for name, file in entries.items()}
    response = keeper.post(reverse("data", args=[workspace.slug]), {"end": "1", **files})
    assert (response.status_code, sentence in response.content.decode(), left(workspace)) == (422, True, [])


def test_double_click_imports_once(workspace: Workspace, send: Send):
    key = "7b1f3c9e-2a63-4c5e-9d4a-3f5b2f1c0d11"
    codes = [send(("a.csv", GOOD), once=key).status_code for _ in range(2)]
    assert (codes, Job.objects.count(), len(left(workspace))) == ([302, 302], 1, 1)
    assert send(("a.csv", GOOD + "3,2026-03-03,Shop\n"), once=key).status_code == 422


def test_upload_needs_the_token_of_the_page(workspace: Workspace, keeper: Client, send: Send):
    keeper.handler.enforce_csrf_checks = True
    assert (send(("a.csv", GOOD)).status_code, Job.objects.count()) == (403, 0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.ACCOUNT_MANAGER, None])
def test_doors_are_shut_before_a_byte_is_read(workspace: Workspace, send: Send, signed_in: SignedIn, role: Role | None):
    send(("a.csv", GOOD))
    upload = Upload.objects.get()
    refused_rows(workspace, upload.job).write_text("secret")
    where = workspace if role else make_workspace()
    client = signed_in(make_member(where, role or Role.OWNER).person)
    names = [reverse(name, args=[workspace.slug, upload.pk]) for name in ("data_refused", "data_mapping")]
    assert [client.get(url).status_code for url in [reverse("data", args=[workspace.slug]), *names]] == [404] * 3
    assert (send(("b.csv", GOOD), client=client).status_code, len(left(workspace))) == (404, 1)


def old(path: Path, age: timedelta, at: datetime) -> Path:
    """Make it look as if it had been written so long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, times=(then := (at - age).timestamp(), then))
    return path


def test_sweep_removes_what_was_never_received_whole(workspace: Workspace, send: Send):
    send(("a.csv", GOOD))
    at, (named,) = timezone.now(), left(workspace)
    old(named, timedelta(days=99), at)
    kept = [named, old(named.with_name("young.csv"), HALF_WRITTEN / 2, at)]
    gone = [old(Path(settings.FILE_UPLOAD_TEMP_DIR, "half.upload"), 2 * HALF_WRITTEN, at)]
    gone += [old(named.with_name(name), 2 * HALF_WRITTEN, at) for name in ("orphan.csv", ".7.refused.csv.4711")]
    sweep(at)
    assert [path.exists() for path in (*kept, *gone)] == [True, True, False, False, False]


@pytest.mark.parametrize(("days", "stays"), [(6, True), (8, False)])
def test_sweep_keeps_a_file_that_was_not_imported_for_a_while(workspace: Workspace, send: Send, days: int, stays: bool):
    send(("a.csv", GOOD))
    at = timezone.now()
    Job.objects.update(state=State.FAILED, finished_at=at - timedelta(days=days))
    old(left(workspace)[0], UNREAD_KEPT * 2, at)
    sweep(at)
    assert bool(left(workspace)) is stays


@pytest.mark.parametrize(("age", "stays"), [(REFUSED_KEPT / 2, True), (REFUSED_KEPT * 2, False)])
def test_sweep_keeps_refused_rows_for_a_while(workspace: Workspace, age: timedelta, stays: bool):
    at = timezone.now()
    path = old(refused_rows(workspace, make_job(workspace)), age, at)
    sweep(at)
    assert path.exists() is stays
