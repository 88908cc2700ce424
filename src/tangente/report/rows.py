"""Rows of any columns: a table for a person at the terminal, CSV or JSON for a program."""

import csv
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TextIO

import pyarrow as pa
from rich.cells import cell_len, set_cell_size

from tangente.messages import visible
from tangente.sources.rejects import inert
from tangente.translation import Language

NULL = "NULL"
GAP = "  "
AS_IT_IS = (int, float, type(None))  # what CSV writes without a formula in it


def write_csv(reader: pa.RecordBatchReader, out: TextIO) -> None:
    """Every row; a null is an empty cell, and a spreadsheet runs no cell as a formula."""
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(map(inert, reader.schema.names))
    for row in rows(reader):
        lines.writerow(value if type(value) in AS_IT_IS else inert(text(value)) for value in row)


def write_json(reader: pa.RecordBatchReader, out: TextIO) -> None:
    """Every row as an object of one array, a row on a line."""
    names, before = reader.schema.names, "["
    for row in rows(reader):
        plain = dict(zip(names, map(_plain, row), strict=True))
        out.write(f"{before}\n{visible(json.dumps(plain, ensure_ascii=False, allow_nan=False))}")
        before = ","
    out.write("\n]\n" if before == "," else "[]\n")


def write_table(reader: pa.RecordBatchReader, out: TextIO, words: Language, *, most: int, width: int) -> None:
    """The first rows, and how many more there are; each row becomes a block where lines would be too long."""
    coming = rows(reader)
    cells = [[_cell(value) for value in row] for _, row in zip(range(most), coming, strict=False)]
    names = [_cell(name) for name in reader.schema.names]
    numeric = [_is_number(kind) for kind in reader.schema.types]
    widths = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    one_line = not any("\n" in cell for row in cells for cell in row)
    fits = one_line and sum(widths) + len(GAP) * (len(widths) - 1) <= width
    out.writelines(f"{line}\n" for line in (_grid(names, cells, widths, numeric) if fits else _blocks(names, cells)))
    out.flush()
    more = sum(1 for _ in coming)
    if more:
        out.write(words.ngettext("… %s more row", "… %s more rows", more) % words.number(more) + "\n")
    elif not cells:
        out.write(words.gettext("No rows.") + "\n")


def rows(reader: pa.RecordBatchReader) -> Iterator[tuple[Any, ...]]:
    """The rows as Python values; names may occur twice."""
    for batch in reader:
        yield from zip(*map(_values, batch.columns), strict=True)


def _values(column: pa.Array) -> list[Any]:
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError):  # moments that Python has no value for, such as infinity
        return list(column.cast(pa.string()).to_pylist())


def _grid(names: list[str], cells: list[list[str]], widths: list[int], numeric: list[bool]) -> Iterator[str]:
    for row in [names, ["─" * width for width in widths], *cells]:
        padded = (
            " " * (width - cell_len(cell)) + cell if right else set_cell_size(cell, width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        yield GAP.join(padded).rstrip()


def _blocks(names: list[str], cells: list[list[str]]) -> Iterator[str]:
    width = max(map(cell_len, names))
    for number, row in enumerate(cells, 1):
        yield f"── {number} ──"
        for name, cell in zip(names, row, strict=True):
            yield set_cell_size(name, width) + GAP + cell.replace("\n", "\n" + " " * width + GAP)


def _cell(value: object) -> str:
    return NULL if value is None else visible(text(value)).replace("\t", "\\t")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def text(value: object) -> str:
    """A value that is there, as a program reads it: times and intervals in ISO 8601, lists and structs as JSON."""
    if isinstance(value, str | Decimal):
        return str(value)
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _plain(value: object) -> Any:
    """What JSON can say of a value; what it has no word for, as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case pa.MonthDayNano(months, days, nanoseconds):
            return f"P{months}M{days}DT{nanoseconds / 1e9:g}S"
        case list() | tuple():
            return [_plain(one) for one in value]
        case bytes():
            return value.hex()
    return str(value)
