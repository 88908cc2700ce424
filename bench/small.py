"""Small logs must not pay for large ones: every question to 10,000 contacts, and the first analysis of a fresh clone."""

import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from jobs import MOST_FIRST_S, MOST_MS_SMALL

from tangente import contactlog
from tangente.contactlog.store import open_log

CONTACTS, RUNS = 10_000, 20
TANGENTE = Path(sys.executable).parent / "tangente"

GIVEN = {
    "touchpoint": "Beratungs-Chat",
    "steps": ["Suchmaschinenanzeige", "Beratungs-Chat", "Auftragsbestätigung"],
    "within_days": 30,
    "measure": "csat 1..5",
    "overall": "nps 0..10",
}
"""For what a question must be told."""


def measure(out: Path) -> dict[str, Any]:
    """Milliseconds of each question, after a first call, and seconds of the first analysis."""
    data = out / f"company-{CONTACTS}"
    if not (data / "truth.json").exists():
        _tangente("simulate", f"--contacts={CONTACTS}", "--seed=1", f"--out={data}")
    first, processor = _first_analysis(data)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        files = data / "contacts.csv", data / "ratings.csv"
        _tangente("log", "append", *files, f"--log={folder}/log", f"--mapping={data / 'mapping.toml'}")
        with open_log(Path(folder, "log")) as store:
            log = store.log()
        timed = {name: _milliseconds(question, log) for name, question in questions()}
    return {
        "contacts": CONTACTS,
        "questions_ms": timed,
        "first_analyse_s": round(first, 1),
        "first_analyse_cpu_s": round(processor, 1),
    }


def questions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """All public functions of the contact log that take the log first and everything else by keyword."""
    for module in pkgutil.iter_modules(contactlog.__path__, f"{contactlog.__name__}."):
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if function.__module__ == module.name and not name.startswith("_") and _asks(function):
                yield name, function


def _asks(function: Callable[..., Any]) -> bool:
    kinds = {name: parameter.kind for name, parameter in inspect.signature(function).parameters.items()}
    return [name for name, kind in kinds.items() if kind is not inspect.Parameter.KEYWORD_ONLY] == ["log"]


def _milliseconds(question: Callable[..., Any], log: object) -> float:
    parameters = inspect.signature(question).parameters.values()
    needed = [one.name for one in parameters if one.name != "log" and one.default is inspect.Parameter.empty]
    options = {name: GIVEN[name] for name in needed}
    seconds = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        question(log, **options)
        seconds.append(time.perf_counter() - begun)
    return round(median(seconds[1:]) * 1_000, 2)


def _first_analysis(data: Path) -> tuple[float, float]:
    """Seconds, and of processor time, of the main job where nothing was compiled before."""
    with tempfile.TemporaryDirectory() as empty:
        files = [f"--{table}={data / table}.csv" for table in ("contacts", "ratings")]
        described = f"--mapping={data / 'mapping.toml'}", f"--inventory={data / 'inventory.csv'}"
        before, begun = os.times(), time.perf_counter()
        _tangente("analyse", *files, *described, "--outcome=purchase", f"--out={empty}/report", cache=empty)
        seconds, after = time.perf_counter() - begun, os.times()
    return seconds, sum(after[2:4]) - sum(before[2:4])


def _tangente(*words: str | Path, cache: str | None = None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    if cache:
        environment["XDG_CACHE_HOME"] = cache
    subprocess.run([TANGENTE, *words], env=environment, check=True, capture_output=True)


def table(found: dict[str, Any]) -> str:
    """For a reader, the slowest first."""
    slowest = sorted(found["questions_ms"].items(), key=lambda item: -item[1])
    first = found["first_analyse_s"]
    lines = [
        f"first analysis of {found['contacts']:,} contacts: {first} s ({found['first_analyse_cpu_s']} s of a processor), limit {MOST_FIRST_S} s: {_met(first, MOST_FIRST_S)}",
        "",
        f"| question to {found['contacts']:,} contacts | ms | limit {MOST_MS_SMALL} ms |",
        "|---|--:|---|",
        *(f"| {name} | {spent} | {_met(spent, MOST_MS_SMALL)} |" for name, spent in slowest),
    ]
    return "\n".join(lines)


def _met(value: float, limit: float) -> str:
    return "met" if value <= limit else "NOT MET"
