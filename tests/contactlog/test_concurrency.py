"""Processes that append and read at the same time."""

import multiprocessing
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta

import pytest

from tangente.contactlog.extent import extent
from tangente.contactlog.schema import RECORD, TABLES
from tangente.contactlog.store import files_of, open_log
from tangente.contactlog.testing import START
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, deliver, stored_rows

pytestmark = pytest.mark.slow

SPAWN = multiprocessing.get_context("spawn")
FILES, ROWS, STEP = 4, 20, 10  # each file repeats half of the one before


def rows_of(number, row):
    hours = range(number * STEP, number * STEP + ROWS)
    return [row | {"customer_id": f"c{hour % 7}", "occurred_at": START + timedelta(hours=hour)} for hour in hours]


def append(folder, numbers, all_there):
    with open_log(folder) as store:
        all_there.wait(60)
        for number in numbers:
            deliver(store, rows_of(number, CONTACT), rows_of(number, RATING), import_id=str(number))


def read(folder, all_there, ended, seen):
    with open_log(folder) as store:
        all_there.wait(60)
        halves = set()
        while not ended.is_set():
            sizes = extent(store.log())
            halves.add(sizes["contacts"].rows - sizes["ratings"].rows)
        seen.put(halves)


def started(target, *arguments):
    process = SPAWN.Process(target=target, args=arguments)
    process.start()
    return process


def test_processes_append_at_once_while_another_reads(store):
    all_there, ended, seen = SPAWN.Barrier(3), SPAWN.Event(), SPAWN.SimpleQueue()
    reader = started(read, store.folder, all_there, ended, seen)
    writers = [started(append, store.folder, [*range(first, FILES, 2), 1 - first], all_there) for first in (0, 1)]
    for writer in writers:
        writer.join(60)
    ended.set()
    reader.join(60)
    assert [process.exitcode for process in (*writers, reader)] == [0, 0, 0]
    assert [len(stored_rows(store, name)) for name in TABLES] == [FILES * STEP + ROWS - STEP] * 2
    for name in TABLES:
        assert set(Counter((row["customer_id"], row["occurred_at"]) for row in stored_rows(store, name)).values()) == {
            1
        }
    assert files_below(store) == {path for table in store.catalog.tables().values() for path in files_of(table)}
    assert seen.get() == {0}


def files_below(store):
    return {str(path) for name in RECORD for path in (store.folder / name).rglob("*") if path.is_file()}


def appended_within(store):
    """One writer begins and ends while another writes."""
    with store.writing(), open_log(store.folder) as other:
        deliver(other, [CONTACT], import_id="may")
        store.table("contacts").transaction().set_properties({"within": "yes"}).commit_transaction()


def test_without_the_lock_one_of_two_writers_fails(store, monkeypatch):
    monkeypatch.setattr("tangente.contactlog.store.alone", lambda _: nullcontext())
    with pytest.raises(ContactLogError, match="Another program changed the table contacts meanwhile"):
        appended_within(store)
