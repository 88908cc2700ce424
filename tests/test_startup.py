"""What starting costs: nothing heavy is imported before it is needed."""

import subprocess
import sys

import pytest

HEAVY = {"numba", "pyiceberg", "duckdb", "altair", "scipy", "scipy.stats", "django", "pyspark", "pandas"}


@pytest.mark.parametrize(
    "module",
    ["tangente.contactlog", "tangente.contactlog.schema", "tangente.contactlog.log", "tangente.method.proportion"],
)
def test_import_leaves_heavy_libraries_alone(module: str) -> None:
    code = f"import sys, {module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
