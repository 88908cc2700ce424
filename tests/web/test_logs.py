"""Log lines tell what happened, never the secrets and words that pass through."""

import logging

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_logs_tell_the_route_in_place_of_a_path_with_a_secret(client: Client, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    client.get("/invitation/a-secret-token/")
    assert caplog.messages == ["Not Found: invitation/<str:token>/"]


def test_logs_tell_nothing_of_a_path_that_leads_nowhere(client: Client, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    client.get("/invitation-a-secret-token/")
    assert caplog.messages == ["Not Found: an address of nothing"]


def test_logs_tell_no_secret_of_a_form_without_its_token(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING)
    Client(enforce_csrf_checks=True).post("/invitation/a-secret-token/")
    assert caplog.messages == ["Forbidden (CSRF cookie not set.): invitation/<str:token>/"]
