import shutil
import stat
import tomllib
from itertools import chain

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.manifest import ManifestFile
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.imports import Import
from tangente.contactlog.keys import KEY_VARIABLE
from tangente.contactlog.schema import RATINGS, TABLES
from tangente.contactlog.settings import VERSION
from tangente.contactlog.store import PERSONAL, WRITING, create_log, open_log
from tangente.contactlog.store import files_of as all_files_of
from tangente.contactlog.table_info import table_info
from tangente.contactlog.testing import START
from tangente.contactlog.undoing import undo
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, batch, deliver, stored_rows
from tests.contactlog.questions import QUESTIONS
from tests.contactlog.strategies import contacts, ratings, sixty_customers

pytestmark = pytest.mark.slow

MICROSECONDS = round(START.timestamp() * 1_000_000)
few = settings(deadline=None, max_examples=4)  # each example writes two logs


def files_of(store, name):
    return [[file.file_path for file in files] for files in store.data_files(name)]


@pytest.fixture(scope="module")
def two_imports(tmp_path_factory):
    """A log of two imports, not to be changed."""
    met, said = sixty_customers()
    with create_log(tmp_path_factory.mktemp("logs") / "log", buckets=4) as store:
        deliver(store, met[:400], said[:100], import_id="may")
        deliver(store, met[400:], said[100:], import_id="june")
        yield store


@pytest.fixture
def filled(store):
    """A log of one import, to be changed."""
    deliver(store, *sixty_customers(), import_id="may")
    return store


def test_log_folder_describes_itself(store):
    settings = tomllib.loads((store.folder / "log.toml").read_text())
    assert {name: settings[name] for name in ("version", "currency", "timezone", "buckets")} == {
        **{"version": VERSION, "currency": "EUR", "timezone": "Europe/Berlin", "buckets": 4},
    }


def test_opened_log_is_the_one_created(tmp_path):
    with create_log(tmp_path / "log", currency="CHF", timezone="Europe/Zurich", buckets=3, key=b"k") as made:
        opened = open_log(tmp_path / "log")
        assert opened == made
        assert (opened.log().currency, opened.log().timezone, len(opened.log().stored)) == ("CHF", "Europe/Zurich", 3)
        opened.close()


def test_key_is_for_the_owner_s_eyes_only(store):
    assert stat.S_IMODE((store.folder / "key").stat().st_mode) == 0o600
    assert store.key.hex() not in repr(store)
    assert store.key.hex() not in (store.folder / "log.toml").read_text()


def test_keys_are_random_unless_given(tmp_path):
    keys = []
    for name in ("one", "other"):
        with create_log(tmp_path / name) as store:
            keys.append(store.key)
    assert len({*keys}) == 2
    assert [len(key) for key in keys] == [32, 32]


def test_key_of_the_environment_overrides_and_is_not_stored(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "ab" * 32)
    with create_log(tmp_path / "log", key=b"other") as store:
        assert store.key == bytes.fromhex("ab" * 32)
    assert not (tmp_path / "log" / "key").exists()
    with open_log(tmp_path / "log") as opened:
        assert opened.key == bytes.fromhex("ab" * 32)


def customers(store):
    return {row["customer_id"] for row in stored_rows(store, "contacts")}


def test_pseudonyms_are_stable_under_a_key_and_others_under_another(tmp_path):
    stored = []
    for name, key in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        with create_log(tmp_path / name, key=key) as store:
            deliver(store, [CONTACT], import_id="may")
            stored.append(customers(store))
    assert stored[0] == stored[1] != stored[2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"currency": "Euro"}, "currency is “Euro”; it must be an ISO 4217 code such as EUR"),
        ({"timezone": "Berlin"}, "timezone is “Berlin”; it must be an IANA name such as Europe/Berlin"),
        ({"buckets": 0}, "buckets is 0; it must be between 1 and 400"),
    ],
)
def test_create_refuses_impossible_settings(tmp_path, settings, message):
    with pytest.raises(ContactLogError) as refusal:
        create_log(tmp_path / "log", **settings)
    assert str(refusal.value) == message
    assert not (tmp_path / "log").exists()


def test_create_refuses_a_folder_that_holds_something(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ContactLogError, match=r"is not empty; a new log needs a folder of its own$"):
        create_log(tmp_path)


def test_create_refuses_a_folder_that_holds_a_log(store):
    with pytest.raises(
        ContactLogError, match=r"holds a log already; open it, or give the new log a folder of its own$"
    ):
        create_log(store.folder)


@pytest.mark.parametrize("step", ["create_namespace", "create_table_transaction"])
def test_create_begins_anew_where_it_was_interrupted(tmp_path, monkeypatch, step):
    with monkeypatch.context() as patch:
        patch.setattr(SqlCatalog, step, lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            create_log(tmp_path / "log")
    with create_log(tmp_path / "log", currency="CHF") as made, open_log(tmp_path / "log") as opened:
        assert (opened, opened.currency, table_info(opened)["contacts"].rows) == (made, "CHF", 0)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "ab" * 15,
            "TANGENTE_LOG_KEY has 15 bytes and could be guessed; give at least 16, as 32 hexadecimal digits",
        ),
        ("secret", "TANGENTE_LOG_KEY is not hexadecimal; only digits 0 to 9 and a to f are allowed"),
    ],
)
def test_create_refuses_a_key_of_the_environment_that_is_none(tmp_path, monkeypatch, key, message):
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(ContactLogError) as refusal:
        create_log(tmp_path / "log")
    assert (str(refusal.value), (tmp_path / "log").exists()) == (message, False)


