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


def test_append_waits_for_no_question() -> None:
    code = (
        "import contextlib, io, sys; from tangente.cli import main\n"
        "sys.argv[1:] = ['log', 'append', '/no/such.csv', '--log', '/no/such']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()): main()\n"
        "print('tangente.analysis.appending' in sys.modules, 'numba' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "True False\n"
    )


def test_command_takes_memory_from_the_system_and_gives_it_back() -> None:
    code = (
        "import contextlib, sys; from tangente.cli import main; sys.argv[1:] = ['log', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(None): main()\n"
        "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "system\n"
