"""The bench on a small log: it runs, its answers agree, and what it writes has the promised form."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"
JOBS = ["import", "profile", "flow", "variants", "attribution", "funnel", "append"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("bench")
    return bench(out, "--contacts=20000", "--no-processes")


def bench(out: Path, *options: str) -> dict:
    words = "--rounds=1", "--peers=duckdb", "--no-small", f"--out={out}", *options
    subprocess.run([sys.executable, BENCH / "run.py", *words], check=True, capture_output=True)
    return json.loads((out / "results.json").read_text())


@pytest.mark.slow
def test_bench_measures_every_job(results: dict) -> None:
    assert [job["job"] for job in results["jobs"]] == JOBS
    assert {job["contacts"] for job in results["jobs"]} == {20_000}
    assert all(job["ours_s"] > 0 and job["ours_mib"] > 0 and job["limit_s"] > 0 for job in results["jobs"])
    assert [list(job["peers"]) for job in results["jobs"]] == [[], *[["duckdb"]] * 5, []]
    assert {target["job"] for target in results["targets"]} == set(JOBS)


@pytest.mark.slow
def test_bench_answers_are_exact(results: dict) -> None:
    assert [job["job"] for job in results["jobs"] if not job["agree"]] == []


@pytest.mark.slow
def test_bench_runs_each_tool_in_a_process(tmp_path: Path) -> None:
    found = bench(tmp_path, "--contacts=2000", "--jobs=import,flow")
    assert [(job["agree"], list(job["failed"])) for job in found["jobs"]] == [(True, [])] * 2
