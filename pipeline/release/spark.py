"""Write, audit, publish on Spark: releases stand in schemas of their own, and readers see them through views.

A failed build can lose a working table (on Parquet dbt-spark drops before it creates), never a published one.
"""

import re
from collections.abc import Iterator
from typing import Any

import duckdb

from pipeline.release.manifest import Manifest
from pipeline.release.switch import list_releases
from pipeline.state import durable
from warehouse import contract
from warehouse.duckdb_engine import connect_file
from warehouse.errors import DataError
from warehouse.settings import Settings
from warehouse.spark.engine import SparkEngine

# Names come from the contract, from dbt's own SQL and from release ids, so composing SQL with them is safe.
# ruff: noqa: S608


def export(settings: Settings) -> None:
    """Copy the public tables from Spark into the DuckDB file from which a release is made.

    Args:
        settings: Where the file stands; an older one is replaced.

    Raises:
        WarehouseError: Spark does not answer.
    """
    file = settings.warehouse_file
    durable.remove(file)
    durable.remove(file.with_name(file.name + ".wal"))
    with SparkEngine.open(settings) as engine, connect_file(file, settings) as connection:
        views = _views(engine, settings)
        for schema in contract.public_schemas():
            connection.execute(f"create schema {schema}")
        for name in contract.public_tables():
            if name not in views:
                _copy(engine, connection, name)
        for sql in views.values():
            connection.execute(sql)


def copy(settings: Settings, manifest: Manifest) -> None:
    """Copy the public tables into the schemas of a staged release, unseen by readers until `switch`.

    Args:
        settings: Where Spark is.
        manifest: Of a complete release folder, made from the same working tables.

    Raises:
        DataError: A copy has another number of rows than the release folder.
        WarehouseError: Spark does not answer.
    """
    release_id = manifest.release_id
    with SparkEngine.open(settings) as engine:
        views = _views(engine, settings)
        for schema in contract.public_schemas():
            engine.execute(f"create schema if not exists {_release_schema(release_id, schema)}")
        for name in contract.public_tables():
            if name not in views:
                relation = contract.relation(name)
                engine.execute(f"create table {_released(release_id, relation)} as select * from {relation}")
        for sql in views.values():
            engine.execute(_in_release(sql, release_id))
        for name, expected in manifest.tables.items():
            relation = contract.relation(name)
            found = engine.count(_released(release_id, relation))
            if found != expected["row_count"]:
                raise DataError(f"{relation} has {found} rows on Spark, {expected['row_count']} in the release.")


def switch(settings: Settings, release_id: str) -> None:
    """Point the readers' views at a release; each view switches at once, all of them within moments.

    Args:
        settings: Where Spark is.
        release_id: A release that `copy` has made; switching to the current one again repairs a broken switch.

    Raises:
        WarehouseError: Spark does not answer.
    """
    with SparkEngine.open(settings) as engine:
        for schema in contract.public_schemas():
            published = published_schema(schema)
            engine.execute(f"create schema if not exists {published}")
            released = _release_schema(release_id, schema)
            wanted = engine.relations_in(released)
            for name in sorted(wanted):
                engine.execute(f"create or replace view {published}.{name} as select * from {released}.{name}")
            for name in engine.relations_in(published) - wanted:
                engine.execute(f"drop view {published}.{name}")


def retire(settings: Settings) -> None:
    """Drop the schemas of releases that are no longer kept, and of releases that never became one."""
    kept = {_release_schema(release_id, schema) for release_id in list_releases(settings) for schema in _schemas()}
    # Those of other environments, with another prefix on the same Spark, do not match.
    pattern = re.compile(rf"release_(?:\d+_)?\d+t\d+z_[0-9a-f]+_({'|'.join(_schemas())})")
    with SparkEngine.open(settings) as engine:
        for schema in engine.schemas():
            if pattern.fullmatch(schema) and schema not in kept:
                engine.execute(f"drop schema if exists {schema} cascade")


def clear(settings: Settings) -> None:
    """Drop the working schemas, whatever a broken run has left in them; no reader looks there.

    A write that was cut short leaves a folder that Spark refuses to write a table to (Spark 4.3).
    """
    with SparkEngine.open(settings) as engine:
        for schema in contract.working_schemas():
            engine.execute(f"drop schema if exists {schema} cascade")


def published_schema(schema: str) -> str:
    """The schema in which readers on Spark find what `schema` holds."""
    return f"published_{schema}"


def _schemas() -> list[str]:
    return contract.public_schemas()


def _release_schema(release_id: str, schema: str) -> str:
    return f"release_{re.sub('[^a-z0-9]', '_', release_id.lower())}_{schema}"


def _released(release_id: str, relation: str) -> str:
    schema, name = relation.split(".")
    return f"{_release_schema(release_id, schema)}.{name}"


def _in_release(sql: str, release_id: str) -> str:
    schemas = "|".join(_schemas())
    return re.sub(rf"\b({schemas})\.(?=\w)", lambda found: f"{_release_schema(release_id, found[1])}.", sql)


def _views(engine: SparkEngine, settings: Settings) -> dict[str, str]:
    """The public views, with the SQL that dbt has compiled for them: one text for Spark and for DuckDB."""
    compiled = settings.home / "dbt" / "target" / "compiled"
    views = {}
    for name in contract.public_tables():
        relation = contract.relation(name)
        if relation in engine.views(relation.split(".")[0]):
            (file,) = compiled.glob(f"*/models/**/{name}.sql")
            views[name] = f"create view {relation} as\n{file.read_text(encoding='utf-8')}"
    return views


def _copy(engine: SparkEngine, connection: duckdb.DuckDBPyConnection, name: str) -> None:
    relation = contract.relation(name)
    columns = ", ".join(f'"{column.name}" {column.data_type}' for column in contract.columns(name))
    connection.execute(f"create table {relation} ({columns})")
    for rows in _parts(engine, relation):
        connection.register("incoming_rows", contract.conform(rows, name))
        connection.execute(f"insert into {relation} select * from incoming_rows")
        connection.unregister("incoming_rows")


def _parts(engine: SparkEngine, relation: str) -> Iterator[Any]:
    """The rows of a table, one file of it at a time: a file is what fits in memory."""
    files = engine.query(f"select distinct _metadata.file_path as file_path from {relation} order by file_path")
    for row in files.to_pylist():
        yield engine.query(f"select * from {relation} where _metadata.file_path = $file_path", row)
