"""Renew the screenshots and the terminal text in README.md from the simulated company: `make docs` runs this."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
TANGENTE = str(Path(sys.executable).parent / "tangente")
WIDTH = 1440
SHOTS = {"overview": ("", 988), "people": ("people/", 720), "invite": ("people/invite/", 640), "data": ("data/", 760)}
"""Path of the page in the demo's workspace, and how much of it is shown."""
REPORT_HEIGHT = 880
OWNER = {"login": "ruth@morgennetz.example", "password": "the words of a picture"}


def main() -> None:
    """Make the demo and a report of the same company, take the pictures, and write what the terminal shows into README.md."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shown = analyse(folder)
        make_demo(folder / "demo")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            take(page_of(browser, REPORT_HEIGHT), (folder / "report" / "report.html").as_uri(), "report")
            with serving(folder / "demo") as root:
                take_application(browser, root)
            browser.close()
    write_readme(shown)


def analyse(folder: Path) -> str:
    tangente("simulate", "--contacts", "50000", "--seed", "1", "--out", folder)
    files = [f"--{table}={folder / table}.parquet" for table in ("contacts", "ratings")]
    known = [f"--mapping={folder / 'mapping.toml'}", f"--inventory={folder / 'inventory.csv'}", "--outcome=purchase"]
    return tangente("analyse", *files, *known, "--language=en", f"--out={folder / 'report'}")


def make_demo(data: Path) -> None:
    """With an owner who can sign in: nobody of the demo has a password."""
    tangente("demo", f"--data={data}", "--no-serve")
    owner = [f"--email={OWNER['login']}", "--name=Ruth Sommer", "--workspace=morgennetz", "--role=owner"]
    tangente("user", "create", *owner, f"--data={data}", typed=OWNER["password"])


def tangente(*words: object, typed: str = "") -> str:
    command = [TANGENTE, *map(str, words)]
    return subprocess.run(command, input=typed, check=True, capture_output=True, text=True).stdout


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """A server of the folder; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [TANGENTE, "serve", f"--data={data}", f"--port={port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield next(line.split()[-1] for line in server.stdout or () if "answers at" in line)
        finally:
            server.send_signal(signal.SIGTERM)


def take_application(browser: Browser, root: str) -> None:
    page = page_of(browser, REPORT_HEIGHT)
    page.goto(root)
    for field, said in OWNER.items():
        page.fill(f"[name={field}]", said)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/**")
    workspace = page.url
    for name, (path, height) in SHOTS.items():
        page.set_viewport_size({"width": WIDTH, "height": height})
        take(page, workspace + path, name)
    page.close()


def page_of(browser: Browser, height: int) -> Page:
    return browser.new_page(locale="en-GB", color_scheme="light", viewport={"width": WIDTH, "height": height})


def take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_selector("main table, main form")
    page.screenshot(path=PICTURES / f"{name}.png")


def write_readme(shown: str) -> None:
    readme = ROOT / "README.md"
    text = re.sub(r"(?m)^Report: .*$", "Report: out/analysis/report/report.html", shown.rstrip())
    block = f"<!-- run -->\n```\n{text}\n```\n<!-- /run -->"
    readme.write_text(re.sub(r"(?s)<!-- run -->.*<!-- /run -->", lambda _: block, readme.read_text()))


if __name__ == "__main__":
    main()
