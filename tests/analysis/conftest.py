"""The main job, and logs, on real data, for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tangente.analysis.appending import append
from tangente.analysis.job import Files, run
from tangente.analysis.model import Analysis
from tangente.analysis.options import Options
from tangente.analysis.reading import Reading
from tangente.contactlog.log import ContactLog
from tangente.contactlog.store import open_log
from tangente.sources.rejects import Refusal
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples" / "mappings"


@pytest.fixture(scope="session")
def analysed(shared_data: Path) -> Callable[..., Analysis]:
    """Run the main job on a real data set: analysed("receipt_permit_log", contacts="receipt.csv.gz")."""

    def analysed(folder: str, *, mapping: str | None = None, outcome: str | None = None, **files: str) -> Analysis:
        wanted = {table: [shared_data / folder / name] for table, name in files.items()}
        job = Files(**wanted, mappings=[EXAMPLES / f"{mapping or folder}.toml"])
        return run(job, Options(outcome=outcome), Reading(), lambda step, rows: None)

    return analysed


@dataclass(frozen=True)
class Logged:
    """A log that files were appended to, and of each file what became of its rows, and the refused ones."""

    log: ContactLog
    readings: list[Reading]
    refusals: list[list[Refusal]]

    @property
    def became(self) -> list[dict[str, tuple[int, int, int, int]]]:
        """For each file and table: rows, refused, new, known already."""
        return [
            {
                table: (rows, one.rejected[table], one.added[table].new, one.added[table].known)
                for table, rows in one.rows.items()
            }
            for one in self.readings
        ]


@pytest.fixture(scope="module")
def logged(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Logged]]:
    """Append real files to a new log, each with its mapping: logged(("skytrax_reviews/seat.csv.gz", "skytrax_seats"))."""
    with ExitStack() as open_logs:

        def logged(*files: tuple[str | Path, str], accept_rejects: bool = False) -> Logged:
            folder = tmp_path_factory.mktemp("log")
            refusals: list[list[Refusal]] = [[] for _ in files]
            readings = [Reading(refuse=refused.extend) for refused in refusals]
            for (file, mapping), reading in zip(files, readings, strict=True):
                append(
                    [shared_data / file],
                    folder,
                    [EXAMPLES / f"{mapping}.toml"],
                    reading,
                    accept_rejects=accept_rejects,
                    progress=lambda step, rows: None,
                )
            return Logged(open_logs.enter_context(open_log(folder)).log(), readings, refusals)

        yield logged
