"""Event logs of the corpus: XES, OCEL 2.0 as JSON and SQLite, compressed texts; each with the one answer it gets."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from .corpus import Case, content

XES = """
[contacts]
customer_id = "case:concept:name"
occurred_at = "time:timestamp"
touchpoint = "concept:name"
"""
OCEL = """
[contacts]
object_type = "customer"
customer_id = "ocel:oid"
occurred_at = "ocel:timestamp"
touchpoint = "ocel:activity"
"""
CSV = """
[contacts]
timezone = "Europe/Berlin"
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
"""
TABLE = "customer,time,touchpoint\n" + "1,2026-03-02,Hotline\n" * 3


def event(name: str = "Hotline", day: int = 2, more: str = "") -> str:
    time = f'<date key="time:timestamp" value="2026-03-{day:02}T09:14:00.000+01:00"/>' if day else ""
    return f'<event><string key="concept:name" value="{name}"/>{time}{more}</event>'


def trace(*events: str, case: str = "10023") -> str:
    name = f'<string key="concept:name" value="{case}"/>' if case else ""
    return "\n".join(["<trace>", name, *events, "</trace>"])


def log(*traces: str, before: str = "", encoding: str = "UTF-8") -> str:
    """The first trace begins on line 3, its first event stands on line 5."""
    return "\n".join([f'<?xml version="1.0" encoding="{encoding}"?>{before}', "<log>", *traces, "</log>"])


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def packed(pack: Callable[[bytes], bytes], text: str, cut: int | None = None) -> Callable[[Path], None]:
    """What writes the compressed text, without its last bytes where `cut` is negative."""
    return content(pack(text.encode())[:cut])


def xes(name: str, text: str | Callable[[Path], None], file: str = "log.xes", **answer: object) -> Case:
    write = content(text) if isinstance(text, str) else text
    return Case(name=name, file=file, write=write, mapping=XES, **answer)  # type: ignore[arg-type]


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
BLOWUP = f'<!DOCTYPE log [<!ENTITY a "{"a" * 50_000}">]>'
EVENT_LOG = log(trace(event(), event("Filiale", 3)), trace(event("Brief", 4), case="10077"))

XES_CASES = [
    xes("xes_plain", EVENT_LOG, accepted=3),
    xes("gzip", packed(gzip.compress, EVENT_LOG), "log.xes.gz", accepted=3),
    xes("zstd", packed(zstd, EVENT_LOG), "log.xes.zst", accepted=3),
    xes("latin1_declared", content(log(trace(event("Büro")), encoding="ISO-8859-1"), "latin-1"), accepted=1),
    xes("utf16", content(log(trace(event("Büro")), encoding="UTF-16"), "utf-16"), accepted=1),
    xes("events_out_of_order", log(trace(event(day=5), event("Filiale", 3))), accepted=2),
    xes("no_timestamp", log(trace(event(), event(day=0))), accepted=1, refused=((6, "E-XES"),)),
    xes(
        "trace_without_id",
        log(trace(event(), event(), case=""), trace(event())),
        accepted=1,
        refused=((5, "E-XES"), (6, "E-XES")),
    ),
    xes("nested_attributes", log(trace(event(more='<list key="a"><string key="b" value="c"/></list>'))), accepted=1),
    xes("attribute_twice", log(trace(event(more='<string key="concept:name" value="x"/>'))), error="E-XES"),
    xes(
        "trace_attribute_behind", log(trace(event(), '<string key="concept:name" value="1"/>', case="")), error="E-XES"
    ),
    xes("event_outside_of_traces", log(trace(event()), event("Filiale", 3)), error="E-XES"),
    xes("trace_in_trace", log(trace(trace(event(), case="10077"))), error="E-XES"),
    xes("event_in_event", log(trace(event(more=event("Filiale", 3)))), error="E-XES"),
    xes("event_in_attribute", log(trace(event(more=f'<list key="a">{event("Filiale", 3)}</list>'))), error="E-XES"),
    xes("log_in_log", log("<log>", trace(event()), "</log>"), error="E-XES"),
    xes("billion_laughs", log(before=f'<!DOCTYPE log [<!ENTITY l0 "ha">{LAUGHS}]>'), error="E-XML"),
    xes("quadratic_blowup", log(trace(event("&a;" * 1000)), before=BLOWUP), error="E-XML"),
    xes(
        "external_entity_file",
        log(trace(event("&x;")), before='<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        error="E-XML",
    ),
    xes("external_dtd_http", log(before='<!DOCTYPE log SYSTEM "http://127.0.0.1/log.dtd">'), error="E-XML"),
    xes("undeclared_entity", log(trace(event("&x;"))), error="E-XML"),
    xes("xes_cut_off", EVENT_LOG[:-40], error="E-XML"),
    xes("200_deep", log(trace(event(more='<list key="a">' * 200 + "</list>" * 200))), error="E-XML"),
    xes("long_element", log(trace(event("a" * (3 << 20)))), error="E-XML"),
    xes("utf7_decl", log(trace(event()), encoding="UTF-7"), error="E-ENC"),
    xes("unknown_encoding", log(trace(event()), encoding="x-none"), error="E-ENC"),
    xes(
        "1M_attributes",
        log(trace(event(more="".join(f'<string key="a{i}" value=""/>' for i in range(1_000_000))))),
        error="E-XES",
    ),
    xes("no_event_log", '<?xml version="1.0"?><pnml/>', error="E-XES"),
    xes("truncated_gz", packed(gzip.compress, EVENT_LOG, -20), "log.xes.gz", error="E-DAMAGED"),
    xes("truncated_zst", packed(zstd, EVENT_LOG, -20), "log.xes.zst", error="E-DAMAGED"),
    xes("gz_bomb", packed(gzip.compress, log(" " * (40 << 20))), "log.xes.gz", error="E-SIZE"),
    xes("csv_named_xes", TABLE, error="E-TYPE"),
]

Json = dict[str, Any]


def occurrence(number: int, *objects: str, day: int = 2, **more: object) -> Json:
    """An event, related to objects."""
    related = [{"objectId": each, "qualifier": "of"} for each in objects]
    time = f"2026-03-{day:02}T09:14:00Z"
    return {"id": f"e{number}", "type": "Hotline", "time": time, "attributes": [], "relationships": related, **more}


def ocel(*events: Json, **more: object) -> Json:
    """Customers c1 and c2, order o1."""
    kinds = [
        {"name": "order", "attributes": []},
        {"name": "customer", "attributes": [{"name": "city", "type": "string"}]},
    ]
    objects = [{"id": id, "type": kind, "attributes": []} for id, kind in (("c1", "customer"), ("c2", "customer"))]
    objects += [{"id": "o1", "type": "order", "attributes": []}]
    types = [{"name": "Hotline", "attributes": [{"name": "cost", "type": "float"}]}]
    return {"eventTypes": types, "objectTypes": kinds, "events": list(events), "objects": objects, **more}


OCEL_LOG = ocel(occurrence(1, "c1", "o1"), occurrence(2, "c1", "c2", day=3))


def ocel_json(
    name: str, document: Json | str | Callable[[Path], None], file: str = "log.jsonocel", **answer: object
) -> Case:
    text = json.dumps(document, indent=1) if isinstance(document, dict) else document
    write = text if callable(text) else content(text)
    return Case(name=f"ocel_{name}", file=file, write=write, **{"mapping": OCEL, **answer})  # type: ignore[arg-type]


def with_cost(value: str) -> str:
    event = occurrence(1, "c1", attributes=[{"name": "cost", "value": "COST"}])
    return json.dumps(ocel(event)).replace('"COST"', value)


def lived(**at: str) -> Json:
    """The log, with a city of the first customer."""
    home = {"id": "c1", "type": "customer", "attributes": [{"name": "city", "value": "Bonn", **at}]}
    return OCEL_LOG | {"objects": [home, *OCEL_LOG["objects"][1:]]}


CITY = OCEL + 'segment = "object:city"\n'
TWICE = {"name": "cost", "value": 1}
WRONG_EVENTS: dict[str, Json] = {
    "value_is_a_list": {"attributes": [{"name": "cost", "value": []}]},
    "attribute_twice": {"attributes": [TWICE, TWICE]},
    "attributes_are_a_text": {"attributes": "cost"},
    "relation_without_object": {"relationships": [{}]},
    "qualifier_is_a_number": {"relationships": [{"objectId": "c1", "qualifier": 7}]},
}
ASKED = OCEL.replace('object_type = "customer"\n', "")
DANGLING = ocel(occurrence(1, "c1"), occurrence(2, "c9"))
JSON_CASES = [
    ocel_json("plain", OCEL_LOG, accepted=3),
    ocel_json("named_json", OCEL_LOG, "log.json", accepted=3),
    ocel_json("bom", "\ufeff" + json.dumps(OCEL_LOG), accepted=3),
    ocel_json("several_types", OCEL_LOG, mapping=ASKED, error="E-ASK", answer='object_type = "customer"'),
    ocel_json("unknown_type", OCEL_LOG, mapping=OCEL.replace('"customer"', '"client"'), error="E-OCEL"),
    ocel_json("events_of_nobody", ocel(occurrence(1, "c1"), occurrence(2, "o1")), accepted=1, warning="W-OCEL"),
    ocel_json("dangling_object", DANGLING, accepted=1, refused=((2, "E-OCEL"),)),
    ocel_json(
        "no_time", ocel(occurrence(1, "c1"), occurrence(2, "c1", time=None)), accepted=1, refused=((2, "E-OCEL"),)
    ),
    ocel_json(
        "number_as_id", ocel(occurrence(1, "c1"), occurrence(2, "c1", id=17)), accepted=1, refused=((2, "E-OCEL"),)
    ),
    ocel_json("object_twice", OCEL_LOG | {"objects": OCEL_LOG["objects"] * 2}, error="E-OCEL"),
    ocel_json("other_json", '{"a": [1, 2]}', error="E-OCEL"),
    ocel_json("list", "[[1]]", error="E-JSON"),
    ocel_json("depth_100000", '{"eventTypes": ' + "[" * 100_000 + "]" * 100_000 + "}", error="E-JSON"),
    ocel_json("int_5000_digits", with_cost("1" * 5000), error="E-JSON"),
    ocel_json("nan", with_cost("NaN"), error="E-JSON"),
    ocel_json("1e999", with_cost("1e999"), error="E-JSON"),
    ocel_json("duplicate_keys", with_cost('1, "value": 2'), error="E-JSON"),
    ocel_json("lone_surrogate", with_cost('"\\ud800"'), error="E-JSON"),
    ocel_json("key_twice", '{"events": [], "events": []}', error="E-JSON"),
    ocel_json("key_without_value", '{"events" []}', error="E-JSON"),
    ocel_json("something_behind", json.dumps(OCEL_LOG) + "{}", error="E-JSON"),
    ocel_json("no_utf8", content(json.dumps(OCEL_LOG)[:-1].encode() + b', "n": "\xfc"}'), error="E-ENC"),
    ocel_json("type_without_name", OCEL_LOG | {"objectTypes": [{}]}, error="E-OCEL"),
    ocel_json("object_without_id", OCEL_LOG | {"objects": [{"type": "customer"}]}, error="E-OCEL"),
    ocel_json("attribute_without_time", lived(), mapping=CITY, error="E-OCEL"),
    ocel_json("attribute_at_no_time", lived(time="May"), mapping=CITY, error="E-OCEL"),
    *(
        ocel_json(name, ocel(occurrence(1, "c1"), occurrence(2, **wrong)), accepted=1, refused=((2, "E-OCEL"),))
        for name, wrong in WRONG_EVENTS.items()
    ),
    ocel_json("cut_off", json.dumps(OCEL_LOG)[:-30], error="E-JSON"),
]


def sqlite(*events: Json, more: str = "") -> Callable[[Path], None]:
    """What writes the event log as the standard's tables, then runs more SQL."""
    log = ocel(*events)
    related = [(e["id"], r["objectId"], r["qualifier"]) for e in events for r in e["relationships"]]

    def write(path: Path) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.executescript(SCHEMA)
            database.executemany("INSERT INTO event VALUES (?, ?)", [(e["id"], e["type"]) for e in events])
            database.executemany("INSERT INTO event_Hotline VALUES (?, ?, 1.5)", [(e["id"], e["time"]) for e in events])
            database.executemany("INSERT INTO object VALUES (?, ?)", [(o["id"], o["type"]) for o in log["objects"]])
            database.executemany("INSERT INTO event_object VALUES (?, ?, ?)", related)
            database.executescript(more)

    return write


