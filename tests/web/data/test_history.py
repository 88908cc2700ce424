"""What was imported, on the page: by whom, when, how many rows, and what was kept of it."""

import pytest
from django.test import Client
from django.urls import reverse

from tangente.web.people.models import Workspace
from tests.web.data.conftest import Send

pytestmark = pytest.mark.django_db


def test_page(workspace: Workspace, send: Send, keeper: Client):
    send(("kontakte.csv", "a,b\n1,2\n"))
    assert keeper.get(reverse("data", args=[workspace.slug])).status_code == 200
