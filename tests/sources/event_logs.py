"""The same contacts as a file of every kind, and a mapping that reads it."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.csv as arrow_csv

from .corpus_xes import SCHEMA
from .files import write_table


class Contact(NamedTuple):
    """What every kind of file can say of a contact."""

    customer: str
    time: str
    touchpoint: str
    cost: float | None


def mapping(customer: str, time: str, touchpoint: str, cost: str = "cost") -> str:
    names = f'customer_id = "{customer}"\noccurred_at = "{time}"\ntouchpoint = "{touchpoint}"\ncost = "{cost}"\n'
    return f'[contacts]\ndecimal = "."\ntimezone = "Europe/Berlin"\nobject_type = "customer"\n{names}'


TABLE = mapping(*Contact._fields)
XES = mapping("case:concept:name", "time:timestamp", "concept:name")
OCEL = mapping("ocel:oid", "ocel:timestamp", "ocel:activity")


def table(contacts: Sequence[Contact]) -> pa.Table:
    kinds = (pa.string(), pa.string(), pa.string(), pa.float64())
    columns = [pa.array(column, kind) for column, kind in zip(zip(*contacts, strict=True), kinds, strict=True)]
    return pa.table(columns, names=list(Contact._fields))


def write_csv(folder: Path, contacts: Sequence[Contact]) -> Path:
    costs = pa.array([None if each.cost is None else f"{each.cost:.7f}" for each in contacts], pa.string())
    arrow_csv.write_csv(table(contacts).set_column(3, "cost", costs), folder / "file.csv")
    return folder / "file.csv"


def write_xes(folder: Path, contacts: Sequence[Contact]) -> Path:
    def attribute(kind: str, key: str, value: object) -> str:
        return "" if value is None else f'<{kind} key="{key}" value={quoteattr(str(value))}/>'

    lines = ["<log>", f'<global scope="event">{attribute("float", "cost", 0)}</global>']
    for customer, events in groupby(sorted(contacts, key=lambda each: each.customer), lambda each: each.customer):
        lines += ["<trace>", attribute("string", "concept:name", customer)]
        for event in events:
            time, touchpoint = (
                attribute("date", "time:timestamp", event.time),
                attribute("string", "concept:name", event.touchpoint),
            )
            lines.append(f"<event>{time}{touchpoint}{attribute('float', 'cost', event.cost)}</event>")
        lines.append("</trace>")
    path = folder / "file.xes"
    path.write_text("\n".join([*lines, "</log>"]), encoding="utf-8")
    return path


def write_ocel_json(folder: Path, contacts: Sequence[Contact]) -> Path:
    cost = [{"name": "cost", "type": "float"}]
    document = {
        "objectTypes": [{"name": "order"}, {"name": "customer"}],
        "eventTypes": [{"name": name, "attributes": cost} for name in sorted({each.touchpoint for each in contacts})],
        "objects": [{"id": id, "type": "customer"} for id in sorted({each.customer for each in contacts})],
        "events": [
            {
                "id": str(i),
                "type": each.touchpoint,
                "time": each.time,
                "attributes": [{"name": "cost", "value": each.cost}],
                "relationships": [{"objectId": each.customer, "qualifier": "of"}],
            }
            for i, each in enumerate(contacts)
        ],
    }
    path = folder / "file.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def write_ocel_sqlite(folder: Path, contacts: Sequence[Contact]) -> Path:
    path = folder / "file.sqlite"
    path.unlink(missing_ok=True)
    types = {name: f"t{i}" for i, name in enumerate(sorted({each.touchpoint for each in contacts}))}
    customers = sorted({each.customer for each in contacts})
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(SCHEMA)
        database.execute("DELETE FROM event_map_type")
        database.executemany("INSERT INTO event_map_type VALUES (?, ?)", types.items())
        for name in types.values():
            database.execute(f"CREATE TABLE event_{name} (ocel_id TEXT, ocel_time TEXT, cost REAL)")
        database.executemany("INSERT INTO object VALUES (?, 'customer')", [(id,) for id in customers])
        for i, each in enumerate(contacts):
            database.execute("INSERT INTO event VALUES (?, ?)", (str(i), each.touchpoint))
            database.execute("INSERT INTO event_object VALUES (?, ?, 'of')", (str(i), each.customer))
            row = (str(i), each.time, each.cost)
            database.execute(f"INSERT INTO event_{types[each.touchpoint]} VALUES (?, ?, ?)", row)  # noqa: S608 our own
    return path


KINDS: dict[str, tuple[Callable[[Path, Sequence[Contact]], Path], str]] = {
    "CSV": (write_csv, TABLE),
    "Parquet": (lambda folder, contacts: write_table(folder, table(contacts), "parquet"), TABLE),
    "XLSX": (lambda folder, contacts: write_table(folder, table(contacts), "xlsx"), TABLE),
    "XES": (write_xes, XES),
    "OCEL JSON": (write_ocel_json, OCEL),
    "OCEL SQLite": (write_ocel_sqlite, OCEL),
}
