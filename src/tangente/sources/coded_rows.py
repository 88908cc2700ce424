"""Rows on their way from a child: of a column of few names each name goes once, and in each row its code."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tangente.contactlog.coded import NAMES, is_name
from tangente.contactlog.schema import TABLES
from tangente.sources.child_frames import LARGEST, BadFrame, is_compressed
from tangente.sources.parts import Table

FEW = 4
"""A column is coded if each of its names stands in so many rows on average."""

WIDEST = 8
"""Bytes of a value that stands for null."""

CODES, TEXTS = NAMES.index_type, pa.schema({"name": NAMES.value_type})


class Form(NamedTuple):
    """How the rows of a table go: the columns in which something stands, and how many names those have that are coded."""

    columns: list[str]
    names: dict[str, int]


class Coding:
    """Codes rows batch by batch; a column that had many names is not tried again."""

    def __init__(self) -> None:
        self._plain: set[tuple[Table, str]] = set()

    def sent(self, table: Table, rows: pa.RecordBatch) -> tuple[Form, Iterator[memoryview]]:
        """The form of the rows, and what is sent of them: all names, and the columns."""
        columns: dict[str, pa.Array] = {}
        names: dict[str, pa.Array] = {}
        for field, column in zip(rows.schema, rows.columns, strict=True):
            if column.null_count == len(column):
                continue
            columns[field.name] = column
            coded = column.dictionary_encode() if is_name(field) and (table, field.name) not in self._plain else None
            if coded and FEW * len(coded.dictionary) <= len(coded):
                columns[field.name], names[field.name] = coded.indices, coded.dictionary
            elif coded:
                self._plain.add((table, field.name))
        distinct = pa.concat_arrays([pa.array([], TEXTS.field(0).type), *names.values()])
        batches = pa.record_batch([distinct], TEXTS), pa.record_batch(columns)
        form = Form([*columns], {name: len(of_column) for name, of_column in names.items()})
        return form, (memoryview(batch.serialize()) for batch in batches)


def received(said: Any, names: bytearray, content: bytearray, table: Table, rows: int) -> pa.RecordBatch:
    """So many rows of the table, checked: Arrow itself takes what it reads on trust, which a child does not have."""
    sent, counts = said
    form, fields = Form(list(sent), dict(counts)), {field.name: field for field in TABLES[table]}
    if len(set(form.columns)) < len(form.columns):
        raise BadFrame("a column twice")
    if not all(is_name(fields[name]) for name in form.names):
        raise BadFrame("codes in a column that holds no names")
    if rows * WIDEST * (len(fields) - len(form.columns)) > LARGEST:
        raise BadFrame(f"{rows} empty rows")
    schema = pa.schema([(name, CODES if name in form.names else fields[name].type) for name in form.columns])
    held = _checked(content, schema)
    if len(held) != rows:
        raise BadFrame(f"{len(held)} rows instead of {rows}")
    columns = dict(zip(form.columns, held.columns, strict=True))
    columns |= _named(columns, form.names, _checked(names, TEXTS).column(0))
    kinds = {name: NAMES if is_name(field) else field.type for name, field in fields.items()}
    return pa.record_batch({name: columns[name] if name in columns else pa.nulls(rows, kinds[name]) for name in fields})


def _named(codes: dict[str, pa.Array], counts: dict[str, int], names: pa.Array) -> dict[str, pa.DictionaryArray]:
    if names.null_count or len(names) != sum(counts.values()) or min(counts.values(), default=1) < 1:
        raise BadFrame(f"{len(names)} names for {counts}")
    found, begin, size = {}, 0, 0
    for column, count in counts.items():
        of_column = names.slice(begin, count)
        found[column] = pa.DictionaryArray.from_arrays(_harmless(codes[column]), of_column)  # refuses other codes
        size += pc.sum(pc.binary_length(of_column).take(codes[column])).as_py() or 0
        begin += count
    if size > LARGEST:
        raise BadFrame(f"{size} bytes of names")
    return found


def _harmless(codes: pa.Array) -> pa.Array:
    """Codes with 0 where they are null: Arrow does not check these, but looks them up when it joins dictionaries."""
    if not codes.null_count:
        return codes
    return pa.array(codes.fill_null(0).to_numpy(), mask=codes.is_null().to_numpy(zero_copy_only=False))


def _checked(content: bytearray, schema: pa.Schema) -> pa.RecordBatch:
    message = pa.ipc.read_message(pa.py_buffer(content))
    if message.type != "record batch" or is_compressed(message.metadata.to_pybytes()):
        raise BadFrame("no plain rows")
    rows = pa.ipc.read_record_batch(message, schema)
    rows.validate(full=True)
    if rows.nbytes > len(content):
        raise BadFrame("columns that share their values")
    return rows
