"""The jobs by pm4py, from memory; its fastest form is a Polars frame for the flow and a pandas frame for variants."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", str(os.cpu_count()))

import pm4py
import polars as pl
from polars import col

from tools import MOST, Answer, Job, stored_files

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"


def flow(folder: Path) -> Job:
    """What directly follows what, and the median wait."""
    log = _log(folder).lazy()

    def run() -> tuple[dict[Any, int], dict[Any, Any]]:
        counts, _, _ = pm4py.discover_dfg(log)
        waits, _, _ = pm4py.discover_performance_dfg(log, perf_aggregation_key="median")
        return counts, waits

    def answer(found: tuple[dict[Any, int], dict[Any, Any]]) -> Answer:
        counts, waits = found
        medians = {pair: wait["median"] if isinstance(wait, dict) else wait for pair, wait in waits.items()}
        return {" > ".join(pair): {"contacts": count, "median": medians[pair]} for pair, count in counts.items()}

    return Job(run, answer)


def variants(folder: Path) -> Job:
    """All paths, of which the most frequent are looked at."""
    log = pm4py.format_dataframe(_log(folder).to_pandas(), case_id=CASE, activity_key=ACTIVITY, timestamp_key=TIME)

    def answer(found: dict[Any, Any]) -> Answer:
        counts = Counter({path: count if isinstance(count, int) else len(count) for path, count in found.items()})
        rows = sorted((-count, path) for path, count in counts.items())[:MOST]
        return {" > ".join(path): {"customers": -count} for count, path in rows}

    return Job(lambda: pm4py.get_variants(log), answer)


def _log(folder: Path) -> pl.DataFrame:
    """In the order of time, ties by the sequence."""
    contacts = pl.scan_parquet(stored_files(folder)["contacts"]).sort("occurred_at", "sequence")
    return contacts.select(
        col("customer_id").alias(CASE), col("touchpoint").alias(ACTIVITY), col("occurred_at").alias(TIME)
    ).collect()
