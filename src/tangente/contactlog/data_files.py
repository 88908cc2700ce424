"""Data files: rows as Parquet, with what Iceberg notes of them."""

import uuid
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
    schema_to_pyarrow,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.table import Table
from pyiceberg.types import StringType

from tangente.contactlog.coded import PLAIN, coded_schema, compact, is_name, with_schema

GROUP_LIMIT = "write.parquet.row-group-limit"
"""The property of a table that says how many rows a row group has."""


def write_data_file(table: Table, rows: pa.Table) -> DataFile:
    """Write coded rows of one bucket, in their order, as a data file of the table; a commit is to name it."""
    bucket = _bucket(table, rows["customer_id"][0].as_py())
    location = table.location_provider().new_data_location(f"{uuid.uuid4()}.parquet", bucket)
    output = table.io.new_output(location)
    with output.create() as stream, _writer(stream, _schema(table)) as writer:
        size = int(table.properties[GROUP_LIMIT])
        for first in range(0, rows.num_rows, size):
            writer.write_table(with_schema(compact(rows.slice(first, size)), writer.schema))
    statistics = data_file_statistics_from_parquet_metadata(
        writer.writer.metadata,
        compute_statistics_plan(table.schema(), table.properties),
        parquet_path_to_id_mapping(table.schema()),
    )
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=bucket.partition,
        file_size_in_bytes=len(output),
        sort_order_id=None,
        spec_id=table.spec().spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _schema(table: Table) -> pa.Schema:
    """The columns with Iceberg's numbers of them; where Iceberg says large texts they are texts, as in all our rows."""
    schema = schema_to_pyarrow(table.schema())
    return pa.schema([f.with_type(pa.string()) if pa.types.is_large_string(f.type) else f for f in schema])


def _bucket(table: Table, customer: str) -> PartitionKey:
    (field,) = table.spec().fields
    number = field.transform.transform(StringType())(customer)
    return PartitionKey([PartitionFieldValue(field, number)], table.spec(), table.schema())


def _writer(stream: Any, schema: pa.Schema) -> pq.ParquetWriter:
    """Only names are stored as a dictionary and codes; of other values nearly every row has another."""
    return pq.ParquetWriter(
        stream,
        coded_schema(schema),
        compression="zstd",
        use_dictionary=[field.name for field in schema if is_name(field)],
        write_statistics=[name for name in schema.names if name not in PLAIN],
        store_schema=False,  # which would say that names are to be read as codes
    )
