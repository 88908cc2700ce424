"""`tangente log sql` as a person and a pipe use it."""

import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tangente import cli
from tangente.contactlog.store import create_log

from .contactlog.deliveries import CONTACT, deliver

pytestmark = pytest.mark.slow

TANGENTE = Path(sys.executable).parent / "tangente"
ENDLESS = "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x FROM a) SELECT count(*) FROM a"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql") / "log"
    with create_log(folder, buckets=2) as store:
        contacts = [CONTACT | {"reason": "=1+1"}, CONTACT | {"touchpoint": "app", "cost": 4_200_000}]
        deliver(store, contacts, import_id="one")
    return folder


@pytest.fixture
def sql(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; answers exit code, output and errors."""

    def run(*words: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tangente", "log", "sql", "--log", str(folder), *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as stop:
            cli.main()
        output = capsys.readouterr()
        return int(stop.value.code or 0), output.out, output.err

    return run


def test_sql_in_a_pipe_is_csv_without_formulas(sql: Run) -> None:
    code, out, _ = sql("SELECT touchpoint, reason, cost / 1e6 AS cost FROM contacts ORDER BY 1")
    assert (code, out) == (0, "touchpoint,reason,cost\napp,,4.2\nshop,'=1+1,\n")


def test_sql_prints_a_table_of_the_first_rows(sql: Run) -> None:
    _, out, _ = sql("FROM range(7) t(n)", "--format", "table", "--rows", "2", "--language", "de")
    assert out == "n\n─\n0\n1\n… 5 weitere Zeilen\n"


def test_sql_reads_the_question_from_standard_input(sql: Run) -> None:
    _, out, _ = sql("-", "--format", "json", given="SELECT touchpoint FROM contacts WHERE cost IS NOT NULL;\n")
    assert out == '[\n{"touchpoint": "app"}\n]\n'


def test_sql_refuses_in_one_sentence_of_the_user(sql: Run) -> None:
    sentence = (
        "DROP wird abgelehnt, denn SQL liest hier nur; beginnen Sie mit SELECT, WITH, FROM, DESCRIBE, SUMMARIZE oder "
        "EXPLAIN [E-SQL]\n"
    )
    assert sql("DROP VIEW contacts", "--language", "de") == (2, "", sentence)


def test_sql_one_huge_value_ends_in_a_sentence(folder: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (2**31, 2**31))

    command = [TANGENTE, "log", "sql", "--log", folder, "SELECT length(repeat('x', 3000000000))"]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited, check=False)
    assert (done.returncode, done.stderr.splitlines()[0][:33]) == (2, "The question needs more memory th")


def test_sql_ends_at_once_at_an_interrupt(folder: Path) -> None:
    process = subprocess.Popen([TANGENTE, "log", "sql", "--log", folder, ENDLESS])
    while _busy(process.pid) < 4 and process.poll() is None:  # s of CPU: the question is being asked
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) in (-signal.SIGINT, 130)


def _busy(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")
