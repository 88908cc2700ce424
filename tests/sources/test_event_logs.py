"""XES and OCEL 2.0: what an event log says as a table, and that every kind of file tells the same contacts."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tangente.errors import SourceError
from tangente.sources.parts import Settings
from tangente.sources.propose import propose
from tangente.sources.table_file import open_table
from tangente.sources.xes_file import XesFile

from .corpus_xes import OCEL, XES, event, log, occurrence, ocel, sqlite, trace
from .event_logs import KINDS, Contact
from .files import Row, read, write

NAMES = st.text("aäß&<\"' -+1", min_size=1, max_size=4).filter(str.strip)
TIMES = st.datetimes(datetime.fromisoformat("1890-01-01"), datetime.fromisoformat("2110-01-01")).map(str)
CONTACTS = st.lists(
    st.builds(
        Contact,
        customer=NAMES,
        time=TIMES | st.just("x"),
        touchpoint=NAMES,
        cost=st.none() | st.floats(-1, 1e6).map(lambda cost: round(cost, 7)),
    ),
    min_size=1,
    max_size=8,
)


def told(rows: list[Row]) -> list[str]:
    """Contacts as they are compared: without their place in the file."""
    return sorted(str(row | {"sequence": None}) for row in rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(CONTACTS)
def test_every_kind_of_file_tells_the_same_contacts(tmp_path: Path, contacts: list[Contact]):
    read_of = {kind: read(write_kind(tmp_path, contacts), mapping) for kind, (write_kind, mapping) in KINDS.items()}
    first = read_of["CSV"]
    for outcome in read_of.values():
        assert told(outcome.contacts) == told(first.contacts)
        assert sorted(each.reason for each in outcome.refusals) == sorted(each.reason for each in first.refusals)
        assert outcome.source.rows == {"contacts": len(contacts)}


def test_xes_has_a_column_for_each_attribute(tmp_path: Path):
    more = '<int key="org:group" value="7"/>'
    path = write(
        tmp_path, log('<global scope="event"><string key="g" value=""/></global>', trace(event(more=more))), "log.xes"
    )
    named = list(open_table(path, Settings()).headers)
    assert named == ["g", "case:concept:name", "concept:name", "time:timestamp", "org:group"]


def test_xes_finds_a_column_that_is_filled_late(tmp_path: Path):
    path = write(tmp_path, log(trace(*[event()] * 2000, event(more='<int key="late" value="7"/>'))), "log.xes")
    headers = XesFile(path, Settings(), glance=1).headers
    assert ("late" in list(headers), "late" in headers, "never" in headers) == (False, True, False)


def test_xes_reads_the_same_in_small_parts(tmp_path: Path):
    path = write(tmp_path, log(*[trace(*[event()] * 99, event(day=0), case=str(i)) for i in range(30)]), "log.xes")
    columns = ["case:concept:name", "time:timestamp"]
    whole, parts = ([*XesFile(path, Settings(), rows=rows).records(columns)] for rows in (10**6, 100))
    assert (len(whole), len(parts) > 3) == (1, True)
    assert [line for part in parts for line in part.lines] == [*whole[0].lines]
    assert [fault for part in parts for fault in part.unreadable] == whole[0].unreadable


def test_xes_numbers_are_in_the_notation_of_the_mapping(tmp_path: Path):
    more = '<float key="cost" value="1.50"/><int key="n" value="3"/><boolean key="b" value="true"/>'
    path = write(tmp_path, log(trace(event(more=more))), "log.xes")
    (contact,) = read(path, XES + 'decimal = ","\ncost = "cost"\nreason = "n"\noutcome = "b"').contacts
    assert (contact["cost"], contact["reason"], contact["outcome"]) == (1_500_000, "3", "true")


def test_xes_attributes_of_attributes_are_passed_over(tmp_path: Path):
    more = '<string key="a" value="x"><string key="concept:name" value="inner"/></string>'
    path = write(tmp_path, log(trace(event(more=more))), "log.xes")
    assert [contact["touchpoint"] for contact in read(path, XES).contacts] == ["Hotline"]


def test_xes_keeps_the_offset_of_a_time(tmp_path: Path):
    (contact,) = read(write(tmp_path, log(trace(event())), "log.xes"), XES).contacts
    assert contact["occurred_at"] == datetime(2026, 3, 2, 8, 14, tzinfo=UTC)


CITY = OCEL + 'segment = "object:city"\nreason = "ocel:qualifier"\n'
MOVED = [("Bonn", "1970-01-01T00:00:00Z"), ("Ulm", "2026-03-04T00:00:00Z")]


def moved() -> str:
    """A customer who lived in Bonn, then in Ulm."""
    log = ocel(occurrence(1, "c1", "c1", day=3), occurrence(2, "c1", day=4), occurrence(3, "c2", "o1"))
    log["objects"][0]["attributes"] = [{"name": "city", "value": city, "time": time} for city, time in MOVED]
    log["events"][0]["relationships"][1]["qualifier"] = "payer"
    return json.dumps(log)


def moved_sqlite(path: Path) -> None:
    rows = ", ".join(
        f"('c1', '{time}', {'NULL' if i == 0 else repr('city')}, '{city}')" for i, (city, time) in enumerate(MOVED)
    )
    events = [occurrence(1, "c1", "c1", day=3), occurrence(2, "c1", day=4), occurrence(3, "c2", "o1")]
    events[0]["relationships"][1]["qualifier"] = "payer"
    sqlite(*events, more=f"INSERT INTO object_Customer VALUES {rows}")(path)  # noqa: S608 our own


@pytest.mark.parametrize("kind", ["json", "sqlite"])
def test_ocel_objects_are_as_they_were_at_the_time_of_the_event(tmp_path: Path, kind: str):
    path = tmp_path / f"log.{kind}"
    path.write_text(moved()) if kind == "json" else moved_sqlite(path)
    rows = [(row["customer_id"], row["segment"], row["reason"], row["sequence"]) for row in read(path, CITY).contacts]
    assert rows == [("c1", "Bonn", "of, payer", 1), ("c1", "Ulm", "of", 2), ("c2", None, "of", 3)]


@pytest.mark.parametrize("kind", ["json", "sqlite"])
def test_ocel_columns_are_of_the_event_the_relation_and_the_object(tmp_path: Path, kind: str):
    path = tmp_path / f"log.{kind}"
    path.write_text(moved()) if kind == "json" else moved_sqlite(path)
    of_event = ["ocel:eid", "ocel:activity", "ocel:timestamp", "cost"]
    headers = open_table(path, Settings(object_type="customer")).headers
    assert headers == [*of_event, "ocel:oid", "ocel:type", "ocel:qualifier", "object:city"]


def test_ocel_takes_the_only_type_without_asking(tmp_path: Path):
    document = ocel(occurrence(1, "c1")) | {"objectTypes": [{"name": "customer", "attributes": []}]}
    path = write(tmp_path, json.dumps(document), "log.json")
    assert len(read(path, OCEL.replace('object_type = "customer"\n', "")).contacts) == 1


def test_ocel_json_reads_lists_in_any_order_and_in_small_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tangente.sources.strict_json.CHUNK", 7)
    document = dict(reversed(ocel(occurrence(1, "c1", "o1"), occurrence(2, "c2", day=3), note=[1.5, -2e3]).items()))
    path = write(tmp_path, json.dumps(document, indent=1), "log.json")
    assert [row["customer_id"] for row in read(path, OCEL).contacts] == ["c1", "c2"]


def test_ocel_sqlite_waits_for_the_program_that_writes(tmp_path: Path):
    path = tmp_path / "log.sqlite"
    sqlite(occurrence(1, "c1"))(path)
    (tmp_path / "log.sqlite-wal").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"log\.sqlite is not finished: log\.sqlite-wal lies beside it"):
        read(path, OCEL)


def test_ocel_sqlite_writes_nothing(tmp_path: Path):
    path = tmp_path / "log.sqlite"
    sqlite(occurrence(1, "c1"))(path)
    before = path.read_bytes()
    read(path, OCEL)
    assert ([*tmp_path.iterdir()], path.read_bytes()) == ([path], before)


def test_proposed_mapping_of_an_event_log_reads_it(tmp_path: Path):
    path = write(tmp_path, log(trace(event(), event("Filiale", 3))), "log.xes")
    assert len(read(path, propose(path)).contacts) == 2


@pytest.mark.parametrize("kind", ["json", "sqlite"])
def test_proposed_mapping_says_which_objects_are_customers(tmp_path: Path, kind: str):
    path = tmp_path / f"log.{kind}"
    path.write_text(moved()) if kind == "json" else moved_sqlite(path)
    text = propose(path)
    assert 'object_type = "customer"  # the events also relate to: "order"\n' in text
    assert len(read(path, text).contacts) == 3


PAGE = (Path(__file__).parents[2] / "docs/how-to/read-an-event-log.md").read_text(encoding="utf-8")


def test_how_to_shows_an_event_log_that_its_mapping_reads(tmp_path: Path):
    (xml,), (xes, ocel_mapping) = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("xml", "toml"))
    (contact,) = read(write(tmp_path, xml, "log.xes"), xes).contacts
    assert (contact["customer_id"], contact["channel"], contact["unit"]) == ("10023", "Internet", "Service")
    assert len(read(write(tmp_path, moved(), "log.json"), ocel_mapping).contacts) == 3
