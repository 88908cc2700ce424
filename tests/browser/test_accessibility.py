"""Every page, by axe: no violation of WCAG 2.2 AA, in each theme and language, wide and on a phone."""

import json
import subprocess
import sys
from itertools import product
from typing import Any

import pytest

from tests.browser.axe import faults
from tests.browser.conftest import Open, Walk, address
from tests.conftest import ROOT
from tests.web.serving.processes import Server, environment
from tests.web.test_authorization import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_PAGES = {"health", "ready", "mfa_download_recovery_codes", "overview_table", "data_refused", "data_mapping"}
"""Addresses that answer with text or a file."""
ELSEWHERE = {"first_start", "design"}
"""Pages this server has no more, or never had: looked at in the journeys, and below."""
OPEN = {"account_login", "invitation", "account_reset_password", "account_reset_password_from_key"}
"""Pages for who has not signed in; the others are looked at as an owner."""

NAMES = sorted(name for name, page in PAGES.items() if page.get is not None and name not in NO_PAGES | ELSEWHERE)
LOOKS = list(product(("en-GB", "de-DE"), ("light", "dark"), (1440, 390)))
ROTATED = [(name, LOOKS[place % len(LOOKS)]) for place, name in enumerate(NAMES)]
ALL = [pair for pair in product(NAMES, LOOKS) if pair not in ROTATED]


@pytest.fixture(scope="package")
def seeded(walk: Walk, server: Server) -> dict[str, Any]:
    """Addresses of all pages with something on them, and an owner's session."""
    values = environment(TANGENTE_DATA=str(server.data), DJANGO_SETTINGS_MODULE="tangente.web.settings")
    command = [sys.executable, "-m", "tests.browser.seeding"]
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return said | {"session": {"name": "sessionid", "value": said["session"], "url": address(server)}}


def _look(open_page: Open, seeded: dict[str, Any], name: str, look: tuple[str, str, int]) -> list[str]:
    language, theme, width = look
    page = open_page(locale=language, color_scheme=theme, width=width)
    if name not in OPEN:
        page.context.add_cookies([seeded["session"]])
    page.goto(seeded["addresses"][name])
    return faults(page)


@pytest.mark.parametrize(("name", "look"), ROTATED)
def test_page_is_accessible(open_page: Open, seeded: dict[str, Any], name: str, look: tuple[str, str, int]):
    assert _look(open_page, seeded, name, look) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "look"), ALL)
def test_page_is_accessible_in_every_look(
    open_page: Open, seeded: dict[str, Any], name: str, look: tuple[str, str, int]
):
    assert _look(open_page, seeded, name, look) == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_components_are_accessible(open_page: Open, development: Server, theme: str, width: int):
    page = open_page(development, color_scheme=theme, width=width)
    page.goto("/design/?toasts=1")
    assert faults(page) == []


def test_dialogs_are_accessible(open_page: Open, development: Server):
    page = open_page(development)
    page.goto("/design/")
    for opener in ("Keys", "Find"):
        page.locator("main").get_by_role("button", name=opener).click()
        assert faults(page) == [], opener
        page.keyboard.press("Escape")


def test_faults_are_seen(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state)
    page.goto("/w/morgennetz/people/")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=x><input>')")
    assert {fault.split(":")[0] for fault in faults(page)} >= {"image-alt", "label"}
