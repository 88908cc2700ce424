"""Opens a file by its kind: its content decides, and its name must not say otherwise."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.csv_file import CsvFile
from tangente.sources.ocel_json import open_ocel_json
from tangente.sources.ocel_sqlite import open_ocel_sqlite
from tangente.sources.parquet_file import ParquetFile
from tangente.sources.parts import Settings
from tangente.sources.records import TableFile
from tangente.sources.unpacked import PACKED, open_unpacked
from tangente.sources.xes_file import XesFile
from tangente.sources.xlsx_file import XlsxFile

KINDS: dict[str, Callable[[Path, Settings], TableFile]] = {
    "CSV": CsvFile,
    "Parquet": ParquetFile,
    "XLSX": XlsxFile,
    "XML": XesFile,
    "JSON": open_ocel_json,
    "SQLite": open_ocel_sqlite,
}
TEXTS = {".csv": "CSV", ".txt": "CSV", ".tsv": "CSV", ".xes": "XML", ".json": "JSON", ".jsonocel": "JSON"}
"""Kinds that are texts, which may be compressed."""
OTHERS = {".parquet": "Parquet", ".xlsx": "XLSX", ".sqlite": "SQLite", ".sqliteocel": "SQLite"}
ENDINGS = {ending + packed: kind for ending, kind in TEXTS.items() for packed in ("", *PACKED)} | OTHERS
SIGNATURES = {
    "Parquet": re.compile(rb"PAR1"),
    "XLSX": re.compile(rb"PK\x03\x04"),
    "SQLite": re.compile(rb"SQLite format 3\0"),
    "HTML": re.compile(rb"\s*<(?:html|!doctype html)", re.IGNORECASE),
    "XML": re.compile(rb"\s*<(?:\?xml|!DOCTYPE|!--|log\b)"),
    "JSON": re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\"\[\]{])"),
}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""Begins XLS files, and XLSX files under a password."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
START = 1 << 12


def file_kind(path: Path) -> str:
    """What the file holds: one of KINDS."""
    if not path.exists():
        raise SourceError(Message("E-FILE", "there is no file {file}", file=str(path)))
    if not path.is_file():
        raise SourceError(Message("E-FILE", "{file} is not a file", file=str(path)))
    named = next((kind for ending, kind in ENDINGS.items() if path.name.lower().endswith(ending)), None)
    if named is None:
        raise SourceError(
            Message(
                "E-TYPE",
                "{file} is of no kind that Tangente reads; it reads {texts}, each also with {packed} behind, and {others}",
                file=path.name,
                texts=list(TEXTS),
                packed=list(PACKED),
                others=list(OTHERS),
            )
        )
    found = _content(path)
    if found != named:
        raise SourceError(
            Message(
                "E-TYPE",
                "{file} is not what its name says: its content looks like {kind}; export it again",
                file=path.name,
                kind=found,
            )
        )
    return found


def _content(path: Path) -> str:
    with open_unpacked(path) as stream:
        start = stream.read(START)
    if not start:
        raise SourceError(
            Message("E-EMPTY", "{file} is empty; it needs a row of column names and rows below it", file=path.name)
        )
    if start.startswith(OLD_OFFICE):
        raise SourceError(_old_office(path, start))
    if start.startswith(UTF16):
        start = start[2:].replace(b"\0", b"")
    start = start.removeprefix(codecs.BOM_UTF8)
    return next((kind for kind, signature in SIGNATURES.items() if signature.match(start)), "CSV")


def _old_office(path: Path, start: bytes) -> Message:
    """Whether it is under a password stands in the folder of the file, in the sector that its first bytes name."""
    sector, size = int.from_bytes(start[48:52], "little"), 1 << min(int.from_bytes(start[30:32], "little"), 12)
    with path.open("rb") as file:
        file.seek((sector + 1) * size)
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in file.read(START)
    if is_encrypted:
        return Message("E-PASS", "{file} is protected by a password; save it as XLSX without one", file=path.name)
    return Message("E-TYPE", "{file} is an old Excel file (XLS); save it as XLSX", file=path.name)


def open_table(path: Path, settings: Settings) -> TableFile:
    return KINDS[file_kind(path)](path, settings)
