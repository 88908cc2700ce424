"""One server and one browser for all journeys; what the console says, or the security policy refuses, fails the test.

Everything lives as long as this folder's tests: while Playwright runs, Django takes the thread for an event loop.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState

from tests import chromium as machine
from tests.browser.axe import faults
from tests.web.serving.processes import Server

PASSWORD = "ein langes Wort"  # noqa: S105 - of people who live as long as a test
STATED = {"Your name": "Miriam Kaltenbach", "E-mail address": "m@morgennetz.example", "Password": PASSWORD}
STATED |= {"Name of the company or unit": "Morgennetz"}
MOST_STOPS = 80

FOCUSED = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect(), style = getComputedStyle(here);
  const name = (here.labels?.[0] ?? here).innerText.trim().split("\\n")[0];
  return { name, isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && style.outlineStyle !== "none" };
}"""

Open = Callable[..., Page]


@dataclass(frozen=True)
class Walk:
    """A way by the keyboard alone: where it ended, stops at which no focus was seen, faults of its first page."""

    state: StorageState
    ended_at: str
    unseen: list[str]
    faults: list[str]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The one browser of this folder's tests."""
    with machine.chromium() as opened:
        yield opened


def _serving(tmp_path_factory: pytest.TempPathFactory, **values: str) -> Iterator[Server]:
    server = Server.start(tmp_path_factory.mktemp("served") / "data", **values)
    yield server
    server.stop()


@pytest.fixture(scope="package")
def server(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`tangente serve` as people start it."""
    yield from _serving(tmp_path_factory)


@pytest.fixture(scope="package")
def development(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same for who develops: it has the sample page."""
    yield from _serving(tmp_path_factory, TANGENTE_DEVELOPMENT="yes")


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


@contextmanager
def watched(chromium: Browser, server: Server, *, width: int = 1440, **options: Any) -> Iterator[Page]:
    """A page of its own that must stay silent."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        refused = re.search(r"status of 4\d\d", message.text) and "/static/" not in message.location["url"]
        if message.type in ("error", "warning") and not refused:  # the page itself may be a refusal
            said.append(message.text)

    options = {"locale": "en-GB"} | options
    context = chromium.new_context(base_url=address(server), viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == []


@pytest.fixture
def open_page(chromium: Browser, server: Server) -> Iterator[Open]:
    """Opens silent pages, as wide, in the theme and the language, and for whom a test wants them."""
    pages = []

    def opened(where: Server = server, **options: Any) -> Page:
        pages.append(watched(chromium, where, **options))
        return pages[-1].__enter__()

    yield opened
    for page in pages:
        page.__exit__(None, None, None)


def tab_to(page: Page, name: str, unseen: list[str]) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        if not here["isSeen"]:
            unseen.append(f"{here['name']} on {page.url}")
        if here["name"] == name:
            return
    pytest.fail(f"no way to {name!r} by Tab")


@pytest.fixture(scope="package")
def walk(chromium: Browser, server: Server) -> Walk:
    """The first start, and on to the people, by Tab, Enter and typing."""
    unseen: list[str] = []
    with watched(chromium, server) as page:
        page.goto(server.said().split("Begin at ")[1].strip())
        found = faults(page)
        for name, said in STATED.items():
            tab_to(page, name, unseen)
            page.keyboard.type(said)
        tab_to(page, "Create the workspace", unseen)
        page.keyboard.press("Enter")
        page.wait_for_url("**/w/morgennetz/")
        tab_to(page, "Skip to content", unseen)
        tab_to(page, "People", unseen)
        page.keyboard.press("Enter")
        page.wait_for_url("**/people/")
        return Walk(page.context.storage_state(), page.locator("h1").inner_text(), unseen, found)
