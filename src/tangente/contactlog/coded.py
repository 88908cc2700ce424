"""Rows whose names are dictionary-encoded, so that the log works on each distinct name once and on numbers otherwise."""

from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

PLAIN = frozenset({"contact_id", "rating_id", "response_id"})
"""Columns of texts of which nearly every row has another."""

NAMES = pa.dictionary(pa.int32(), pa.string())

Rows = TypeVar("Rows", pa.Table, pa.RecordBatch)


def is_name(field: pa.Field) -> bool:
    """Whether a column of the log holds names, of which many rows have the same."""
    return bool(pa.types.is_string(field.type)) and field.name not in PLAIN


def coded_schema(schema: pa.Schema) -> pa.Schema:
    """The schema of coded rows."""
    return pa.schema([field.with_type(NAMES) if is_name(field) else field for field in schema])


def coded(rows: pa.Table) -> pa.Table:
    """The rows with their names coded, each column in one piece."""
    for place, field in enumerate(rows.schema):
        if is_name(field):
            rows = rows.set_column(place, field.name, rows.column(place).dictionary_encode())
    return rows.unify_dictionaries().combine_chunks()


def compact(rows: Rows, *, most: int = 0) -> Rows:
    """Coded rows without the names that none of them has: nothing is to be stored of other rows.

    Up to `most` names of a column may stay, where the rows are stored for a while only.
    """
    for place, field in enumerate(rows.schema):
        if field.type == NAMES and len((column := whole(rows.column(place))).dictionary) > most:
            rows = rows.set_column(place, field, _compact(column))
    return rows


def _compact(column: pa.DictionaryArray) -> pa.DictionaryArray:
    if column.null_count == len(column):
        return pa.nulls(len(column), NAMES)
    indices = column.indices.drop_null().to_numpy()
    used = np.zeros(len(column.dictionary), bool)
    used[indices] = True
    if used.all():
        return column
    numbers = pa.array(np.cumsum(used, dtype=np.int32) - 1)
    return pa.DictionaryArray.from_arrays(numbers.take(column.indices), column.dictionary.filter(pa.array(used)))


def reordered(rows: pa.Table, order: NDArray[np.integer]) -> pa.Table:
    """All the rows in another order; a column in which nothing stands is the same in any."""
    places = pa.array(order)
    columns = [
        column if column.null_count == len(column) else pc.take(column, places, boundscheck=False)
        for column in rows.columns
    ]
    return pa.table(columns, rows.schema)


def with_schema(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of the schema, which have its types already, in its order and with what it notes of them."""
    return pa.Table.from_arrays([rows[name] for name in schema.names], schema=schema)


def with_name(rows: pa.Table, field: pa.Field, name: str) -> pa.Table:
    """Rows with one more column, in which all have the same name."""
    return rows.append_column(field.name, pa.DictionaryArray.from_arrays(np.zeros(len(rows), np.int32), [name]))


def each_its_own(names: pa.Array) -> pa.DictionaryArray:
    """Names without nulls as codes, where looking for equal ones is not worth it; those that came coded as they are."""
    if pa.types.is_dictionary(names.type):
        return names
    return pa.DictionaryArray.from_arrays(np.arange(len(names), dtype=np.int32), names)


def codes(names: pa.ChunkedArray) -> NDArray[np.int32]:
    """The codes of a coded column without nulls."""
    places: NDArray[np.int32] = whole(names).indices.to_numpy()
    return places


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece; one that is in one piece already is not copied."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
