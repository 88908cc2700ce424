"""Data files written anew without some of their rows, slice by slice."""

from collections.abc import Callable, Iterable
from typing import cast

import pyarrow as pa
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.types import StringType

from tangente.contactlog.data_files import DataFileForm
from tangente.contactlog.files import SyncedFileIO
from tangente.contactlog.schema import RECORD
from tangente.contactlog.slices import DataFileWriter, read_slice, slices

Keep = Callable[[pa.Table], pa.Table]
"""The rows that stay, of some rows."""


def rewritten(table: Table, files: Iterable[DataFile], keep: Keep) -> list[DataFile]:
    """New data files with what stays of the rows of some files of one bucket. Raises: RecordError if one is damaged."""
    files = list(files)
    paths, schema = [file.file_path for file in files], RECORD[table.name()[-1]]
    cast(SyncedFileIO, table.io).check(paths)
    writer = DataFileWriter(DataFileForm(table))
    for part in slices(sum(file.record_count for file in files)):
        writer.add(keep(read_slice(paths, part, schema)))
    return writer.close()


def span_of(table: Table, file: DataFile, column: str) -> tuple[str, str]:
    """The first and the last value of a text column in a data file, as the metadata have it."""
    number = table.schema().find_field(column).field_id
    low, high = (from_bytes(StringType(), bounds[number]) for bounds in (file.lower_bounds, file.upper_bounds))
    return low, high