SCHEMA = """
CREATE TABLE event (ocel_id TEXT, ocel_type TEXT);
CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);
CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);
CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);
CREATE TABLE event_Hotline (ocel_id TEXT, ocel_time TEXT, cost REAL);
CREATE TABLE object_Customer (ocel_id TEXT, ocel_time TEXT, ocel_changed_field TEXT, city TEXT);
CREATE TABLE object_Order (ocel_id TEXT, ocel_time TEXT, ocel_changed_field TEXT);
INSERT INTO event_map_type VALUES ('Hotline', 'Hotline');
INSERT INTO object_map_type VALUES ('order', 'Order'), ('customer', 'Customer');
"""


def ocel_sqlite(name: str, write: Callable[[Path], None], mapping: str = OCEL, **answer: object) -> Case:
    return Case(name=f"sqlite_{name}", file="log.sqlite", write=write, mapping=mapping, **answer)  # type: ignore[arg-type]


def cut(write: Callable[[Path], None]) -> Callable[[Path], None]:
    """What writes the same without its last page."""

    def shorter(path: Path) -> None:
        write(path)
        path.write_bytes(path.read_bytes()[:-4096])

    return shorter


EVENTS = (occurrence(1, "c1", "o1"), occurrence(2, "c1", "c2", day=3))
VIEW = "ALTER TABLE event_Hotline RENAME TO x; CREATE VIEW event_Hotline AS SELECT ocel_id, ocel_time, cost FROM x"
FUNCTION = "ALTER TABLE event_Hotline ADD COLUMN big TEXT AS (hex(zeroblob(1000000)))"
SQLITE_CASES = [
    ocel_sqlite("plain", sqlite(*EVENTS), accepted=3),
    ocel_sqlite("several_types", sqlite(*EVENTS), ASKED, error="E-ASK", answer='object_type = "customer"'),
    ocel_sqlite("events_of_nobody", sqlite(*EVENTS, occurrence(3, "o1")), accepted=3, warning="W-OCEL"),
    ocel_sqlite("dangling_object", sqlite(*EVENTS, occurrence(3, "c9")), accepted=3, refused=((3, "E-OCEL"),)),
    ocel_sqlite(
        "unmapped_type",
        sqlite(*EVENTS, more="INSERT INTO event VALUES ('e3', 'Brief')"),
        accepted=3,
        refused=((3, "E-OCEL"),),
    ),
    ocel_sqlite(
        "event_twice",
        sqlite(*EVENTS, more="INSERT INTO event_Hotline VALUES ('e1', '2026-05-05', 2)"),
        accepted=2,
        refused=((1, "E-OCEL"),),
    ),
    ocel_sqlite("view", sqlite(*EVENTS, more=VIEW), error="E-OCEL"),
    ocel_sqlite("function", sqlite(*EVENTS, more=FUNCTION), error="E-DAMAGED"),
    ocel_sqlite("no_ocel", sqlite(*EVENTS, more="DROP TABLE event_object"), error="E-OCEL"),
    ocel_sqlite("cut_off", cut(sqlite(*EVENTS)), error="E-DAMAGED"),
    ocel_sqlite("blob", sqlite(*EVENTS, more="UPDATE event SET ocel_id = x'00ff'"), error="E-OCEL"),
]


def table(name: str, write: Callable[[Path], None], file: str, **answer: object) -> Case:
    return Case(name=f"table_{name}", file=file, write=write, mapping=CSV, **answer)  # type: ignore[arg-type]


PACKED_CASES = [
    table("gz", packed(gzip.compress, TABLE), "table.csv.gz", accepted=3),
    table("zst", packed(zstd, TABLE), "table.csv.zst", accepted=3),
    table("txt_zst", packed(zstd, TABLE), "table.txt.zst", accepted=3),
    table("truncated_zst", packed(zstd, TABLE * 100, -20), "table.csv.zst", error="E-DAMAGED"),
    table(
        "gz_bomb",
        packed(gzip.compress, TABLE + f"1,2026-03-02,{' ' * 100_000}x\n" * 400),
        "table.csv.gz",
        error="E-SIZE",
    ),
]

CASES = XES_CASES + JSON_CASES + SQLITE_CASES + PACKED_CASES
