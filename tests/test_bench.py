"""The bench on a small log: it runs, its answers agree, and what it writes has the promised form."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"
JOBS = ["import", "profile", "flow", "variants", "attribution", "funnel", "append"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def bench(folder: Path, *options: str) -> dict:
    words = "--contacts=20000", "--rounds=1", "--peers=duckdb", "--no-small", f"--out={folder}", *options
    subprocess.run([sys.executable, BENCH / "run.py", *words], check=True, capture_output=True)
    return json.loads((folder / "results.json").read_text())


@pytest.fixture(scope="module")
def results(folder: Path) -> dict:
    return bench(folder, "--no-processes")


def test_bench_measures_every_job(results: dict) -> None:
    assert [job["job"] for job in results["jobs"]] == JOBS
    assert {job["contacts"] for job in results["jobs"]} == {20_000}
    assert all(job["ours_s"] > 0 and job["ours_mib"] > 0 and job["limit_s"] > 0 for job in results["jobs"])
    assert [list(job["peers"]) for job in results["jobs"]] == [[], *[["duckdb"]] * 5, []]
    assert {target["job"] for target in results["targets"]} == set(JOBS)


def test_bench_answers_are_exact(results: dict) -> None:
    assert [job["job"] for job in results["jobs"] if not job["agree"]] == []


@pytest.mark.usefixtures("results")  # the log it makes is asked again
def test_bench_runs_each_tool_in_a_process(folder: Path) -> None:
    found = bench(folder, "--jobs=flow")
    assert [(job["agree"], job["failed"]) for job in found["jobs"]] == [(True, {})]
