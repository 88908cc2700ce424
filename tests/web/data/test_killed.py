"""An import whose worker is killed: nothing or all of it is in the log, and the next attempt stores it once."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings

from tangente.web.data.models import Outcome, Upload
from tangente.web.jobs.models import Job, State
from tangente.web.people.models import Workspace
from tests.conftest import ROOT
from tests.web.data.conftest import GOOD, Send, held, left, work
from tests.web.jobs.test_faults import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize(("step", "stored"), [("read", 0), ("store", 0), ("noted", 1), ("prepare", 1)])
def test_killed_import_is_completed_by_the_next_attempt(workspace: Workspace, send: Send, step: str, stored: int):
    send(("a.csv", GOOD))
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tangente.web.settings",
        "TANGENTE_DATA": str(settings.DATA),
        "DATABASE_URL": database_url(),
    }
    command = [sys.executable, "-m", "tests.web.data.killed_import", step]
    died = subprocess.run(command, env=environ, cwd=ROOT, check=False, stderr=subprocess.DEVNULL)
    assert (died.returncode, len(held(workspace))) == (-signal.SIGKILL, stored)
    Job.objects.update(state=State.WAITING)  # as after its lease
    job = work()
    assert (job.state, job.attempts, job.result["new"]) == (State.DONE, 2, 2)
    assert (len(held(workspace)), Upload.objects.get().outcome, left(workspace)) == (1, Outcome.STORED, [])
