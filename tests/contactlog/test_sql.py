"""SQL over the log: what it answers equals the passes, and nothing but the two tables can be read or written with it."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from tangente.contactlog import sql
from tangente.contactlog.catalog import EVER
from tangente.contactlog.imports import Import
from tangente.contactlog.profile import profile
from tangente.contactlog.simulate import simulate
from tangente.contactlog.sql import query
from tangente.contactlog.store import Change, LogStore, create_log
from tangente.contactlog.undoing import undo
from tangente.contactlog.upkeep import expire
from tangente.errors import ContactLogError

from .deliveries import CONTACT, RATING, deliver


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogStore]:
    """A small simulated company in a log."""
    with create_log(tmp_path_factory.mktemp("company") / "log", buckets=3, key=b"key") as store:
        with Import(store, "one", "one.csv", False) as delivery:
            for contacts, ratings in simulate(contacts=3000, seed=1):
                delivery.add("contacts", contacts)
                delivery.add("ratings", ratings)
            delivery.commit()
        yield store


@pytest.fixture
def outside(tmp_path: Path, company: LogStore, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What an attempt may name: files to read, the log's own among them, and places to write to."""
    secret = tmp_path / "secret.csv"
    secret.write_text("content\nhidden\n")
    monkeypatch.setattr(sql, "variable", pa.table({"content": ["secret of Python"]}), raising=False)
    data_file = company.data_files("contacts")[0][0].file_path
    return {"secret": str(secret), "log": str(company.folder), "data": data_file, "out": str(tmp_path / "out")}


def answer(store: LogStore, question: str) -> list[tuple[object, ...]]:
    table = query(store, question).read_all()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def refusal(store: LogStore, question: str, **settings: str) -> str:
    with pytest.raises(ContactLogError) as refused:
        query(store, question, **settings).read_all()
    assert refused.value.code == "E-SQL"
    return str(refused.value)


@pytest.mark.parametrize("cut", ["touchpoint", "channel", "segment"])
def test_query_equals_the_profile_of_a_cut(company: LogStore, cut: str) -> None:
    question = f"""
        SELECT {cut}, count(*), count(DISTINCT customer_id), sum(cost)::double / 1000000, count(cost)
        FROM contacts GROUP BY ALL ORDER BY {cut} NULLS LAST"""  # noqa: S608
    judged = profile(company.log(), by=[cut]).filter(pa.compute.field("contacts") > 0)
    columns = (judged[name].to_pylist() for name in (cut, "contacts", "customers", "cost", "costed"))
    assert sorted(answer(company, question), key=str) == sorted(zip(*columns, strict=True), key=str)


def test_query_counts_months_as_the_log_does(company: LogStore) -> None:
    question = "SELECT date_trunc('month', occurred_at)::date AS month, count(*) FROM contacts GROUP BY ALL ORDER BY 1"
    months = profile(company.log(), by=[], period="month").filter(pa.compute.field("contacts") > 0)
    assert answer(company, question) == list(
        zip(months["period"].to_pylist(), months["contacts"].to_pylist(), strict=True)
    )


def test_query_shows_times_in_the_reporting_zone(company: LogStore) -> None:
    kinds = query(
        company, "SELECT occurred_at, timestamptz '2026-01-01' = '2025-12-31T23:00:00Z' AS local FROM contacts"
    )
    assert kinds.schema.types == [pa.timestamp("us", tz="Europe/Berlin"), pa.bool_()]
    assert kinds.read_all()["local"].unique().to_pylist() == [True]


def test_query_knows_the_tables_of_an_empty_log(store: LogStore) -> None:
    assert answer(store, "SELECT (SELECT count(*) FROM contacts), (SELECT count(*) FROM ratings)") == [(0, 0)]
    assert answer(store, "SHOW TABLES") == [("contacts",), ("ratings",)]