def broken(store, change):
    store.close()
    change(store.folder)
    with pytest.raises(ContactLogError) as refusal:
        open_log(store.folder)
    return str(refusal.value).removeprefix(str(store.folder))


def rewritten(file, text):
    return lambda folder: (folder / file).write_text(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "log.toml").unlink(), " lacks its log.toml; restore it from a backup"),
        (rewritten("log.toml", "version = "), "/log.toml is damaged (Invalid value (at end of document)); restore"),
        (
            rewritten("log.toml", "version = 1"),
            "/log.toml lacks buckets, currency, folder, key_mark, timezone; restore",
        ),
        (rewritten("key", "no key"), "The key of "),
        (rewritten("key", "abcd"), " was begun with another key; customers would count twice. "),
        (lambda folder: (folder / "key").unlink(), " has no file `key`; restore it from a backup, or set "),
    ],
)
def test_open_says_what_is_wrong_with_a_folder(store, change, message):
    assert broken(store, change)[: len(message)] == message


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (VERSION + 1, " was made by a newer Tangente (log version 3); update Tangente"),
        (VERSION - 1, " was made by an older Tangente (log version 1); append its files to a new log"),
    ],
)
def test_open_refuses_the_log_of_another_version(store, version, message):
    text = (store.folder / "log.toml").read_text().replace(f"version = {VERSION}", f"version = {version}")
    assert broken(store, rewritten("log.toml", text)) == message


def test_open_refuses_a_folder_that_was_moved(store, tmp_path):
    store.close()
    shutil.move(store.folder, tmp_path / "moved")
    with pytest.raises(ContactLogError) as refusal:
        open_log(tmp_path / "moved")
    assert str(refusal.value) == (
        f"{tmp_path / 'moved'} was moved or copied from {store.folder}; Iceberg tables name their place, so open it there"
    )


def test_open_follows_a_link(store, tmp_path):
    (tmp_path / "link").symlink_to(store.folder)
    with open_log(tmp_path / "link") as opened:
        assert opened.folder == store.folder


@pytest.mark.parametrize("name", ["with space", "Ärzte", "a#b", "a?b", "50%20", "customer_id=5"])
def test_log_may_lie_in_a_folder_of_any_name(tmp_path, name):
    with create_log(tmp_path / name) as store:
        deliver(store, [CONTACT], import_id="may")
        assert deliver(store, [CONTACT], import_id="june")["contacts"].known == 1
    with open_log(tmp_path / name) as opened:
        assert table_info(opened)["contacts"].rows == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_info_measures_each_table(two_imports):
    tables = table_info(two_imports)
    size = sum(file.file_size_in_bytes for file in chain(*two_imports.data_files("contacts")))
    assert (tables["contacts"].rows, tables["contacts"].customers, tables["contacts"].files) == (600, 60, 8)
    assert (tables["contacts"].bytes, tables["contacts"].first <= tables["contacts"].last) == (size, True)


def test_rows_of_a_file_stand_by_customer_and_time(two_imports):
    for file in chain(*files_of(two_imports, "contacts")):
        rows = pq.ParquetFile(file).read(["customer_id", "occurred_at", "sequence"]).to_pylist()
        assert rows == sorted(rows, key=lambda row: tuple(row.values()))


@pytest.mark.parametrize("name", TABLES)
def test_customer_lives_in_exactly_one_bucket(two_imports, name):
    transform = BucketTransform(4).transform(StringType())
    for bucket, files in enumerate(files_of(two_imports, name)):
        people = {
            one for file in files for one in pq.ParquetFile(file).read(["customer_id"])["customer_id"].to_pylist()
        }
        assert {transform(one) for one in people} == {bucket}


@pytest.mark.parametrize("name", TABLES)
def test_metadata_hold_no_statistics_of_people(two_imports, name):
    fields = {field.field_id: field.name for field in two_imports.table(name).schema().fields}
    for file in chain(*two_imports.data_files(name)):
        known = {
            fields[number]
            for numbers in (file.lower_bounds, file.upper_bounds, file.value_counts)
            for number in numbers
        }
        assert known & set(PERSONAL) == set()
        assert "occurred_at" in known


def test_log_can_be_read_by_duckdb_and_pyarrow_from_the_planned_files(two_imports):
    files = list(chain(*files_of(two_imports, "ratings")))
    counted = duckdb.execute("select count(*), count(distinct customer_id) from read_parquet(?)", [files]).fetchone()
    assert counted == (400, table_info(two_imports)["ratings"].customers)
    assert pq.read_table(files, schema=RATINGS).num_rows == 400


