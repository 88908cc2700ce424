"""From the invitation to signing in with a second factor, as a person does it: in a browser, in German."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.chromium import chromium
from tests.web.factories import PASSWORD, make_workspace
from tests.web.people.test_factors import code
from tests.web.people.test_invitations import invited

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]


class Visit:
    """A page in the browser, with what its console said and what axe found on the way."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.said = page, url, list[str]()
        page.on("console", lambda message: self.said.append(message.text))

    def fill(self, button: str, **values: str) -> None:
        """Fill the form and press its button; then look at the page that follows."""
        for name, value in values.items():
            self.page.locator(f"main [name={name}]").fill(value)
        self.page.locator("main").get_by_role("button", name=button).click()
        self.look()

    def look(self) -> None:
        for fault in Axe().run(self.page).response["violations"]:
            self.said.append(f"{self.page.url}: {fault['help']}")


@pytest.fixture
def visit(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    with chromium() as browser:
        yield Visit(browser.new_context(locale="de-DE").new_page(), live_server.url)


def test_invited_person_sets_up_a_second_factor_and_signs_in_with_it(visit: Visit):
    invitation, link = invited(make_workspace())
    page = visit.page
    page.goto(visit.url + link)
    visit.look()
    visit.fill("Beitreten", name="Ben Wolff", password=PASSWORD)
    page.goto(f"{visit.url}/account/factors/")
    page.get_by_role("link", name="einrichten").click()
    visit.fill("Bestätigen", password=PASSWORD)
    secret = page.locator("#secret").inner_text()
    visit.fill("Einrichten", code=code(secret))
    expect(page.get_by_role("heading", name="Notfallcodes")).to_be_visible()
    page.goto(f"{visit.url}/account/sign-out/")
    visit.fill("Abmelden")
    visit.fill("Anmelden", login=invitation.email, password=f"{PASSWORD}?")
    visit.fill("Anmelden", login=invitation.email, password=PASSWORD)
    visit.fill("Anmelden", code=code(secret))
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible()
    assert visit.said == []