@pytest.mark.parametrize(
    "question",
    ["WITH one AS (SELECT 1) FROM one", "VALUES (1)", "TABLE contacts", "DESCRIBE contacts", "SUMMARIZE ratings",
     "EXPLAIN SELECT 1", "PIVOT contacts ON direction IN ('in', 'out') USING count(*)", "FROM contacts -- all; of them"],
)  # fmt: skip
def test_query_runs_what_reads(company: LogStore, question: str) -> None:
    assert query(company, question).read_all().num_rows > 0


def test_query_reads_only_columns_and_rows_it_needs(company: LogStore) -> None:
    question = "EXPLAIN SELECT touchpoint FROM contacts WHERE channel = 'App' AND occurred_at >= '2026-01-01'"
    plan = answer(company, question)[0][1]
    scan = [line.strip("│ ") for line in str(plan).splitlines() if "│" in line]
    assert [line for line in scan if line.startswith(("Projections", '"'))] == [
        "\"channel\" = 'App',",
        "\"occurred_at\" >= TIMESTAMPTZ '2025-12-31 23:00:00+00'",
        "Projections: touchpoint",
    ]


def test_query_gives_rows_as_they_come(company: LogStore) -> None:
    rows = query(company, "SELECT * FROM range(100000000000)")
    assert rows.read_next_batch().num_rows > 0


def test_query_does_not_see_the_old_version_of_a_row(store: LogStore) -> None:
    for number, touchpoint in enumerate(("shop", "app")):
        contact = CONTACT | {"contact_id": "c1", "touchpoint": touchpoint, "sequence": 1}
        deliver(store, [contact], import_id=str(number), mapped_sequence=True)
    expected = [(row["touchpoint"],) for row in store.table("contacts").scan().to_arrow().to_pylist()]
    assert answer(store, "SELECT touchpoint FROM contacts") == expected
    assert len(expected) == 1


def test_query_does_not_see_rows_of_files_taken_out(store: LogStore) -> None:
    deliver(store, [CONTACT, CONTACT | {"customer_id": "ben"}], [RATING], import_id="one")
    gone = [file for bucket in store.data_files("ratings") for file in bucket]
    with store.writing():
        store.apply(Change("ratings", remove=gone))
    assert all(Path(file.file_path).exists() for file in gone)  # an earlier snapshot still has them
    assert answer(store, "SELECT (SELECT count(*) FROM contacts), (SELECT count(*) FROM ratings)") == [(2, 0)]


def test_tables_are_open_to_other_programs_without_us(company: LogStore) -> None:
    catalog = SqlCatalog("tangente", uri=f"sqlite:///{company.folder / 'catalog.db'}")
    contacts = catalog.load_table("log.contacts")
    files = [task.file.file_path for task in contacts.scan().plan_files()]
    direct = duckdb.connect().sql("SELECT count(*) FROM read_parquet($files)", params={"files": files}).fetchall()
    assert contacts.scan().count() == direct[0][0] == answer(company, "SELECT count(*) FROM contacts")[0][0] == 3000
    catalog.close()


