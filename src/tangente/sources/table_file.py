"""Opens a file by its kind: its content decides, and its name must not say otherwise."""

from collections.abc import Callable
from pathlib import Path

from tangente.errors import SourceError
from tangente.sources.csv_file import CsvFile
from tangente.sources.csv_lines import GZIP
from tangente.sources.parquet_file import ParquetFile
from tangente.sources.parts import Settings
from tangente.sources.records import TableFile
from tangente.sources.xlsx_file import XlsxFile

KINDS: dict[str, Callable[[Path, Settings], TableFile]] = {"CSV": CsvFile, "Parquet": ParquetFile, "XLSX": XlsxFile}
ENDINGS = {
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "CSV",
    ".csv.gz": "CSV",
    ".txt.gz": "CSV",
    ".parquet": "Parquet",
    ".xlsx": "XLSX",
}
SIGNATURES = {b"PAR1": "Parquet", b"PK\x03\x04": "XLSX", GZIP: "CSV"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def file_kind(path: Path) -> str:
    """CSV, Parquet or XLSX."""
    if not path.exists():
        raise SourceError(f"there is no file {path}")
    if not path.is_file():
        raise SourceError(f"{path} is not a file")
    named = next((kind for ending, kind in ENDINGS.items() if path.name.lower().endswith(ending)), None)
    if named is None:
        raise SourceError(f"{path.name} is of no kind that Tangente reads; it reads {', '.join(ENDINGS)}")
    found = _content(path)
    if found != named:
        raise SourceError(f"{path.name} is not what its name says: its content looks like {found}; export it again")
    return found


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}") from error
    if not start:
        raise SourceError(f"{path.name} is empty; it needs a row of column names and rows below it")
    if start == OLD_OFFICE:
        raise SourceError(f"{path.name} is an old Excel file or protected by a password; save it as XLSX without one")
    return next((kind for signature, kind in SIGNATURES.items() if start.startswith(signature)), "CSV")


def open_table(path: Path, settings: Settings) -> TableFile:
    return KINDS[file_kind(path)](path, settings)
