"""What is wrong with a page for people who see, hear or move otherwise."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes need not be told: half the time
}


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    response = Axe().run(page, options=RULES).response
    found = [f"{each['id']}: {node['html'][:160]}" for each in response["violations"] for node in each["nodes"]]
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found + [f"{width} px wider than the window"] * (width > 0)
