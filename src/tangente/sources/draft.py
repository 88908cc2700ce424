"""Rows of the log in the making: a row is complete and within its limits, or refused for the first thing wrong with it."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tangente.contactlog.schema import TABLES
from tangente.messages import Message
from tangente.sources.cells import Cells
from tangente.sources.parsed import Mask, as_mask
from tangente.sources.parts import WORDS, Field, LogRow
from tangente.sources.records import Places

NEEDED = {"contacts": ("customer_id", "occurred_at", "touchpoint"), "ratings": ("occurred_at", "metric")}


class Fault(NamedTuple):
    """Why a row is refused; `place` is where it stands among the records."""

    place: int
    column: str
    value: str
    reason: Message


class Draft:
    """Rows of one table, one for each of some records; `places` says which, where it is not all."""

    def __init__(self, row: LogRow, cells: Cells, places: Places | None = None) -> None:
        self.row, self.cells, self.schema = row, cells, TABLES[row.table]
        self.places = np.arange(len(cells)) if places is None else places
        self.columns: dict[str, pa.Array] = {}
        self.refused = np.zeros(len(cells), bool)
        self.faults: list[Fault] = []

    @property
    def kept(self) -> Mask:
        return ~self.refused

    def read(self, name: str) -> pa.Array:
        """Fill a column, all null if it is not mapped."""
        field = self.row.fields.get(name)
        if field is None:
            self.columns[name] = pa.nulls(len(self.cells), self.schema.field(name).type)
            return self.columns[name]
        parsed = self.cells.parsed(name, field)
        for wrong, reason in parsed.problems:
            self.refuse(wrong, name, reason)
        self.columns[name] = parsed.values
        self._check(name, parsed.values)
        return parsed.values

    def _check(self, name: str, values: pa.Array) -> None:
        if name in NEEDED[self.row.table]:
            self.refuse_empty(name)
        if name in WORDS:
            strange = as_mask(pc.invert(pc.is_in(values, pa.array([*WORDS[name], None]))))
            text = Message(
                "E-WORD", "allowed are {words}; translate by values = … in the mapping", words=list(WORDS[name])
            )
            self.refuse(strange, name, text)

    def refuse_empty(self, name: str) -> None:
        reason = Message("E-BLANK", "empty; every row of {table} needs its {name}", table=self.row.table, name=name)
        self.refuse(as_mask(pc.is_null(self.columns[name])), name, reason)

    def refuse(self, wrong: Mask, name: str, reason: Message) -> None:
        new = wrong & ~self.refused
        if not new.any():
            return
        self.refused |= new
        field = self.row.fields.get(name, Field())
        values = self.cells.raw(field) if field.columns else pa.nulls(len(self.cells), pa.string())
        for i in np.flatnonzero(new).tolist():
            self.faults.append(Fault(int(self.places[i]), field.heading, values[i].as_py() or "", reason))


def contact_rows(row: LogRow, cells: Cells) -> Draft:
    """One contact for each record."""
    draft = Draft(row, cells)
    for name in draft.schema.names:
        draft.read(name)
    if "sequence" in row.fields:
        draft.refuse_empty("sequence")
    else:
        draft.columns["sequence"] = pa.array(cells.records.numbers, pa.int64())
    return draft
