"""Parquet files that carry what the warehouse says about a table and each of its columns."""

import base64
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.duckdb_engine import sql_literal


def write_parquet(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, path: Path, *, is_sorted: bool = False
) -> None:
    """Write a commented table or view.

    Readers that know Arrow (pyarrow, polars, pandas) find the descriptions as metadata of the table and its fields.

    Args:
        connection: Its current database holds the table.
        schema: Of the table.
        name: Of the table.
        path: The file.
        is_sorted: By all columns, so that two files are alike.
    """
    order = " order by all" if is_sorted else ""
    options = f"format parquet, compression zstd, kv_metadata {_metadata(connection, schema, name)}"
    # Names of the catalog.
    connection.execute(f'copy (select * from {schema}."{name}"{order}) to {sql_literal(path)} ({options})')  # noqa: S608


def _metadata(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> str:
    place = [schema, name]
    comments = dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() "
            "where database_name = current_database() and schema_name = $1 and table_name = $2",
            place,
        ).fetchall()
    )
    about = connection.execute(
        "select comment from duckdb_tables() "
        "where database_name = current_database() and schema_name = $1 and table_name = $2 union all "
        "select comment from duckdb_views() "
        "where database_name = current_database() and schema_name = $1 and view_name = $2",
        place,
    ).fetchall()
    shape = connection.sql(f'select * from {schema}."{name}" limit 0').to_arrow_table().schema  # noqa: S608  # catalog
    fields = [field.with_metadata({"description": comments[field.name] or ""}) for field in shape]
    description = (about[0][0] if about else None) or ""
    arrow = base64.b64encode(pa.schema(fields, {"description": description}).serialize().to_pybytes()).decode()
    return f"{{'ARROW:schema': {sql_literal(arrow)}, 'description': {sql_literal(description)}}}"
