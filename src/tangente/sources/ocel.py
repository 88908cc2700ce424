"""OCEL 2.0: events related to objects of several types, as a table with a row per event and object of one type."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources import headings
from tangente.sources.cell_texts import column_of_cells
from tangente.sources.parts import Settings
from tangente.sources.records import Records, Unreadable

ROWS = 1 << 14
OF_EVENT = ("ocel:eid", "ocel:activity", "ocel:timestamp")
OF_RELATION = ("ocel:oid", "ocel:type", "ocel:qualifier")
OBJECT = "object:"

Cells = Mapping[str, str | None]
Moment = datetime


class Event(NamedTuple):
    """One event; `related` has objects with their qualifiers. `fault` says why it cannot be used."""

    number: int
    id: str
    activity: str | None
    time: str | None
    attributes: Cells
    related: Sequence[tuple[str, str | None]]
    fault: Message | None = None


class Change(NamedTuple):
    """Values that an object has from a time on."""

    id: str
    time: str | None
    values: Cells


class OcelLog(Protocol):
    """What a format says: attributes of events, object types with theirs, then events, objects and their changes."""

    @property
    def event_attributes(self) -> Sequence[str]: ...

    @property
    def object_types(self) -> Mapping[str, Sequence[str]]: ...

    def objects(self) -> Iterator[tuple[str, str]]:
        """Id and type of each."""
        ...

    def changes(self, kind: str) -> Iterator[Change]:
        """Of the objects of one type."""
        ...

    def events(self) -> Iterator[Event]: ...


class OcelTable:
    """The events of one type of objects; a row's line is the number of its event."""

    def __init__(self, path: Path, settings: Settings, log: OcelLog, *, rows: int = ROWS) -> None:
        self.path, self.log, self.rows = path, log, rows
        self.warnings: list[Message] = []
        self.kind = _kind(path, settings, list(log.object_types))
        of_object = [OBJECT + name for name in log.object_types[self.kind]]
        self.headers = [*dict.fromkeys((*OF_EVENT, *log.event_attributes, *OF_RELATION, *of_object))]

    def records(self, columns: Sequence[str]) -> Iterator[Records]:
        self.warnings.clear()
        objects = self._objects()
        asked = [name for name in columns if name.startswith(OBJECT) and name not in self.log.event_attributes]
        values = _Values(self.path, self.log.changes(self.kind) if asked else (), asked)
        rows, events, alone = _Rows(columns), 0, 0
        for event in self.log.events():
            events += 1
            fault = event.fault or _dangling(event, objects)
            related = _united(event, objects)
            if fault:
                rows.unreadable.append(Unreadable(event.number, event.id, fault))
            elif not related:
                alone += 1
            for id, qualifier in related if not fault else ():
                of_relation = {"ocel:oid": id, "ocel:type": self.kind, "ocel:qualifier": qualifier}
                rows.add(event, of_relation | values.at(id, event.time))
            if len(rows.numbers) >= self.rows:
                yield rows.taken()
        if alone:
            self.warnings.append(self._left_out(alone, events))
        yield rows.taken()

    def _objects(self) -> dict[str, bool]:
        """Whether an object is of the type that is asked for, by its id."""
        found: dict[str, bool] = {}
        for id, kind in self.log.objects():
            if id in found:
                raise SourceError(
                    Message("E-OCEL", "{file} has the object {object} twice", file=self.path.name, object=id)
                )
            found[id] = kind == self.kind
        return found

    def _left_out(self, alone: int, events: int) -> Message:
        return Message(
            "W-OCEL",
            "{file}: {alone:,} of {events:,} events relate to no object of the type '{kind}'; they are left out",
            file=self.path.name,
            alone=alone,
            events=events,
            kind=self.kind,
        )


