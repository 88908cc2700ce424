"""What is told of a log without opening it: the name of its state, new with every commit, and its imports."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tangente.contactlog import snapshot
from tangente.contactlog.damage import RecordError
from tangente.contactlog.schema import TABLES
from tangente.contactlog.snapshot import imports_now, snapshot_of
from tangente.contactlog.store import LogStore
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, deliver


def test_snapshot_of_no_log_is_none(tmp_path: Path):
    assert snapshot_of(tmp_path / "log") is None


def test_snapshot_changes_with_each_import_and_not_between(store: LogStore):
    names = [snapshot_of(store.folder)]
    for number in range(2):
        deliver(store, [CONTACT | {"contact_id": f"c{number}"}], [RATING], import_id=f"i{number}")
        names += [snapshot_of(store.folder), snapshot_of(store.folder)]
    assert (len(set(names)), names[1], names[3]) == (3, names[2], names[4])


def test_snapshot_does_not_open_the_log(store: LogStore):
    before = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")}
    snapshot_of(store.folder)
    assert {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")} == before


def test_imports_now_are_those_the_log_tells_of(store: LogStore):
    for number in range(2):
        deliver(store, [CONTACT | {"contact_id": f"c{number}"}], [RATING], import_id=f"i{number}")
    now = imports_now(store.folder)
    assert {name: now[name] for name in TABLES} == {name: store.imports(name) for name in TABLES}
    assert set(now["contacts"]) == {"i0", "i1"}


def test_imports_now_of_no_log_are_none(tmp_path: Path):
    assert imports_now(tmp_path / "log") == {}


def test_imports_now_say_that_metadata_are_lost(store: LogStore):
    for file in store.folder.rglob("*.metadata.json"):
        file.unlink()
    with pytest.raises(RecordError):
        imports_now(store.folder)


@pytest.mark.parametrize(
    "content", ['{"proper', '{"Properties": {}}', '[""]', '{"properties": {"tangente.import.i0": "{"}}']
)
def test_imports_now_say_that_metadata_are_damaged(store: LogStore, content: str):
    for file in store.folder.rglob("*.metadata.json"):
        file.write_text(content)
    with pytest.raises(RecordError):
        imports_now(store.folder)


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but longer than its head" * 100])
def test_snapshot_of_a_damaged_catalog_is_refused(store: LogStore, content: bytes | None):
    (store.folder / "catalog.db").unlink()
    if content is not None:
        (store.folder / "catalog.db").write_bytes(content)
    with pytest.raises(ContactLogError, match=r"catalog.db is damaged"):
        snapshot_of(store.folder)


def test_snapshot_of_a_torn_catalog_is_refused(store: LogStore):
    file = store.folder / "catalog.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 40_960)
    with pytest.raises(ContactLogError, match=r"catalog.db is damaged"):
        snapshot_of(store.folder)


def test_snapshot_of_a_catalog_with_a_flipped_bit_in_a_text_is_refused(store: LogStore):
    file = store.folder / "catalog.db"
    file.write_bytes(file.read_bytes().replace(b"a.json", b"\xe1.json"))
    with pytest.raises(ContactLogError, match=r"catalog.db is damaged"):
        snapshot_of(store.folder)


def test_snapshot_of_a_catalog_that_is_held_is_no_damage(store: LogStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshot, "PATIENCE_S", 0.01)
    with closing(sqlite3.connect(store.folder / "catalog.db")) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            snapshot_of(store.folder)


def test_imports_now_look_again_where_a_commit_let_go_of_metadata(store: LogStore, monkeypatch: pytest.MonkeyPatch):
    deliver(store, [CONTACT], [RATING], import_id="i0")
    now, gone = snapshot._places(store.folder), [("contacts", "/no/such/metadata.json")]
    looks = iter([gone, now, now])
    monkeypatch.setattr(snapshot, "_places", lambda _: next(looks))
    assert set(imports_now(store.folder)["contacts"]) == {"i0"}
