"""An erased customer is gone from what the server keeps beside the contact log, too."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tangente.contactlog.store import create_log
from tangente.web.data.models import Upload
from tangente.web.forgetting import forget, forget_past_answers
from tangente.web.jobs.models import Job, State
from tangente.web.overview.models import Answer
from tangente.web.overview.state import state_now
from tangente.web.people.models import AuditEntry, Workspace
from tests.web.factories import AT, make_job, make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def workspace(db: None, settings: Any, tmp_path: Path) -> Workspace:
    settings.LOGS, settings.UPLOADS = tmp_path / "log", tmp_path / "uploads"
    return make_workspace()


def make_answer(workspace: Workspace, state: str | None) -> Answer:
    return Answer.objects.create(workspace=workspace, state=state or "", language="en", analysis="{}", made_at=AT)


def make_upload(workspace: Workspace, state: str) -> Path:
    """The file of an upload whose job stands so."""
    said = {"reason": "brief-K-4711.csv: no row", "result": {"new": 4711, "before": "brief-K-4711.csv (Anna)"}}
    job = make_job(workspace, about="brief-K-4711.csv", state=state, **said)
    Upload.objects.create(workspace=workspace, job=job, name="brief-K-4711.csv", stored=f"{state}.csv")
    folder = Path(settings.UPLOADS, workspace.slug)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (f"{state}.csv", f"{job.pk}.refused.csv"):
        (folder / name).write_text("K-4711")
    return folder


def test_forget_lets_go_of_answers_files_and_names(workspace: Workspace):
    answers = [make_answer(one, "a") for one in (workspace, make_workspace())]
    make_upload(workspace, State.FAILED)
    folder = make_upload(workspace, State.WAITING)
    forget(workspace, ["K-4711"], AT)
    assert list(Answer.objects.all()) == answers[1:]
    assert [path.name for path in folder.iterdir()] == ["waiting.csv"]
    names = {*Upload.objects.values_list("name", flat=True), *Job.objects.values_list("about", flat=True)}
    assert names == {"brief-….csv"}
    told = {"reason": "brief-….csv: no row", "result": {"new": 4711, "before": "brief-….csv (Anna)"}}
    assert list(Job.objects.values("reason", "result")) == [told] * 2
    assert [(entry.action, entry.about) for entry in AuditEntry.objects.all()] == [("data.erase", "1")]


def test_forget_leaves_a_file_that_is_being_received(workspace: Workspace):
    """Its rows are stored after it."""
    receiving = make_upload(workspace, State.DONE) / "receiving.csv"
    receiving.write_text("K-1")
    forget(workspace, ["K-4711"], AT)
    assert list(receiving.parent.iterdir()) == [receiving]


def test_answers_about_a_log_as_it_was_are_swept(workspace: Workspace):
    create_log(Path(settings.LOGS, workspace.slug), buckets=1).close()
    make_answer(workspace, "before")
    now = make_answer(workspace, state_now(workspace))
    forget_past_answers(AT)
    assert list(Answer.objects.all()) == [now]


def test_answers_stay_where_the_log_is_damaged(workspace: Workspace):
    create_log(Path(settings.LOGS, workspace.slug), buckets=1).close()
    Path(settings.LOGS, workspace.slug, "catalog.db").unlink()
    make_answer(workspace, "before")
    forget_past_answers(AT)
    assert Answer.objects.count() == 1