ATTEMPTS = """
SELECT * FROM read_csv('{secret}')
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_text('{log}/key')
SELECT * FROM read_blob('{log}/catalog.db')
SELECT * FROM read_json('{secret}')
SELECT * FROM read_parquet('{data}')
SELECT * FROM '{data}'
TABLE '{secret}'
SUMMARIZE '{data}'
SELECT * FROM glob('{log}/*')
SELECT * FROM sniff_csv('{secret}')
SELECT * FROM parquet_metadata('{data}')
SELECT * FROM parquet_kv_metadata('{data}')
SELECT * FROM read_duckdb('{out}')
SELECT * FROM sqlite_scan('{log}/catalog.db', 'log_erased')
SELECT * FROM iceberg_scan('{log}/contacts')
SELECT * FROM 'https://example.org/contacts.csv'
SELECT * FROM read_parquet('s3://bucket/contacts.parquet')
SELECT * FROM read_csv('/dev/stdin')
SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{secret}'')'))
SELECT * FROM variable
SELECT * FROM python_arrow_scan()
SELECT * FROM arrow_scan(1, 2, 3)
SELECT * FROM pandas_scan(1)
SELECT getenv('HOME')
SELECT load_extension('httpfs')
SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_config = {{'path': '{out}'}})
SELECT * FROM enable_profiling(save_location = '{out}')
EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'
WITH gone AS (DELETE FROM contacts RETURNING *) FROM gone
COPY contacts TO '{out}'
COPY (SELECT * FROM contacts) TO '{out}' (FORMAT parquet)
COPY (PIVOT contacts ON direction USING count(*)) TO '{out}'
COPY contacts FROM '{secret}'
EXPORT DATABASE '{out}'
IMPORT DATABASE '{out}'
ATTACH '{out}'
ATTACH '{log}/catalog.db' (TYPE sqlite)
ATTACH ':memory:' AS other
DETACH memory
USE memory
INSTALL httpfs
LOAD httpfs
LOAD '{out}'
SET enable_external_access = true
RESET enable_external_access
SET lock_configuration = false
SET home_directory = '{out}'
SET temp_directory = '{out}'
SET memory_limit = '100TB'
SET python_enable_replacements = true
SET VARIABLE content = (SELECT content FROM read_text('{secret}'))
PRAGMA enable_external_access = true
PRAGMA profiling_output = '{out}'
PRAGMA database_list
CALL enable_logging(storage = 'file', storage_path = '{out}')
CREATE TABLE mine AS SELECT 1
CREATE VIEW mine AS SELECT 1
CREATE MACRO mine() AS TABLE FROM read_text('{secret}')
CREATE SECRET mine (TYPE http)
CREATE PERSISTENT SECRET mine (TYPE http)
INSERT INTO contacts SELECT * FROM contacts
UPDATE contacts SET touchpoint = ''
DELETE FROM contacts
MERGE INTO contacts USING ratings ON true WHEN MATCHED THEN DELETE
DROP VIEW contacts
ALTER TABLE contacts RENAME TO mine
COMMENT ON VIEW contacts IS 'mine'
PREPARE mine AS SELECT 1
BEGIN
CHECKPOINT
VACUUM
SELECT 1; DROP VIEW contacts
.read {secret}
""".strip().splitlines()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_query_refuses_whatever_leaves_the_tables(company: LogStore, outside: dict[str, str], attempt: str) -> None:
    said = refusal(company, attempt.format(**outside))
    assert ("hidden" in said, "secret of" in said, len(said.splitlines())) == (False, False, 1)
    assert (Path(outside["secret"]).exists(), Path(outside["out"]).exists()) == (True, False)


BEHIND_THE_LOCKS = [attempt for attempt in ATTEMPTS if "{" in attempt and not attempt.startswith((".", "SELECT 1;"))]


@pytest.mark.parametrize("attempt", BEHIND_THE_LOCKS)
def test_locks_hold_without_the_check_of_statements(
    company: LogStore, outside: dict[str, str], attempt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "_check", lambda statements: None)
    with pytest.raises(ContactLogError):
        query(company, attempt.format(**outside)).read_all()
    assert (Path(outside["secret"]).read_text(), Path(outside["out"]).exists()) == ("content\nhidden\n", False)


@pytest.mark.parametrize(
    ("attempt", "found"),
    [
        ("SELECT content FROM read_csv('{secret}')", [("hidden",)]),
        ("SELECT content FROM variable", [("secret of Python",)]),
        ("SELECT count(*) > 0 FROM read_parquet('{data}')", [(True,)]),
        ("SELECT count(*) > 0 FROM glob('{log}/*')", [(True,)]),
    ],
)
def test_without_locks_the_attempt_reads(
    company: LogStore, outside: dict[str, str], attempt: str, found: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "LOCKS", ())
    assert answer(company, attempt.format(**outside)) == found


