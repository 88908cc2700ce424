"""From the first start to the first insight, and from an invitation to a sign-in, in Debian's Chromium."""

import sqlite3
import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import PASSWORD, Open, Walk
from tests.web.serving.processes import Server, run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = "/w/morgennetz/people/"


def test_first_start_needs_no_mouse(walk: Walk):
    assert (walk.ended_at, walk.unseen, walk.faults) == ("People", [], [])


def _append_contacts(server: Server, folder: Path) -> None:
    """Those of a simulated company; again they add nothing."""
    run("simulate", "--contacts", "3000", "--seed", "1", "--out", str(folder))
    files = [f"{folder / table}.parquet" for table in ("contacts", "ratings")]
    where = [f"--mapping={folder / 'mapping.toml'}", f"--data={server.data}", "--workspace=morgennetz"]
    assert run("log", "append", *files, *where).returncode == 0


def test_log_appended_is_on_the_overview_at_the_next_request(
    open_page: Open, walk: Walk, server: Server, tmp_path: Path
):
    page = open_page(storage_state=walk.state)
    page.goto("/w/morgennetz/")
    expect(page.locator("main")).to_contain_text("No contact in the log yet")
    _append_contacts(server, tmp_path)
    page.reload()
    expect(page.locator("main table").first).to_be_visible(timeout=30_000)
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []


def test_mark_of_a_chart_leads_to_the_row_behind_it(open_page: Open, walk: Walk, server: Server, tmp_path: Path):
    _append_contacts(server, tmp_path)
    page = open_page(storage_state=walk.state)
    page.goto("/w/morgennetz/")
    mark = page.locator("#cost .only-wide rect[data-row]").first
    expect(mark).to_be_visible(timeout=30_000)
    mark.click()
    row = page.locator("#cost details[open] tr:focus")
    expect(row.locator("th")).to_have_text(mark.get_attribute("data-row") or "")


def _invite(page: Page, email: str) -> str:
    page.goto(PEOPLE)
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("Link").input_value()


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _forget_codes(server: Server) -> None:
    """A code serves once, and a test is quicker than its half minute."""
    with sqlite3.connect(server.data / "tangente.sqlite3") as database:
        database.execute("DELETE FROM tangente_cache")
    database.close()


def _set_up_second_factor(page: Page) -> str:
    page.goto("/account/factors/")
    page.get_by_role("link", name="set up").click()
    if page.get_by_label("Password").count():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
    assert faults(page) == []
    secret = page.locator("#secret").inner_text()
    page.locator("input[name=code]").fill(_code(secret))
    page.get_by_role("button", name="Set up").click()
    return secret


def test_invitation_leads_to_sign_in_with_second_factor(open_page: Open, walk: Walk, server: Server):
    link = _invite(open_page(storage_state=walk.state), "derya@morgennetz.example")
    page = open_page()
    page.goto(link)
    page.get_by_label("Your name").fill("Derya Aksoy")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    secret = _set_up_second_factor(page)
    page.context.clear_cookies()
    _forget_codes(server)
    page.goto(PEOPLE)
    page.locator("[name=login]").fill("derya@morgennetz.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=code]").fill(_code(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("People")


def test_language_and_theme_keep_the_page_and_its_address(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state)
    page.goto(f"{PEOPLE}?sort=-since")
    page.get_by_role("button", name="dark", exact=True).click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("h1")).to_have_text("Personen")
    assert page.url.endswith(f"{PEOPLE}?sort=-since")
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dataset.theme]") == ["de", "dark"]
    page.get_by_role("button", name="English").click()


def test_menu_of_a_phone_opens_closes_and_traps_nothing(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state, width=390)
    page.goto(PEOPLE)
    menu, opener = page.locator("#menu"), page.get_by_role("link", name="Menu", exact=True)
    expect(menu).to_be_hidden()
    opener.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    menu.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Tab")
    expect(menu).to_be_hidden()


def test_pages_lead_on_without_javascript(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state, width=390, java_script_enabled=False)
    page.goto(PEOPLE)
    page.get_by_role("link", name="Menu", exact=True).click()
    page.locator("#menu").get_by_role("link", name="Overview").click()
    expect(page.locator("h1")).to_be_visible()
    page.goto("/w/morgennetz/find/?q=mir")
    expect(page.locator("main")).to_contain_text("Miriam Kaltenbach")
