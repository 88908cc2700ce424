"""The rounds: every job by every tool, one after another, again and again, so that slow spells of the machine hit all alike."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from child import measured
from environments import python_of
from jobs import EXACT, TOOLS, agree, difference
from tools import Answer

CHILD = Path(__file__).parent / "child.py"
TIMEOUT_S = float(os.environ.get("BENCH_TIMEOUT", "900"))


@dataclass
class Done:
    """What one tool took for one job, round by round."""

    rounds: list[dict[str, Any]] = field(default_factory=list)
    failed: str = ""
    differs: str = ""  # how a peer's answer is not ours

    @property
    def seconds(self) -> float | None:
        return median(one["s"] for one in self.rounds) if self.rounds else None

    @property
    def processor_seconds(self) -> float | None:
        return median(one["cpu"] for one in self.rounds) if self.rounds else None

    @property
    def mebibytes(self) -> int | None:
        return max((one["mib"] for one in self.rounds), default=None)

    @property
    def foreign(self) -> list[float]:
        """The share of the machine that other processes used, in each round."""
        return [one["foreign"] for one in self.rounds]


@dataclass
class Measured:
    """Everything measured of some jobs."""

    done: dict[str, dict[str, Done]]  # job → tool
    agree: dict[str, bool]


def measure(
    folder: Path, jobs: Sequence[str], peers: Sequence[str], rounds: int, *, processes: bool = True
) -> Iterator[Measured]:
    """Run the rounds on the log that stands in the folder as CSV; after each, what is known so far.

    Without processes seconds and memory mean little.
    """
    pythons = _pythons(peers) if processes else dict.fromkeys(("ours", "limit", *peers))
    done = {job: {tool: Done() for tool in TOOLS[job] if tool in pythons} for job in jobs}
    agreed = dict.fromkeys(jobs, True)
    for number in range(1, rounds + 1):
        for job in jobs:
            answers = {tool: _run(pythons[tool], tool, job, folder, one) for tool, one in done[job].items()}
            print(f"round {number}, {job}: {_progress(done[job])}", flush=True)
            exact = answers.get(EXACT) or _run(pythons["ours"], EXACT, job, folder, Done())
            agreed[job] &= _compare(done[job], answers, exact)
        yield Measured(done, agreed)


def _pythons(peers: Sequence[str]) -> dict[str, Path | None]:
    """The interpreter of each tool; a peer that cannot be installed is left out by name."""
    pythons: dict[str, Path | None] = {"ours": Path(sys.executable), "limit": Path(sys.executable)}
    for peer in peers:
        try:
            pythons[peer] = python_of(peer)
        except OSError as error:
            print(f"{peer} is left out, for it cannot be installed: {error}")
    return pythons


def _run(python: Path | None, tool: str, job: str, folder: Path, done: Done) -> Answer | None:
    """Do the job, in a process of its own if there is a Python for it; the answer, or None if it fails."""
    result = (
        measured(tool, job, folder, once=True) if python is None else _in_a_process(python, tool, job, folder, done)
    )
    if result is None:
        return None
    answer: Answer = result.pop("answer")
    done.rounds.append(result)
    return answer


def _in_a_process(python: Path, tool: str, job: str, folder: Path, done: Done) -> dict[str, Any] | None:
    """What the process tells; a tool that failed once is not asked again."""
    if done.failed:
        return None
    try:
        child = subprocess.run([python, CHILD, tool, job, folder], capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        done.failed = f"more than {TIMEOUT_S:.0f} s"
        return None
    if child.returncode:
        done.failed = (child.stderr.strip().splitlines() or ["no reason given"])[-1]
        return None
    told: dict[str, Any] = json.loads(child.stdout)
    return told


def _progress(done: dict[str, Done]) -> str:
    return ", ".join(f"{tool} {one.failed or format(one.rounds[-1]['s'], '.3f') + ' s'}" for tool, one in done.items())


def _compare(done: dict[str, Done], answers: dict[str, Answer | None], exact: Answer | None) -> bool:
    """Note how each peer's answer differs from ours; whether ours is the exact one."""
    ours = answers["ours"]
    if ours is None or exact is None:
        return False
    for tool, theirs in answers.items():
        if tool not in ("ours", "limit") and theirs is not None:
            done[tool].differs = difference(ours, theirs)
    return agree(ours, exact)
