"""The doctor finds a planted fault of each kind, and none in a server that is well."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tangente.contactlog.store import create_log
from tangente.web.jobs.models import Job, State
from tangente.web.people.audit import record
from tangente.web.people.models import AuditEntry
from tangente.web.serving import database, doctor
from tests.web.factories import make_workspace
from tests.web.serving.processes import run

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.mark.slow
def test_doctor_finds_nothing_in_a_new_server(data: Path):
    said = run("doctor", "--data", str(data))
    assert (said.returncode, [line.partition(": ")[2] for line in said.stdout.splitlines()]) == (0, ["good"] * 8)


@pytest.mark.slow
def test_doctor_ends_with_1_if_something_is_wrong(data: Path):
    (data / "secret-key").chmod(0o644)
    said = run("doctor", "--data", str(data))
    assert said.returncode == 1
    assert (
        said.stdout.splitlines()[1]
        == f"permissions: {data}/secret-key can be read by others; run chmod go-rwx {data}/secret-key"
    )


@pytest.mark.slow
def test_doctor_makes_no_data_folder(tmp_path: Path):
    said = run("doctor", "--data", str(tmp_path / "new"))
    assert (said.returncode, (tmp_path / "new").exists()) == (2, False)


@pytest.mark.parametrize(
    ("variables", "changed", "fault"),
    [
        ({}, {"DEBUG": True}, "TANGENTE_DEVELOPMENT is yes"),
        ({}, {"SECRET_KEY": "short"}, "TANGENTE_SECRET_KEY could be guessed"),
        ({}, {"SECRET_KEY": "ab" * 40}, "TANGENTE_SECRET_KEY could be guessed"),
        ({"TANGENTE_URL": "https://"}, {}, "TANGENTE_URL is 'https:' and names no host"),
        ({"TANGENTE_URL": "http://t.example"}, {"ALLOWED_HOSTS": ["t.example"]}, "TANGENTE_URL begins with http:"),
        ({"TANGENTE_URL": "https://t.example"}, {}, "TANGENTE_URL begins with https, but TANGENTE_TRUSTED_PROXY"),
    ],
)
def test_doctor_finds_a_setting_that_is_not_safe(
    settings: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], changed: dict[str, Any], fault: str
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name, value in changed.items():
        setattr(settings, name, value)
    found = list(doctor.check_settings())
    assert any(sentence.startswith(fault) for sentence in found), found


def test_doctor_finds_a_pragma_that_is_not_set(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite3")) as plain:
        plain.execute("PRAGMA secure_delete = OFF")
        found = [sentence.split(",")[0] for sentence in doctor.pragma_faults(plain.cursor())]
    assert found == ["SQLite has journal_mode = delete", "SQLite has secure_delete = 0", "SQLite has foreign_keys = 0"]


def test_doctor_finds_a_damaged_page(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite3")) as plain:
        plain.executescript("CREATE TABLE a (b); CREATE INDEX c ON a (b); INSERT INTO a VALUES ('anna'), ('ben');")
        plain.executescript("PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 2 WHERE name = 'c';")
    with closing(sqlite3.connect(tmp_path / "a.sqlite3")) as plain:
        assert database.faults(plain) != []


def test_doctor_finds_a_row_that_names_one_that_is_gone(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite3")) as plain:
        plain.executescript(
            "CREATE TABLE a (id PRIMARY KEY); CREATE TABLE b (a REFERENCES a); INSERT INTO b VALUES (1);"
        )
        assert database.faults(plain) == ["a row of b names a row of a that is gone"]


@pytest.mark.django_db
def test_doctor_finds_migrations_that_lack_or_are_of_a_newer_tangente():
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_migrations SET name = '9999_later' WHERE app = 'tangente' AND name = '0001_people'"
        )
    newer, lacking = doctor.check_migrations()
    assert newer.startswith("The database was used by a newer Tangente (9999_later)")
    assert lacking == "The database lacks 1 migrations; `tangente serve` makes them"


@pytest.mark.django_db
def test_doctor_finds_a_changed_entry_of_the_audit_log():
    workspace = make_workspace(slug="morgennetz")
    record(workspace=workspace, person=None, action="a", at=AT)
    assert list(doctor.check_audit()) == []
    foreign = AuditEntry.objects.create(workspace=workspace, action="b", digest="0" * 64, at=AT)
    (sentence,) = doctor.check_audit()
    assert sentence.startswith(f"The audit log of morgennetz was changed from outside at entry {foreign.pk}")


@pytest.mark.django_db
def test_doctor_finds_a_stopped_job():
    Job.objects.create(name="import", state=State.PARKED)
    assert list(doctor.check_jobs()) == ["Stopped jobs: 1; the page of jobs names the reason and starts them again"]


@pytest.fixture
def logs(settings: Any, tmp_path: Path) -> Path:
    """A folder with the contact log of one workspace."""
    settings.DATA, settings.LOGS = tmp_path, tmp_path / "log"
    tmp_path.chmod(0o700)
    create_log(tmp_path / "log/morgennetz", buckets=1).close()
    return tmp_path / "log"


def test_doctor_finds_a_contact_log_that_lacks_a_file(logs: Path):
    assert list(doctor.check_contact_logs()) == []
    next(logs.glob("morgennetz/contacts/metadata/*.json")).unlink()
    assert [sentence.partition(";")[0] for sentence in doctor.check_contact_logs()] == [
        "The contact log morgennetz is damaged"
    ]


def test_doctor_finds_a_contact_log_that_was_moved(logs: Path):
    shutil.move(logs / "morgennetz", logs / "abendnetz")
    (sentence,) = doctor.check_contact_logs()
    assert sentence.startswith(f"The contact log abendnetz: {logs}/abendnetz was moved or copied")


def test_doctor_finds_a_full_disk(logs: Path):
    assert list(doctor.check_disk(least=0)) == []
    assert len(list(doctor.check_disk(least=1 << 60))) == 1


def test_doctor_finds_a_folder_and_a_key_that_others_can_read(logs: Path):
    assert list(doctor.check_permissions()) == []
    logs.parent.chmod(0o750)
    (logs / "morgennetz/key").chmod(0o604)
    assert [sentence.partition(" can be")[0] for sentence in doctor.check_permissions()] == [
        str(logs.parent),
        str(logs / "morgennetz/key"),
    ]
