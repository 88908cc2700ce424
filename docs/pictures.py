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

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
TANGENTE = Path(sys.executable).parent / "tangente"
SHOTS = {
    "report-en": ("en", "light", 1440, 1180),
    "report-de-dark": ("de", "dark", 1440, 1180),
    "report-de-phone": ("de", "light", 390, 844),
}
WEB_SHOTS = {
    "overview-en": ("en-GB", "light", 1440, 1180, ""),
    "overview-de-dark": ("de-DE", "dark", 1440, 1180, ""),
    "overview-de-phone": ("de-DE", "light", 390, 844, ""),
    "people-de": ("de-DE", "light", 1440, 900, "people/"),
    "invite-de-phone": ("de-DE", "dark", 390, 844, "people/invite/"),
}
FOUNDER = {
    "name": "Miriam Kaltenbach",
    "email": "miriam@morgennetz.example",
    "password": "the words of a picture",
    "workspace": "Morgennetz",
}


def main() -> None:
    """Run the demo in both languages, take the pictures, and write what the terminal shows into README.md."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tangente("simulate", "--contacts", "50000", "--seed", "1", "--out", folder)
        shown = {language: analyse(folder, language) for language in ("en", "de")}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            for name, shot in SHOTS.items():
                take(browser, folder, name, *shot)
            with serving(folder / "served") as start:
                take_web(browser, folder, start)
            browser.close()
    write_readme(shown["en"])


def analyse(folder: Path, language: str) -> str:
    files = [f"--{table}={folder / table}.parquet" for table in ("contacts", "ratings")]
    known = [f"--mapping={folder / 'mapping.toml'}", f"--inventory={folder / 'inventory.csv'}", "--outcome=purchase"]
    return tangente("analyse", *files, *known, f"--language={language}", f"--out={folder / language}")


def tangente(*words: object) -> str:
    return subprocess.run([TANGENTE, *map(str, words)], check=True, capture_output=True, text=True).stdout


def take(browser: Browser, folder: Path, name: str, language: str, scheme: str, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto((folder / language / "report.html").as_uri())
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """A server on its first start; gives the address that begins it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [TANGENTE, "serve", f"--data={data}", f"--port={port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield next(line.split()[-1] for line in server.stdout or () if "Begin at" in line)
        finally:
            server.send_signal(signal.SIGTERM)


def take_web(browser: Browser, folder: Path, start: str) -> None:
    """Found a workspace, fill its log with the simulated company, look at its pages."""
    page = browser.new_page(locale="en-GB")
    found(page, start)
    files = [folder / f"{table}.parquet" for table in ("contacts", "ratings")]
    tangente(
        "log",
        "append",
        *files,
        f"--mapping={folder / 'mapping.toml'}",
        f"--data={folder / 'served'}",
        "--workspace=morgennetz",
    )
    page.goto(workspace := page.url)
    page.wait_for_selector("main table", timeout=120_000)
    for name, shot in WEB_SHOTS.items():
        take_page(browser, page.context.storage_state(), workspace, name, *shot)
    page.close()


def found(page: Page, start: str) -> None:
    page.goto(start)
    for field, said in FOUNDER.items():
        page.fill(f"[name={field}]", said)
    page.click("main button[type=submit]")
    page.wait_for_url("**/w/**")


def take_page(
    browser: Browser,
    state: StorageState,
    workspace: str,
    name: str,
    language: str,
    scheme: str,
    width: int,
    height: int,
    path: str,
) -> None:
    size = {"width": width, "height": height}
    page = browser.new_page(storage_state=state, locale=language, color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
    page.goto(workspace + path)
    page.wait_for_selector("main table, main form", timeout=120_000)
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


def write_readme(shown: str) -> None:
    readme = ROOT / "README.md"
    text = re.sub(r"(?m)^Report: .*$", "Report: out/analysis/report/report.html", shown.rstrip())
    block = f"<!-- run -->\n```\n{text}\n```\n<!-- /run -->"
    readme.write_text(re.sub(r"(?s)<!-- run -->.*<!-- /run -->", lambda _: block, readme.read_text()))


if __name__ == "__main__":
    main()
