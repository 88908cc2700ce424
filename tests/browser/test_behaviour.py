"""What components do by a script, by the keyboard, on paper and for people who see, move or hear otherwise."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Walk
from tests.web.serving.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = "/w/morgennetz/people/"


def test_finder_is_walked_by_arrows_and_opens_by_enter(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state)
    page.goto("/w/morgennetz/find/")
    page.keyboard.press("Control+k")
    page.keyboard.type("p")
    found = page.locator("#finder #found a")
    expect(found.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(found.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#finder-q")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("People")


def test_dialog_gives_the_focus_back(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state)
    page.goto(PEOPLE)
    opener = page.get_by_role("button", name="Keys")
    opener.press("Enter")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    expect(opener).to_be_focused()


def test_dialog_is_confirmed_by_typing(open_page: Open, development: Server):
    page = open_page(development)
    page.goto("/design/")
    page.get_by_role("link", name="Delete contacts").click()
    button = page.get_by_role("button", name="Delete 14,200 contacts")
    button.click()
    expect(page.locator("#erase")).to_be_visible()
    page.keyboard.type("delete")
    button.click()
    expect(page.locator(".toast")).to_have_text("That was taken back.")


def test_dialog_opens_by_its_address_without_javascript(open_page: Open, development: Server):
    page = open_page(development, java_script_enabled=False)
    page.goto("/design/")
    page.get_by_role("link", name="Delete contacts").click()
    expect(page.locator("#erase")).to_be_visible()
    page.get_by_role("link", name="Keep them").click()
    expect(page.locator("#erase")).to_be_hidden()


def test_toast_takes_back_and_stays_while_focused(open_page: Open, development: Server):
    page = open_page(development)
    page.clock.install()
    page.goto("/design/?toasts=1")
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.clock.fast_forward(60_000)
    expect(page.locator(".toast")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_text("That was taken back.")


def test_table_sorts_by_links_that_keep_the_address(open_page: Open, development: Server):
    page = open_page(development)
    page.goto("/design/?q=a")
    page.get_by_role("link", name="Contacts a month").click()
    page.get_by_role("link", name="Contacts a month").click()
    assert page.url.endswith("?q=a&sort=-contacts")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Contacts a month")
    expect(page.locator("tbody tr").first).to_contain_text("Bill, as PDF and letter")


def test_skip_link_leads_to_the_content(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state)
    page.goto(PEOPLE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_paper_is_white_and_shows_the_content_only(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state, color_scheme="dark")
    page.goto(PEOPLE)
    page.get_by_role("button", name="dark", exact=True).click()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.set_viewport_size({"width": 390, "height": 844})  # with the bar of the phone, were it not paper
    expect(page.locator("nav:visible")).to_have_count(0)


def test_nothing_moves_for_who_wants_it_still(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state, reduced_motion="reduce")
    page.goto(PEOPLE)
    assert page.locator(".btn").first.evaluate("each => getComputedStyle(each).transitionDuration") in ("0s", "0s, 0s")


def test_lines_are_strong_for_who_wants_contrast(open_page: Open, walk: Walk):
    page = open_page(storage_state=walk.state, contrast="more")
    page.goto(PEOPLE)
    seen = page.evaluate(
        "['--ink-3', '--ink'].map(name => getComputedStyle(document.documentElement).getPropertyValue(name))"
    )
    assert seen[0] == seen[1]
