import errno
import random
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tangente.contactlog import ready
from tangente.contactlog.catalog import BEGINNING, EVER
from tangente.contactlog.damage import RecordError
from tangente.contactlog.erasure import erase
from tangente.contactlog.files import Checksum, reading
from tangente.contactlog.schema import RECORD
from tangente.contactlog.store import WRITING, LogStore, open_log
from tangente.contactlog.table_info import table_info
from tangente.contactlog.testing import START
from tangente.contactlog.undoing import undo
from tangente.contactlog.upkeep import compact, expire
from tangente.contactlog.verification import verify
from tangente.errors import ContactLogError
from tests.contactlog.copies import keep, put_back
from tests.contactlog.deliveries import CONTACT, RATING, deliver, stored_rows
from tests.contactlog.questions import QUESTIONS

pytestmark = pytest.mark.slow

FLIPS = 400


def imported(store, name, number):
    met = [CONTACT | {"customer_id": f"k{k}", "contact_id": "c", "channel": name} for k in range(9)]
    said = [RATING | {"customer_id": "k1", "rating_id": f"r{number}"}]
    deliver(store, met, said, import_id=name, at=START + timedelta(days=31 * number))


def fill(store):
    imported(store, "may", 0)
    imported(store, "june", 1)
    store.log()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return keep(tmp_path_factory.mktemp("logs") / "log", fill, buckets=1)


@pytest.fixture
def filled(place):
    with put_back(place) as store:
        yield store


def files(store):
    """Files of the record, and those that were made ready."""
    record = [store.folder / "log.toml", *store.record_files()]
    return sorted(record) + sorted(
        path for path in (store.folder / "ready").rglob("*") if path.name != ".lock" and path.is_file()
    )


def flipped(path, draw):
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)


def found(store, flips):
    """Which of some random bits were found when they were flipped; the kinds of files that were hit."""
    draw, hits, kinds = random.Random(1), 0, set()  # noqa: S311
    for _ in range(flips):
        path = draw.choice(files(store))
        before = path.read_bytes()
        flipped(path, draw)
        done = verify(store)
        if "ready" in path.parts:
            hits += bool(done.rebuilt) and not done.faults
        else:
            hits += [str(fault).partition(" ")[0] for fault in done.faults] == [str(path.relative_to(store.folder))]
            path.write_bytes(before)
        kinds.add(path.suffix)
    return hits, kinds


def test_every_flipped_bit_is_found_and_what_is_ready_is_made_anew(filled):
    expected = {name: ask(filled.log()) for name, ask in QUESTIONS.items()}
    hits, kinds = found(filled, FLIPS)
    assert (hits, kinds) == (FLIPS, {".toml", ".parquet", ".avro", ".json", ".arrow", ""})
    assert {name: ask(filled.log()) for name, ask in QUESTIONS.items()} == expected
    assert (verify(filled).faults, verify(filled).rebuilt) == ([], [])


def test_flipped_bits_are_not_found_without_the_checksums(filled, monkeypatch):
    monkeypatch.setattr(Checksum, "fits", lambda self, path: path.stat().st_size == self.bytes)
    hits, _ = found(filled, 20)
    assert hits < 20


def newest(store, pattern):
    return max(store.folder.glob(pattern), key=lambda path: path.stat().st_mtime_ns)


def faults(store):
    """What is said of the record, without the names of files."""
    return [str(fault).partition(" ")[2] for fault in verify(store).faults]


def truncated(path):
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("pattern", "damage", "fault"),
    [
        ("log.toml", truncated, "is not as it was written: the settings of the log; restore it from a backup"),
        (
            "ratings/metadata/*.json",
            truncated,
            "is not as it was written: metadata of ratings; restore it from a backup",
        ),
        ("contacts/metadata/snap-*", Path.unlink, "is missing: metadata of contacts; restore it from a backup"),
        (
            "contacts/data/customer_bucket=0/*",
            truncated,
            "is not as it was written: rows of contacts in bucket 0, all from june.csv (june, 2026-02-01); restore it from "
            "a backup, or undo that import and append its file again",
        ),
        (
            "replaced_contacts/data/customer_bucket=0/*",
            Path.unlink,
            "is missing: rows of replaced_contacts in bucket 0, from some of may.csv (may, 2026-01-01); restore it from a "
            "backup",
        ),
    ],
)
def test_fault_of_the_record_says_what_it_concerns_and_the_way_out(filled, pattern, damage, fault):
    damage(newest(filled, pattern))
    assert faults(filled) == [fault]


