"""How an attempt ends, and what is written down of it."""

from datetime import timedelta
from threading import Event

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from tangente.web.jobs.models import Job, State
from tangente.web.jobs.runs import Claims, Run
from tangente.web.jobs.worker import attempt, sweep
from tests.web.factories import AT, make_job
from tests.web.jobs import kinds

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KINDS = kinds.__name__


def attempted(name: str, **values: object) -> Job:
    make_job(name=name, **values)
    job = Claims().take(AT)
    assert job is not None
    attempt(Run(job))
    job.refresh_from_db()
    return job


def test_attempt_that_succeeds_keeps_its_result():
    job = attempted("test.step", arguments={"n": 1})
    assert (job.state, job.result, job.total, job.step) == (State.DONE, {"n": 1}, 1, "add")


def test_attempt_that_a_rule_refuses_fails_with_its_sentence():
    job = attempted("test.refuse", arguments={"how": "sentence"}, language="de")
    assert (job.state, job.reason, job.attempts) == (State.FAILED, "Das geht nicht.", 1)


def test_attempt_that_the_library_refuses_fails_in_the_language_of_the_person():
    job = attempted("test.refuse", arguments={"how": "message"}, language="de")
    sentence = "a.csv ist leer; nötig sind eine Zeile mit Spaltennamen und Zeilen darunter [E-EMPTY]"
    assert (job.state, job.reason) == (State.FAILED, sentence)


def test_attempt_of_an_unknown_kind_fails_with_a_sentence():
    job = attempted("test.of_another_version", language="de")
    assert (job.state, job.reason) == (
        State.FAILED,
        "Diese Version von Tangente kennt diese Art von Vorgang nicht.",
    )


def test_attempt_that_breaks_is_tried_again_and_logs_the_type_alone(caplog: pytest.LogCaptureFixture):
    job = attempted("test.break")
    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)][-1]
    assert (job.state, job.reason) == (State.WAITING, "ZeroDivisionError")
    assert (said["event"], said["error"]) == ("job ended unexpectedly", "ZeroDivisionError")
    assert "Canary" not in caplog.text


def test_attempt_of_a_worker_that_stops_is_given_back():
    make_job(arguments={"n": 1})
    job, stopping = Claims().take(AT), Event()
    assert job is not None
    stopping.set()
    attempt(Run(job, stopping))
    assert Job.objects.values_list("state", "attempts").get() == (State.WAITING, 0)


def test_sweep_removes_sessions_that_are_over():
    for name, days in (("over", -1), ("going-on", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=timezone.now() + timedelta(days=days))
    sweep()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going-on"]
