import pytest

from tangente.report.files import write_report
from tests.chromium import chromium
from tests.report import samples

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    """One for all tests of this file."""
    with chromium() as opened:
        yield opened


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
