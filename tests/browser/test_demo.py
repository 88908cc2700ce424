"""The demo: one address, one click, and one looks at the overview of a company."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import faults
from tests.browser.conftest import watched
from tests.web.serving.processes import Server, run, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("demo") / "data"
    assert run("demo", "--contacts", "3000", "--no-serve", "--data", str(data)).returncode == 0
    server = Server.start(data, command="demo")
    yield server
    server.stop()


def test_one_click_opens_the_overview(chromium: Browser, demo: Server):
    assert until(lambda: "Ctrl-C" in demo.said())
    told = demo.said().split("serves once: ")[1].split()[0]
    with watched(chromium, demo, locale="de-DE", color_scheme="dark", width=390) as page:
        page.goto(told)
        assert faults(page) == []
        page.get_by_role("button", name="Zur Übersicht").click()
        page.wait_for_url("**/w/morgennetz/")
        assert page.locator("main h1").count() == 1
        page.goto(told)
        assert (page.locator("h1").inner_text(), faults(page)) == ("Diese Adresse wurde schon benutzt", [])
