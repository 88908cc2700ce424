"""The main job on real data, for the tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tangente.analysis.job import Files, run
from tangente.analysis.model import Analysis
from tangente.analysis.options import Options
from tangente.analysis.reading import Reading
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def analysed(shared_data: Path) -> Callable[..., Analysis]:
    """Run the main job on a real data set: analysed("receipt_permit_log", contacts="receipt.csv.gz")."""

    def analysed(folder: str, *, mapping: str | None = None, outcome: str | None = None, **files: str) -> Analysis:
        wanted = {table: [shared_data / folder / name] for table, name in files.items()}
        job = Files(**wanted, mappings=[ROOT / "examples" / "mappings" / f"{mapping or folder}.toml"])
        return run(job, Options(outcome=outcome), Reading(), lambda step, rows: None)

    return analysed
