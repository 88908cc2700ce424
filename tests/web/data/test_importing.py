"""An upload becomes part of the workspace's log: once, all or nothing, with every refusal in words."""

import pytest
from django.test import Client
from django.urls import reverse

from tangente.web.data.models import Upload
from tangente.web.jobs.models import State
from tangente.web.overview.models import Answer
from tangente.web.people.models import AuditEntry, Workspace
from tests.web.data.conftest import GOOD, HEADER, Send, held, left, work

pytestmark = pytest.mark.django_db


def test_upload_becomes_contacts_and_is_on_the_overview(workspace: Workspace, send: Send, keeper: Client):
    response = send(("kontakte.csv", GOOD))
    assert (response.status_code, response["Location"]) == (302, reverse("data", args=[workspace.slug]))
    job = work()
    assert (job.state, job.reason) == (State.DONE, "")
    assert (job.result, [one["name"] for one in held(workspace)]) == (
        {"new": 2, "known": 0, "changed": 0, "refused": 0},
        ["kontakte.csv"],
    )
    assert (left(workspace), Answer.objects.filter(workspace=workspace).count()) == ([], 2)
