"""Who does the jobs: a module per tool, a function per job, each called in a process and an environment of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

Answer = dict[str, dict[str, float | None]]
"""Row → column → number, alike for all tools."""

PHASES = ("influence", "presales", "purchase", "loyalty", "referral")
TIMEZONE = "Europe/Berlin"
WITHIN_DAYS = 30
MOST = 20
OUTCOME = "purchase"


class Job(NamedTuple):
    """What is timed, and how to put the result into an `Answer` afterwards."""

    run: Callable[[], Any]
    answer: Callable[[Any], Answer]


def stored_files(folder: Path) -> dict[str, list[str]]:
    """The Parquet files of the log in the folder, by table."""
    files: dict[str, list[str]] = json.loads((folder / "files.json").read_text())
    return files
