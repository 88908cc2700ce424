"""What is shipped: the wheel holds everything the command needs, and nothing of Django or Spark."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("tangente-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def python(installed: Path, code: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_wheel_is_imported_instead_of_the_checkout(installed: Path) -> None:
    assert python(installed, "import tangente.contactlog as c; print(c.__file__)").startswith(str(installed))


def test_wheel_needs_neither_django_nor_spark(installed: Path) -> None:
    code = "import sys, tangente.contactlog, tangente.analysis.job, tangente.report.page; print({'django', 'pyspark'} & set(sys.modules))"
    assert python(installed, code) == "set()"


def test_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    words = ["simulate", "--contacts", "3000", "--out", str(tmp_path)]
    code = "import sys; from tangente.cli import main; sys.argv = ['tangente', *{!r}]; main()"
    python(installed, code.format(words))
    files = [f"--{name}={tmp_path / name}.parquet" for name in ("contacts", "ratings")]
    analyse = ["analyse", *files, f"--mapping={tmp_path / 'mapping.toml'}", f"--inventory={tmp_path / 'inventory.csv'}"]
    assert python(installed, code.format([*analyse, f"--out={tmp_path / 'report'}", "--language=de"])).endswith(
        "report.html"
    )