@pytest.mark.parametrize(
    ("most", "named"),
    [
        (2, "some of may.csv (may, 2026-01-01), june.csv (june, 2026-02-01); restore it from a backup"),
        (1, "some of may.csv (may, 2026-01-01), 1 more; restore it from a backup"),
    ],
)
def test_rows_of_several_imports_name_them(filled, monkeypatch, most, named):
    monkeypatch.setattr("tangente.contactlog.upkeep.SPARE_FILES", 0)
    monkeypatch.setattr("tangente.contactlog.verification.MOST_NAMED", most)
    compact(filled, before=BEGINNING)
    newest(filled, "ratings/data/**/*.parquet").unlink()
    ((*_, imports),) = [fault.partition(", from ") for fault in faults(filled)]
    assert imports == named


def test_rows_of_an_earlier_state_can_be_let_go_of(filled):
    undo(filled, "june")
    newest(filled, "ratings/data/**/*.parquet").unlink()
    assert faults(filled) == [
        "is missing: rows of an earlier state of ratings; `tangente log expire --keep 0` lets go of it"
    ]
    expire(filled, before=EVER)
    assert faults(filled) == []


def test_damaged_metadata_are_not_asked_what_other_files_hold(filled):
    newest(filled, "ratings/metadata/*.json").unlink()
    newest(filled, "ratings/data/**/*.parquet").unlink()
    assert faults(filled) == [
        "is missing: rows of ratings in bucket 0; restore it from a backup",
        "is missing: metadata of ratings; restore it from a backup",
    ]


def contents(store):
    return {name: sorted(map(repr, stored_rows(store, name))) for name in RECORD}


def test_way_out_of_a_damaged_file_leads_out(filled):
    expected = contents(filled)
    truncated(newest(filled, "contacts/data/customer_bucket=0/*"))
    undo(filled, "june")
    imported(filled, "june", 1)
    expire(filled, before=EVER)
    assert (contents(filled), faults(filled)) == (expected, [])


def test_foreign_file_is_named(filled):
    (filled.folder / "contacts/data/notes.txt").write_text("x")
    assert [str(fault) for fault in verify(filled).faults] == [
        "contacts/data/notes.txt is no file of this log; move it elsewhere"
    ]


def test_file_of_a_killed_writer_is_no_fault(filled):
    for name in ("contacts/data/orphan.parquet", WRITING):
        (filled.folder / name).write_bytes(b"half")
    assert faults(filled) == []


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 and no more" * 99])
def test_damaged_catalog_is_a_fault_of_the_whole_log(filled, content):
    filled.close()
    (filled.folder / "catalog.db").write_bytes(content)
    with open_log(filled.folder) as store:
        assert [str(fault)[:24] for fault in verify(store).faults] == ["catalog.db is damaged, a"]


def test_catalog_that_names_unknown_metadata_is_unsound(filled):
    filled.catalog.forget([filled.catalog.places()["contacts"]])
    assert str(verify(filled).faults[0]).startswith("catalog.db is damaged")


@pytest.mark.parametrize("lost", ["contacts.arrow", "sha256sums"])
def test_lost_file_of_what_is_ready_is_made_anew(filled, lost):
    bucket = min((filled.folder / "ready").glob("0*"))
    (bucket / lost).unlink()
    assert verify(filled).rebuilt == [bucket.name]
    assert verify(filled).rebuilt == []


def test_log_of_which_nothing_is_ready_is_sound(store):
    done = verify(store)
    assert (done.faults, done.rebuilt, done.files) == ([], [], len(store.record_files()) + 1)


def test_log_with_an_emptied_catalog_is_refused(filled):
    filled.close()
    (filled.folder / "catalog.db").write_bytes(b"")
    with open_log(filled.folder) as store, pytest.raises(ContactLogError, match=r"^catalog.db is damaged"):
        store.log()


def manifests(store):
    """The manifests of contacts, the newest first."""
    return [
        Path(one.manifest_path) for one in store.table("contacts").current_snapshot().manifests(store.catalog.files)
    ]


