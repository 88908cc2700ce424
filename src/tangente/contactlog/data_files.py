"""Data files: rows as Parquet, with what Iceberg notes of them."""

import uuid
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    StatisticsCollector,
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
    schema_to_pyarrow,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.table import Table
from pyiceberg.typedef import Record
from pyiceberg.types import StringType

from tangente.contactlog.coded import PLAIN, coded_schema, compact, is_name, with_schema

GROUP_LIMIT = "write.parquet.row-group-limit"
"""The property of a table that says how many rows a row group has."""

WRITE_BUFFER = 1 << 20
"""Parquet comes in thousands of small pieces; so many bytes are written and digested at once."""


PEOPLE = frozenset({"customer_id", "employee"})


def is_few(field: pa.Field) -> bool:
    """Whether a column holds names of which a file has so few that compressing them saves next to nothing."""
    return is_name(field) and field.name not in PEOPLE


class DataFileForm:
    """How the data files of a table are written, and what Iceberg notes of them; found once for many files."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.group_rows = int(table.properties[GROUP_LIMIT])

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns with Iceberg's numbers of them; where Iceberg says large texts they are texts, as in all our rows."""
        schema = schema_to_pyarrow(self.table.schema())
        return pa.schema([f.with_type(pa.string()) if pa.types.is_large_string(f.type) else f for f in schema])

    @cached_property
    def statistics(self) -> dict[int, StatisticsCollector]:
        """Of which columns Iceberg notes what."""
        return compute_statistics_plan(self.table.schema(), self.table.properties)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Iceberg's numbers of the columns."""
        return parquet_path_to_id_mapping(self.table.schema())

    def writer(self, stream: Any) -> pq.ParquetWriter:
        """Only names are stored as a dictionary and codes, whole numbers and times by what they differ from the one before.

        Of other values nearly every row has another. Compressed is what that makes smaller: pseudonyms, ids and fractions.
        """
        steps = [f.name for f in self.schema if pa.types.is_int64(f.type) or pa.types.is_timestamp(f.type)]
        return pq.ParquetWriter(
            stream,
            coded_schema(self.schema),
            compression={f.name: "none" if f.name in steps or is_few(f) else "zstd" for f in self.schema},
            use_dictionary=[field.name for field in self.schema if is_name(field)],
            column_encoding=dict.fromkeys(steps, "DELTA_BINARY_PACKED"),
            write_statistics=[name for name in self.schema.names if name not in PLAIN],
            store_schema=False,  # which would say that names are to be read as codes
            write_batch_size=self.group_rows,
        )


def write_data_file(form: DataFileForm, rows: pa.Table, number: int) -> DataFile:
    """Write coded rows of one bucket, in their order, as a data file; a commit is to name it.

    Its name begins with its number among those written together: in the order of names customers are in order, too.
    """
    table = form.table
    bucket = _bucket(table, rows["customer_id"][0].as_py())
    location = table.location_provider().new_data_location(f"{number:05d}-{uuid.uuid4()}.parquet", bucket)
    output = table.io.new_output(location)
    with (
        output.create() as stream,
        pa.output_stream(stream, buffer_size=WRITE_BUFFER) as buffered,
        form.writer(buffered) as writer,
    ):
        for first in range(0, rows.num_rows, form.group_rows):
            writer.write_table(with_schema(compact(rows.slice(first, form.group_rows)), writer.schema))
    return noted(form, location, bucket.partition, writer.writer.metadata, len(output))


def noted(form: DataFileForm, location: str, partition: Record, metadata: pq.FileMetaData, size: int) -> DataFile:
    """What Iceberg notes of a data file, given its bucket and Parquet's own metadata."""
    statistics = data_file_statistics_from_parquet_metadata(metadata, form.statistics, form.numbers)
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=partition,
        file_size_in_bytes=size,
        sort_order_id=None,
        spec_id=form.table.spec().spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _bucket(table: Table, customer: str) -> PartitionKey:
    (field,) = table.spec().fields
    number = field.transform.transform(StringType())(customer)
    return PartitionKey([PartitionFieldValue(field, number)], table.spec(), table.schema())
