"""Renew the screenshots and the terminal text in README.md from the simulated company: `make docs` runs this."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
TANGENTE = Path(sys.executable).parent / "tangente"
SHOTS = {
    "report-en": ("en", "light", 1440, 1180),
    "report-de-dark": ("de", "dark", 1440, 1180),
    "report-de-phone": ("de", "light", 390, 844),
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


def write_readme(shown: str) -> None:
    readme = ROOT / "README.md"
    text = re.sub(r"(?m)^Report: .*$", "Report: out/analysis/report/report.html", shown.rstrip())
    block = f"<!-- run -->\n```\n{text}\n```\n<!-- /run -->"
    readme.write_text(re.sub(r"(?s)<!-- run -->.*<!-- /run -->", lambda _: block, readme.read_text()))


if __name__ == "__main__":
    main()
