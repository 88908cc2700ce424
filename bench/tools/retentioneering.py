"""The jobs by Retentioneering, from memory. It sends reports of its use if it is not told not to; its funnel has no window."""

import os
from pathlib import Path

os.environ["POSTHOG_DISABLED"] = "1"

import pandas as pd
import posthog
from retentioneering.eventstream.eventstream import Eventstream
from retentioneering.tools.funnel import Funnel
from retentioneering.tools.transition_matrix import TransitionMatrix

from tools import PHASES, Answer, Job, stored_files

posthog.disabled = True


def flow(folder: Path) -> Job:
    """What directly follows what, and the median wait."""
    stream = _stream(folder)

    def run() -> tuple[pd.DataFrame, pd.DataFrame]:
        return TransitionMatrix(stream).fit("count"), TransitionMatrix(stream).fit("time_median")

    def answer(found: tuple[pd.DataFrame, pd.DataFrame]) -> Answer:
        counts, waits = (
            table.drop(columns="path_end", errors="ignore").drop(index="path_start", errors="ignore") for table in found
        )
        return {
            f"{here} > {there}": {"contacts": int(count), "median": waits.loc[here, there].total_seconds()}
            for here, row in counts.iterrows()
            for there, count in row.items()
            if count
        }

    return Job(run, answer)


def funnel(folder: Path) -> Job:
    """How many customers reach each phase at any time: another question, for there is no window."""
    stream = _stream(folder, phases=True)

    def answer(found: dict) -> Answer:
        return {phase: {"customers": step["unique_paths"]} for phase, step in zip(PHASES, found["steps"], strict=True)}

    return Job(lambda: Funnel(stream).fit(list(PHASES)), answer)


def _stream(folder: Path, *, phases: bool = False) -> Eventstream:
    columns = {"customer_id": "user_id", "touchpoint": "event", "occurred_at": "timestamp"}
    contacts = pd.concat(
        pd.read_parquet(file, columns=[*columns, "sequence"]) for file in stored_files(folder)["contacts"]
    )
    contacts = contacts.sort_values(["occurred_at", "sequence"]).drop(columns="sequence").rename(columns=columns)
    contacts["timestamp"] = contacts["timestamp"].dt.tz_localize(None)
    if phases:
        contacts["event"] = contacts["event"].str.split(" ").str[0]
    return Eventstream(contacts.reset_index(drop=True))
