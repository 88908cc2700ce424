"""One import into a log that holds another: rows that are new, known and changed, in both tables."""
# ruff: noqa: F401  (modules that PyIceberg would load late, in every forked process anew)

import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy.ma
import pyarrow.acero
import pyiceberg.avro.decoder_fast
import pyiceberg_core.transform

from tangente.contactlog.store import LogStore, create_log, files_of, open_log
from tangente.contactlog.testing import START
from tests.contactlog.deliveries import CONTACT, RATING, deliver, stored_rows

KEY = b"faults" * 4


def contact(number: int, **values: object) -> dict[str, object]:
    return CONTACT | {"contact_id": f"c{number}", "occurred_at": START + timedelta(hours=number)} | values


OLD = [contact(1), contact(2)], [RATING]
NEW = [contact(2), contact(1, channel="phone"), contact(3)], [RATING | {"score": 2.0}]

State = dict[str, list[list[object]]]
BEFORE: State = {"contacts": [["c1", ""], ["c2", ""]], "ratings": [[4.0]]}
AFTER: State = {"contacts": [["c1", "phone"], ["c2", ""], ["c3", ""]], "ratings": [[2.0], [4.0]]}


def prepare(folder: Path) -> None:
    with create_log(folder, buckets=1, key=KEY) as store:
        deliver(store, *OLD, import_id="old")


def import_new(folder: Path) -> None:
    with open_log(folder) as store:
        deliver(store, *NEW, import_id="new")


def state(store: LogStore) -> State:
    """What a reader sees: what tells the rows of both tables apart."""
    contacts, ratings = stored_rows(store, "contacts"), stored_rows(store, "ratings")
    return {
        "contacts": sorted([row["contact_id"], row["channel"] or ""] for row in contacts),
        "ratings": sorted([row["score"]] for row in ratings),
    }


def completed(folder: Path) -> str:
    """As JSON: what a reader sees, what it sees after the same import again, and the files that belong to nothing."""
    with open_log(folder) as store:
        found = state(store)
        deliver(store, *NEW, import_id="new")
        return json.dumps([found, state(store), orphans(store)])


def orphans(store: LogStore) -> list[str]:
    tables = store.catalog.tables()
    known = {path for table in tables.values() for path in files_of(table)}
    found = {str(path) for name in tables for path in (store.folder / name).rglob("*") if path.is_file()}
    scratch = {path.name for path in store.folder.iterdir() if path.name.startswith((".import-", ".writing"))}
    return sorted((found - known) | scratch)


def restore(folder: Path) -> None:
    """Put the log back as it was; at its own place, since its tables name it."""
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("backup"), folder)