def ready_buckets(store):
    return {path.name for path in (store.folder / "ready").glob("0*")}


def test_log_is_made_ready_for_changed_buckets_only(filled):
    filled.log()
    before = ready_buckets(filled)
    deliver(filled, [CONTACT | {"customer_id": "someone new"}], import_id="july")
    filled.log()
    assert (len(before), len(before & ready_buckets(filled)), len(ready_buckets(filled))) == (4, 3, 4)


@pytest.mark.parametrize("lost", ["ready", "ready/codes-3", "ready/making"])
def test_what_is_ready_may_be_lost_at_any_time(filled, lost):
    expected = {name: ask(filled.log()) for name, ask in QUESTIONS.items()}
    path = filled.folder / lost
    if path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
        (filled.folder / "ready" / "making" / "left over").mkdir(parents=True)
    deliver(filled, [], [RATING | {"rater": "staff", "customer_id": "c1"}], import_id="july")
    assert {name: ask(filled.log()) for name, ask in QUESTIONS.items() if name != "extent"} == {
        name: answer for name, answer in expected.items() if name != "extent"
    }


def test_log_in_use_outlives_the_next_import(filled):
    log = filled.log()
    expected = QUESTIONS["flow"](log)
    deliver(filled, [CONTACT | {"customer_id": f"n{k}"} for k in range(20)], import_id="july")
    filled.log()
    assert QUESTIONS["flow"](log) == expected


@few
@given(contacts(), ratings(), st.randoms(use_true_random=False))
def test_answers_do_not_depend_on_files_key_or_buckets(tmp_path_factory, met, said, draw):
    said = [row | {"rating_id": f"r{k}"} for k, row in enumerate(said)]
    answers = []
    for files, buckets in ((1, 1), (3, 5)):
        parts = [[[], []] for _ in range(files)]
        for table, rows in enumerate((met, said)):
            for row in sorted(rows, key=lambda _: draw.random()):
                draw.choice(parts)[table].append(row)
        with create_log(tmp_path_factory.mktemp("log"), buckets=buckets) as store:
            for number, part in enumerate(parts):
                deliver(store, *part, import_id=str(number), batches=2, mapped_sequence=True)
            answers.append({name: ask(store.log()) for name, ask in QUESTIONS.items()})
    assert answers[0] == answers[1]


def test_a_log_whose_making_was_interrupted_is_begun_anew(tmp_path):
    (tmp_path / "log" / "contacts" / "metadata").mkdir(parents=True)
    for name in (".begun", "key", "contacts/metadata/v1.json"):
        (tmp_path / "log" / name).write_text("half")
    with create_log(tmp_path / "log") as store:
        assert [table.rows for table in table_info(store).values()] == [0, 0]


def damaged(store, content):
    store.close()
    (store.folder / "catalog.db").write_bytes(content) if content else (store.folder / "catalog.db").unlink()
    with open_log(store.folder) as opened, pytest.raises(ContactLogError) as refusal:
        opened.log()
    return refusal.value


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, b"SQLite format 3\0" + bytes(4080)])
def test_log_without_its_catalog_is_refused_and_loses_nothing(filled, content):
    before = set(filled.record_files())
    refusal = damaged(filled, content)
    assert (refusal.code, set(filled.record_files())) == ("E-RECORD", before)
    with open_log(filled.folder) as opened, pytest.raises(ContactLogError):
        deliver(opened, [CONTACT], import_id="june")
    assert set(filled.record_files()) == before


def withdrawn(store):
    with store.writing():
        deliver_within(store)
        raise ContactLogError("refused")


def deliver_within(store):
    with Import(store, "june", "june.csv") as delivery:
        delivery.add("contacts", batch("contacts", [CONTACT | {"sequence": 1}]))
        delivery.apply()


def paths(store):
    return {path for path in store.folder.rglob("*") if path.name != ".lock.import-"}


def test_refused_write_leaves_nothing_for_the_next_to_clean(filled):
    filled.log()
    before = paths(filled)
    with pytest.raises(ContactLogError):
        undo(filled, "no such import")
    assert paths(filled) == before


def test_withdrawn_write_leaves_its_mark_and_the_next_keeps_what_is_ready(filled):
    filled.log()
    before = paths(filled)
    with pytest.raises(ContactLogError):
        withdrawn(filled)
    assert paths(filled) - before == {filled.folder / WRITING}
    with filled.writing():
        pass
    assert paths(filled) == before


def test_files_of_reads_each_manifest_once(filled, monkeypatch):
    for name in ("june", "july"):
        deliver(filled, [CONTACT | {"customer_id": name}], import_id=name)
    tables, read, fetch = filled.catalog.tables(), [], ManifestFile.fetch_manifest_entry
    monkeypatch.setattr(
        ManifestFile, "fetch_manifest_entry", lambda one, io: [read.append(one.manifest_path), *fetch(one, io)][1:]
    )
    files = list(all_files_of(tables["contacts"]))
    assert len(read) == len({*read}) == 3
    assert len(files) == len({*files})
