"""After an erasure no file of the data folder holds what only that customer had."""

from pathlib import Path

import pytest

from tests.web.serving.conftest import Serve
from tests.web.serving.processes import run, until

pytestmark = pytest.mark.slow

CANARY = "Premium Nordkap"
ROWS = ["kunde;zeit;kontaktpunkt;segment", f"K-1;2026-01-05 10:00;Hotline;{CANARY}"]
ROWS += [f"K-{number};2026-01-07 10:00;Shop;Basis" for number in range(2, 40)]


@pytest.fixture
def served(data: Path) -> Path:
    """A data folder with a log in which one customer has a segment alone, and an answer that names it."""
    (data.parent / "kontakte.csv").write_text("\n".join(ROWS))
    who = ("--email", "anna@example.org", "--name", "Anna Beer", "--data", str(data))
    assert run("user", "create", *who, typed="ein langes Wort\n").stderr == ""
    run("workspace", "create", "--name", "Morgennetz", "--owner", "anna@example.org", "--data", str(data))
    run("log", "append", "kontakte.csv", "--data", str(data), "--workspace", "morgennetz", folder=data.parent)
    assert holding(data) != []
    return data


def holding(data: Path) -> list[str]:
    """The files of the folder that hold the canary."""
    files = (path for path in data.rglob("*") if path.is_file())
    return sorted(path.name for path in files if CANARY.encode() in path.read_bytes())


def test_erasure_leaves_nothing_in_the_data_folder(served: Path):
    done = run("log", "erase", "K-1", "--yes", "--data", str(served), "--workspace", "morgennetz")
    assert (done.returncode, done.stderr, holding(served)) == (0, "", [])


def test_erasure_by_the_folder_of_the_log_is_completed_by_the_worker(served: Path, serve: Serve):
    """The search finds what is there: by this way the answers stay until the worker looks."""
    assert run("log", "erase", "K-1", "--yes", "--log", str(served / "log/morgennetz")).returncode == 0
    assert [name.partition("-")[0] for name in holding(served)] == ["tangente.sqlite3"]
    serve(served)
    assert until(lambda: holding(served) == [])
