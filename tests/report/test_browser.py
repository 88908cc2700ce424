import shutil

import pytest
from playwright.sync_api import sync_playwright

from tangente.report.files import write_report
from tests.report import samples

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    """Chromium of the machine."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [1440, 1024, 358])
@pytest.mark.parametrize("sample", ["compared", "tiny", "huge"])
def test_page_fits_and_is_silent(browser, tmp_path, sample, width):
    path = write_report(getattr(samples, sample)("de"), tmp_path)
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="dark")
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert said == []
    page.close()