def test_without_locks_and_check_the_attempt_writes(
    company: LogStore, outside: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "LOCKS", ())
    monkeypatch.setattr(sql, "_check", lambda statements: None)
    query(company, "COPY (SELECT 1) TO '{out}'".format(**outside))
    assert Path(outside["out"]).exists()


def test_every_lock_is_a_setting_of_this_duckdb() -> None:
    connection = duckdb.connect(":memory:")
    for lock in sql.LOCKS:
        connection.execute(lock)
    with pytest.raises(duckdb.Error, match="locked"):
        connection.execute("SET threads = 1")


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT list(range) FROM range(1000000000000)",
        "SELECT count(DISTINCT hash(a.range, b.range)) FROM range(1000000) a, range(1000000) b",
        "FROM range(1000000000) ORDER BY hash(range)",
    ],
)
def test_query_that_needs_too_much_memory_is_refused(company: LogStore, bomb: str) -> None:
    assert refusal(company, bomb, memory="100MB") == (
        "The question needs more memory than it may use; ask for fewer rows or columns, or group them first"
    )


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("selec", 'The question cannot be answered: syntax error at or near "selec"'),
        (
            "FROM kontakte",
            "The question cannot be answered: Table with name kontakte does not exist; the tables are contacts and ratings",
        ),
        ("SELECT error('')", "The question cannot be answered: Invalid Input Error"),
        (
            "SELECT CASE range WHEN 3000000 THEN error('late') ELSE range END FROM range(5000000)",
            "The question cannot be answered: late",
        ),
        ("", "Ask one question at a time; here are 0 statements"),
        ("SELECT 1; SELECT 2", "Ask one question at a time; here are 2 statements"),
        (
            "PIVOT contacts ON channel USING count(*)",
            "PIVOT needs its values named, as in: PIVOT contacts ON channel IN ('Web', 'Shop')",
        ),
        (
            "CREATE TABLE mine AS SELECT 1",
            "CREATE is refused, for SQL only reads here; begin with SELECT, WITH, FROM, DESCRIBE, SUMMARIZE or EXPLAIN",
        ),
    ],
)
def test_query_says_what_is_wrong(company: LogStore, question: str, sentence: str) -> None:
    assert refusal(company, question) == sentence


@pytest.mark.parametrize("question", ["SELECT price FROM contacts", "SELECT c.price FROM contacts c"])
def test_query_names_the_columns_there_are(company: LogStore, question: str) -> None:
    said = refusal(company, question)
    assert "; contacts has the columns contact_id, customer_id, occurred_at, sequence, touchpoint, " in said
    assert "; ratings has rating_id, response_id, " in said


def test_query_whose_files_went_away_says_so(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(store, [CONTACT], import_id="one")
    rows, open_files = query(store, "SELECT * FROM contacts, range(100000000)"), sql._locked
    rows.read_next_batch()

    def overtaken(*arguments: Any) -> duckdb.DuckDBPyConnection:
        undo(store, "one")
        expire(store, before=EVER)
        return open_files(*arguments)

    monkeypatch.setattr(sql, "_locked", overtaken)
    with pytest.raises(ContactLogError, match="The log was changed while it was read; ask again"):
        query(store, "FROM contacts").read_all()
    assert rows.read_next_batch().num_rows > 0


def garbled(path: Path) -> None:
    """The footer stays, so that the file opens; the pages cannot be decoded."""
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * (len(content) // 3) + content[4 + len(content) // 3 :])


@pytest.mark.parametrize("damage", [Path.unlink, garbled, lambda path: path.write_bytes(b"")])
def test_query_names_a_damaged_file(store: LogStore, damage: Callable[[Path], None]) -> None:
    deliver(store, [CONTACT], [RATING], import_id="one")
    path = Path(next(chain(*store.data_files("ratings"))).file_path)
    damage(path)
    with pytest.raises(ContactLogError) as refused:
        query(store, "SELECT min(customer_id), max(touchpoint) FROM ratings").read_all()
    assert (refused.value.code, str(refused.value).partition(" ")[0]) == ("E-RECORD", str(path))