def _kind(path: Path, settings: Settings, kinds: Sequence[str]) -> str:
    """The type of the objects that are the customers."""
    kind = settings.object_type
    if kind is not None and kind in kinds:
        return kind
    if kind is not None or not kinds:
        raise SourceError(
            Message(
                "E-OCEL",
                "{file} has no objects of the type '{kind}'; its types are {kinds}",
                file=path.name,
                kind=kind or "",
                kinds=list(kinds),
            )
        )
    if len(kinds) == 1:
        return kinds[0]
    likely = likely_customer(kinds) or kinds[0]
    raise SourceError(
        Message(
            "E-ASK",
            "{file} relates events to objects of the types {kinds}; say which of them is the customer, "
            "by {line} in the mapping",
            file=path.name,
            kinds=list(kinds),
            line=f'object_type = "{likely}"',
        )
    )


def likely_customer(kinds: Sequence[str]) -> str | None:
    """The type of objects that is named like customers are."""
    return headings.find(headings.CONTACTS["customer_id"], kinds)


def _dangling(event: Event, objects: Mapping[str, bool]) -> Message | None:
    for id, _ in event.related:
        if id not in objects:
            return Message(
                "E-OCEL", "the event relates to the object {object}, which the file does not have", object=id
            )
    return None


def _united(event: Event, objects: Mapping[str, bool]) -> list[tuple[str, str | None]]:
    """Its objects of the type that is asked for, each once, with its qualifiers in one text."""
    qualifiers: dict[str, dict[str, None]] = {}
    for id, qualifier in event.related:
        if objects.get(id):
            qualifiers.setdefault(id, {}).update({qualifier: None} if qualifier else {})
    return [(id, ", ".join(said) or None) for id, said in qualifiers.items()]


class _Rows:
    """The rows that are not taken yet."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self._clear()

    def _clear(self) -> None:
        self.cells: dict[str, list[str | None]] = {name: [] for name in self.columns}
        self.numbers: list[int] = []
        self.unreadable: list[Unreadable] = []

    def add(self, event: Event, others: Cells) -> None:
        said = {
            **others,
            **event.attributes,
            **dict(zip(OF_EVENT, (event.id, event.activity, event.time), strict=True)),
        }
        self.numbers.append(event.number)
        for name, cells in self.cells.items():
            cells.append(said.get(name))

    def taken(self) -> Records:
        numbers = np.array(self.numbers, np.int64)
        columns = {name: column_of_cells(cells) for name, cells in self.cells.items()}
        records = Records(columns=columns, lines=numbers, numbers=numbers, unreadable=self.unreadable)
        self._clear()
        return records


class _Values:
    """What the attributes of the objects were at a time: as their last change until then says."""

    def __init__(self, path: Path, changes: Iterator[Change] | tuple[()], asked: Sequence[str]) -> None:
        self.asked = asked
        self._histories: dict[str, dict[str, list[tuple[Moment, str | None]]]] = {}
        for change in changes:
            moment = _moment(change.time)
            if moment is None:
                raise SourceError(
                    Message(
                        "E-OCEL",
                        "{file}: an attribute of the object {object} has the time '{time}', which is none",
                        file=path.name,
                        object=change.id,
                        time=change.time or "",
                    )
                )
            history = self._histories.setdefault(change.id, {})
            for name, value in change.values.items():
                history.setdefault(OBJECT + name, []).append((moment, value))
        for history in self._histories.values():
            for values in history.values():
                values.sort(key=_first)

    def at(self, id: str, time: str | None) -> dict[str, str | None]:
        moment, history = _moment(time) if self.asked else None, self._histories.get(id, {})
        if moment is None:
            return {}
        return {name: _last(history.get(name, ()), moment) for name in self.asked}


def _first(value: tuple[Moment, str | None]) -> Moment:
    return value[0]


def _last(values: Sequence[tuple[Moment, str | None]], moment: Moment) -> str | None:
    known = bisect_right(values, moment, key=_first)
    return values[known - 1][1] if known else None


def _moment(time: str | None) -> Moment | None:
    """Times without offset are compared as if they were in UTC: a file writes all of them in one way."""
    try:
        moment = datetime.fromisoformat(time or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
