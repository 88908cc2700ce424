"""The bare limits: what any program must do at least; an answer is no part of it."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from tools import Job, ours

HISTORY = ("customer", "occurred_at", "touchpoint")


def profile(folder: Path) -> Job:
    """Touch what it needs."""
    return _touch(folder, (*HISTORY, "cost"), (*HISTORY, "score"))


def flow(folder: Path) -> Job:
    """Touch what it needs."""
    return _touch(folder, HISTORY)


def variants(folder: Path) -> Job:
    """Touch what it needs."""
    return _touch(folder, HISTORY)


def attribution(folder: Path) -> Job:
    """Touch what it needs."""
    return _touch(folder, ("customer", "touchpoint", "outcome"))


def funnel(folder: Path) -> Job:
    """Touch what it needs."""
    return _touch(folder, HISTORY)


def import_(folder: Path) -> Job:
    """Let DuckDB copy the CSV to Parquet, as texts."""
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1, "preserve_insertion_order": False})
    copy = f"COPY (FROM read_csv('{folder / 'contacts.csv'}', all_varchar=true)) TO '{folder / 'bare.parquet'}' (COMPRESSION zstd)"
    return Job(lambda: connection.execute(copy), lambda _: {})


def append(folder: Path) -> Job:
    """Make the whole log ready, and ask both questions."""
    ours.ask(ours.opened(folder))  # compiled code is loaded

    def run() -> None:
        shutil.rmtree(folder / "log" / "ready")
        ours.ask(ours.ready(folder))

    return Job(run, lambda _: {})


def _touch(folder: Path, of_contacts: tuple[str, ...], of_ratings: tuple[str, ...] = ()) -> Job:
    """Add up the mapped columns with NumPy, a bucket at a time on each processor."""
    buckets = ours.opened(folder).stored
    columns = [
        [bucket.contacts[name] for name in of_contacts] + [bucket.ratings[name] for name in of_ratings]
        for bucket in buckets
    ]

    pool = ThreadPoolExecutor(os.cpu_count())

    def run() -> None:
        list(pool.map(lambda bucket: [column.sum() for column in bucket], columns))

    return Job(run, lambda _: {})