@pytest.mark.parametrize("change", [lambda store: undo(store, "no such"), lambda store: expire(store, before=EVER)])
@pytest.mark.parametrize("marker", [False, True])
def test_damaged_manifest_makes_no_writer_remove_a_file(filled, change, marker):
    newest, oldest = manifests(filled)
    newest.write_bytes(oldest.read_bytes())  # it can be read, and names other files
    (filled.folder / WRITING).touch() if marker else None
    before = set(filled.record_files()), filled.catalog.checksums().items()
    with pytest.raises(ContactLogError):
        change(filled)
    assert before[0] <= set(filled.record_files())
    assert before[1] <= filled.catalog.checksums().items()


def lost(path):
    path.unlink()


@pytest.mark.parametrize("damage", [truncated, lost])
@pytest.mark.parametrize("file", ["contacts/metadata/*.json", "contacts/metadata/snap*", "contacts/metadata/*-m0.avro"])
@pytest.mark.parametrize("ask", [LogStore.log, table_info, lambda store: imported(store, "july", 2)])
def test_damaged_metadata_are_named_by_whoever_reads_them(filled, damage, file, ask):
    path = manifests(filled)[0] if "m0" in file else newest(filled, file)
    damage(path)
    with pytest.raises(ContactLogError) as refusal:
        ask(filled)
    assert (refusal.value.code, str(refusal.value).partition(" ")[0]) == ("E-RECORD", str(path))


def zeroed(path):
    size = path.stat().st_size
    path.write_bytes(b"PAR1" + bytes(size - 4))


def garbled(path):
    """The footer stays, so that the file opens; the pages cannot be decoded."""
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * (len(content) // 3) + content[4 + len(content) // 3 :])


@pytest.mark.parametrize("damage", [truncated, lost, zeroed, garbled])
@pytest.mark.parametrize("ask", [LogStore.log, lambda store: imported(store, "july", 2)])
def test_damaged_data_file_is_named_by_whoever_reads_it(filled, damage, ask):
    path = newest(filled, "contacts/data/customer_bucket=0/*")
    damage(path)
    shutil.rmtree(filled.folder / "ready")
    with pytest.raises(ContactLogError) as refusal:
        ask(filled)
    assert (refusal.value.code, str(refusal.value).partition(" ")[0]) == ("E-RECORD", str(path))


def with_a_flipped_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 16
    path.write_bytes(content)


MAKES_SOMETHING_OF_ROWS = {
    "append": lambda store: imported(store, "later", 3),
    "erase": lambda store: erase(store, ["k1"]),
    "make ready": lambda store: (ready.clear(store.folder / "ready"), store.log()),
}


@pytest.mark.parametrize("work", MAKES_SOMETHING_OF_ROWS)
def test_nothing_is_made_of_damaged_rows(filled, work):
    for path in (filled.folder / "contacts/data").rglob("*.parquet"):
        with_a_flipped_bit(path)
    before = {path: path.read_bytes() for path in filled.record_files()}
    with pytest.raises(RecordError):
        MAKES_SOMETHING_OF_ROWS[work](filled)
    assert {path: path.read_bytes() for path in filled.record_files()} == before


@pytest.mark.parametrize("error", [pa.ArrowMemoryError("malloc failed"), OSError(errno.EMFILE, "Too many open files")])
def test_what_a_file_is_not_to_blame_for_is_no_damage(error):
    with pytest.raises(type(error)), reading("file"):
        raise error


@pytest.mark.parametrize("name", ["{folder}/other/metadata/a.json", "/elsewhere/contacts/data/a.parquet"])
def test_catalog_that_names_files_no_log_has_is_unsound(filled, name):
    path = str(filled.record_files()[0])
    with sqlite3.connect(filled.folder / "catalog.db") as catalog:
        catalog.execute("UPDATE log_files SET path = ? WHERE path = ?", (name.format(folder=filled.folder), path))
    catalog.close()
    assert [fault.split(",")[0] for fault in verify(filled).faults] == ["catalog.db is damaged"]


def test_catalog_that_may_not_be_read_is_not_called_damaged(filled, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may read all
    with open_log(filled.folder) as store, pytest.raises(PermissionError, match=r"catalog\.db"):
        store.log()
