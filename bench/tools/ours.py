"""The jobs as Tangente does them: questions of the library to the log made ready, imports by the command."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from tangente.analysis.appending import append as append_files
from tangente.analysis.reading import Reading
from tangente.contactlog.attribution import attribution as attribution_of
from tangente.contactlog.flow import flow as flow_of
from tangente.contactlog.funnel import funnel as funnel_of
from tangente.contactlog.log import ContactLog
from tangente.contactlog.profile import profile as profile_of
from tangente.contactlog.schema import TABLES
from tangente.contactlog.store import open_log
from tangente.contactlog.variants import variants as variants_of
from tangente.sources.child import start
from tools import MOST, OUTCOME, PHASES, WITHIN_DAYS, Answer, Job

TANGENTE = Path(sys.executable).parent / "tangente"
OF_A_PHASE = 8


def ready(folder: Path) -> ContactLog:
    """The log in the folder."""
    with open_log(folder / "log") as store:
        return store.log()


def opened(folder: Path) -> ContactLog:
    """The log in the folder; for peers the names of its files are written down."""
    with open_log(folder / "log") as store:
        files = {table: [file.file_path for file in chain(*store.data_files(table))] for table in TABLES}
    (folder / "files.json").write_text(json.dumps(files))
    return ready(folder)


def profile(folder: Path) -> Job:
    """Touchpoint × month."""
    return _question(
        folder,
        monthly_profile,
        lambda row: f"{row['touchpoint']} {row['period']:%Y-%m}",
        {
            "contacts": "contacts",
            "customers": "customers",
            "cost": "cost",
            "mean": "satisfaction_mean",
            "median": "satisfaction_median",
        },
    )


def flow(folder: Path) -> Job:
    """What directly follows what, and how long after."""
    columns = {"contacts": "contacts", "median": "median_wait_s", "p90": "p90_wait_s"}
    return _question(folder, flow_of, lambda row: f"{row['from']} > {row['to']}", columns)


def variants(folder: Path) -> Job:
    """The most frequent paths."""
    return _question(
        folder, lambda log: variants_of(log, most=MOST), lambda row: " > ".join(row["path"]), {"customers": "customers"}
    )


def attribution(folder: Path) -> Job:
    """Removal effects, without intervals."""
    return _question(
        folder,
        lambda log: attribution_of(log, outcome=OUTCOME, resamples=0),
        lambda row: row["touchpoint"],
        {"removal_effect": "removal_effect", "share": "share"},
    )


def funnel(folder: Path) -> Job:
    """How many customers reach each phase."""
    steps = {phase: [f"{phase} {number}" for number in range(1, OF_A_PHASE + 1)] for phase in PHASES}
    return _question(
        folder,
        lambda log: funnel_of(log, steps=steps, within_days=WITHIN_DAYS),
        lambda row: row["name"],
        {"customers": "customers"},
    )


def import_(folder: Path) -> Job:
    """CSV to a log that is ready: checked, pseudonymised, stored; by the command, so with the start of Python."""

    def run() -> ContactLog:
        shutil.rmtree(folder / "log", ignore_errors=True)
        words = (
            "log",
            "append",
            folder / "contacts.csv",
            f"--log={folder / 'log'}",
            f"--mapping={folder / 'mapping.toml'}",
        )
        subprocess.run([TANGENTE, *words], check=True, cwd=folder, capture_output=True)
        return opened(folder)

    return Job(run, stored)


def stored(log: ContactLog) -> Answer:
    """What the log holds, to be compared with the files it was made of."""
    return {
        row["touchpoint"]: {"contacts": row["contacts"], "cost": row["cost"], "answers": row["satisfaction_n"]}
        for row in profile_of(log).to_pylist()
    }


def appended(folder: Path) -> list[Path]:
    """The files with new contacts that were appended so far."""
    with open_log(folder / "log") as store:
        return [folder / f"new-{number}.csv" for number in range(len(store.imports("contacts")) - 1)]


def append(folder: Path) -> Job:
    """Ten thousand new contacts, and both questions answered anew."""
    start()  # as the command does first
    ask(opened(folder))  # compiled code is loaded
    file = folder / f"new-{len(appended(folder))}.csv"

    def run() -> None:
        mappings = [folder / "mapping.toml"]
        append_files([file], folder / "log", mappings, Reading(), accept_rejects=False, progress=lambda *_: None)
        ask(ready(folder))

    def answer(_: None) -> Answer:
        answers = {job.__name__: done(job(folder)) for job in (profile, flow)}
        answers["stored"] = stored(opened(folder))
        return {f"{name} {key}": row for name, answer in answers.items() for key, row in answer.items()}

    return Job(run, answer)


def done(job: Job) -> Answer:
    """Its answer."""
    return job.answer(job.run())


def ask(log: ContactLog) -> None:
    """The two questions whose answers are to be fresh after new contacts came."""
    monthly_profile(log)
    flow_of(log)


def monthly_profile(log: ContactLog) -> pa.Table:
    """By touchpoint and month."""
    return profile_of(log, by=("touchpoint",), period="month")


def _question(
    folder: Path,
    question: Callable[[ContactLog], pa.Table],
    key: Callable[[dict[str, Any]], str],
    columns: Mapping[str, str],
) -> Job:
    log = opened(folder)

    def answer(table: pa.Table) -> Answer:
        known = {name: column for name, column in columns.items() if column in table.column_names}
        return {key(row): {name: row[column] for name, column in known.items()} for row in table.to_pylist()}

    return Job(lambda: question(log), answer)
