"""Search every file below a folder for words, raw and decoded: whatever is found anywhere is found here."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.avro.file import AvroFile
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.typedef import Record

DIGITS = re.compile("([0-9a-f]{16}){1,2}")
DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def traces(folder: Path, words: Iterable[str]) -> set[tuple[str, str]]:
    """Where each word stands: pairs of the word and what kind of place it stands in."""
    found = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        for place, value in _places(path):
            found |= {(word, place) for word in words if any(form in value for form in _forms(word))}
    return found


def _forms(word: str) -> Iterator[bytes]:
    """As text; a pseudonym, or the beginning of one, also as the bytes its digits stand for."""
    yield word.encode()
    if DIGITS.fullmatch(word):
        yield bytes.fromhex(word)


def _places(path: Path) -> Iterator[tuple[str, bytes]]:
    yield "names of files", str(path).encode()
    yield "raw bytes", path.read_bytes()
    for decode in {".parquet": (_values, _dictionaries, _footer), ".db": (_sqlite,)}.get(path.suffix, ()):
        yield from decode(path)
    for suffix, decode in ((".avro", _avro), (".json", _json), (".arrow", _mapped), (".arrows", _stream)):
        if path.suffix == suffix:
            yield from decode(path)
    if path.name.startswith("codes"):
        yield "codes", _text(json.loads(path.read_text().partition("\n")[2]))


def _text(value: Any) -> bytes:
    """All that is in a value, however deep: keys, texts and bytes."""
    if isinstance(value, bytes):
        return value + b"\n"
    if isinstance(value, dict):
        return b"".join(_text(key) + _text(one) for key, one in value.items())
    if isinstance(value, list | tuple | set):
        return b"".join(map(_text, value))
    if isinstance(value, Record):
        return _text([value[place] for place in range(len(value))])
    return f"{value}\n".encode()


def _values(path: Path) -> Iterator[tuple[str, bytes]]:
    yield "Parquet values", _text(pq.ParquetFile(path).read().to_pylist())


def _dictionaries(path: Path) -> Iterator[tuple[str, bytes]]:
    """The dictionary pages, with values that no row has any more."""
    texts = [field.name for field in pq.read_schema(path) if field.type in (pa.string(), DICTIONARY)]
    for column in pq.ParquetFile(path, read_dictionary=texts).read(texts).columns:
        for chunk in column.chunks:
            yield "Parquet dictionaries", _text(chunk.dictionary.to_pylist())


def _footer(path: Path) -> Iterator[tuple[str, bytes]]:
    footer = pq.read_metadata(path)
    yield "Parquet footers", _text(footer.metadata or {})
    for group in range(footer.num_row_groups):
        for column in range(footer.num_columns):
            statistics = footer.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max:
                yield "Parquet statistics", _text([statistics.min, statistics.max])


def _avro(path: Path) -> Iterator[tuple[str, bytes]]:
    with AvroFile[Record](PyArrowFileIO().new_input(str(path))) as records:
        yield "Avro headers", _text(records.header.meta)
        yield "Avro records", _text(list(records))


def _json(path: Path) -> Iterator[tuple[str, bytes]]:
    content = json.loads(path.read_text())
    yield "JSON", _text(content)
    properties = content.get("properties", {})
    yield "facts of imports", _text([json.loads(value) for value in properties.values() if value.startswith("{")])


def _mapped(path: Path) -> Iterator[tuple[str, bytes]]:
    with pa.ipc.open_file(str(path)) as file:
        yield "mapped columns", _text(file.read_all().to_pydict())


def _stream(path: Path) -> Iterator[tuple[str, bytes]]:
    with pa.OSFile(str(path)) as file:
        while file.tell() < file.size():  # one stream behind the other
            with pa.ipc.open_stream(file) as stream:
                yield "rows of imports", _text(stream.read_all().to_pylist())


def _sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(path) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            yield "SQLite tables", _text(connection.execute(f"select * from {table}").fetchall())  # noqa: S608
    connection.close()
