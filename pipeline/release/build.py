"""Staging: a complete release built aside from the working warehouse, with everything that belongs into it."""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.release import gate
from pipeline.release.manifest import (
    KINDS,
    Manifest,
    audits_of,
    contents_of,
    deliveries_of,
    quoted,
    staging_time,
    table_checksums,
    write_manifest,
)
from pipeline.release.parquet import write_parquet
from pipeline.release.switch import next_sequence_number
from pipeline.state import durable, home, journal
from pipeline.state.locks import read_note
from pipeline.state.stamp import changed_between, warehouse_stamp
from warehouse import contract
from warehouse.duckdb_engine import (
    STORAGE_VERSION,
    DuckDBEngine,
    connect_file,
    connect_for,
    connect_release,
    sql_literal,
)
from warehouse.errors import DataError, WarehouseError
from warehouse.protocol import Engine
from warehouse.settings import Settings, code_version


class Staged(NamedTuple):
    """A release under way, as those who add to it see it."""

    engine: Engine
    """Its tables."""
    folder: Path
    """Where to write, below the place of one of `manifest.KINDS`."""
    release_id: str
    sequence_number: int
    staged_at: datetime
    """The one time that pages may show."""


Content = Callable[[Staged], object]
"""Adds something to a release."""

LIBRARIES = ("duckdb", "dbt-core", "great-expectations", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels")


def stage_release(settings: Settings, contents: Sequence[Content]) -> Path:
    """Copy the public schemas of the working warehouse into a complete, unpublished release folder.

    Args:
        settings: Where the warehouse and the releases are.
        contents: What a release holds beside its tables; each adds its own kind.

    Returns:
        The folder, read-only, ready for `switch.publish`.

    Raises:
        DataError: The gate says no; see `gate`.
        WarehouseError: Another process holds the working warehouse.
    """
    staged_at, number = staging_time(), next_sequence_number(settings)
    folder = journal.reserve(settings, "release")
    (folder / "parquet").mkdir(parents=True)
    tables = _copy_tables(settings, folder)
    release_id = f"{number:06d}-{staged_at:%Y%m%dT%H%M%SZ}-{_fingerprint(tables)}"
    with connect_release(folder, settings) as connection:
        gate.check_tables(connection, settings)
        deliveries, audits = deliveries_of(connection), audits_of(connection)
        engine = DuckDBEngine(connection)
        staged = Staged(engine, folder, release_id, number, staged_at)
        for add in contents:
            add(staged)
        gate.check_models(engine, folder / KINDS["models"])
    durable.make_read_only(folder, home.readers_group(settings))
    folders, files = contents_of(folder)
    if strangers := [name for name, file in files.items() if file["kind"] is None]:
        raise DataError(f"{strangers[0]} is no kind of content that a release holds: {', '.join(KINDS)}.")
    folder.chmod(0o700)
    write_manifest(
        folder,
        Manifest(
            release_id=release_id,
            sequence_number=number,
            staged_at=staged_at,
            run_id=_run_id(settings),
            code_version=code_version(),
            storage_version=STORAGE_VERSION,
            versions=versions(),
            deliveries=deliveries,
            audits=audits,
            tables=tables,
            folders=folders,
            files=files,
        ),
    )
    durable.make_read_only(folder, home.readers_group(settings))
    return folder


def copy_folder(source: Path, name: str) -> Content:
    """A content that copies a folder, if there is one, into the release under a name."""

    def add(staged: Staged) -> None:
        if source.exists():
            shutil.copytree(source, staged.folder / name)

    return add


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that results rest on."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _fingerprint(tables: dict[str, Any]) -> str:
    return hashlib.md5(json.dumps(tables, sort_keys=True).encode(), usedforsecurity=False).hexdigest()[:8]


def _copy_tables(settings: Settings, folder: Path) -> dict[str, dict[str, Any]]:
    """Copy the public tables into the release's own file and write the marts as Parquet; returns their checksums."""
    connect_file(settings.warehouse_file, settings, read_only=True).close()  # waits for its lock, or says who holds it
    with connect_for(settings) as connection:
        connection.execute(f"attach {sql_literal(settings.warehouse_file)} as warehouse (read_only)")
        connection.execute(
            f"attach {sql_literal(folder / 'claims.duckdb')} as release (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute("use warehouse")
        gate.require_public_tables(connection)
        _copy_public_schemas(connection)
        connection.execute("use release")
        _comment_and_export(connection, folder / "parquet")
        tables = table_checksums(connection)
        connection.execute("use memory")
        connection.execute("checkpoint release")
        connection.execute("detach release")
    _require_unchanged(settings)
    return tables


def _require_unchanged(settings: Settings) -> None:
    """What was copied is what the step under way has found; on Spark it has made the copy itself."""
    note = read_note(settings)
    if note and settings.target == "dev" and note.get("warehouse_before") not in {None, warehouse_stamp(settings)}:
        raise WarehouseError(changed_between(settings, "the audits", note["step"]))


def _copy_public_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy every public table, then re-create the views over the copies."""
    views = dict(
        connection.execute(
            "select schema_name || '.' || view_name, sql from duckdb_views() where database_name = 'warehouse'"
        ).fetchall()
    )
    relations = [contract.relation(name) for name in contract.public_tables()]
    for schema in contract.public_schemas():
        connection.execute(f"create schema release.{schema}")
    for relation in relations:
        if relation not in views:
            connection.execute(f"create table release.{relation} as from {relation}")
    connection.execute("use release")
    for relation in relations:
        if sql := views.get(relation):
            connection.execute(_without_database(sql))


def _without_database(sql: str) -> str:
    """A view's definition with two-part names, so that it holds under any alias of the file."""
    schemas = "|".join(contract.public_schemas())
    return re.sub(rf'"?\bwarehouse"?\.("?({schemas})"?\.)', r"\1", sql)


def _comment_and_export(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Put the contract's descriptions on the copies as comments, and write each mart as Parquet."""
    is_view = dict(
        connection.execute(
            "select table_name, table_type = 'VIEW' from information_schema.tables where table_catalog = 'release'"
        ).fetchall()
    )
    statements = ["begin"]  # one transaction: each statement by itself would be synced
    for name, table in contract.public_tables().items():
        relation = contract.relation(name)
        kind = "view" if is_view[name] else "table"
        statements.append(f"comment on {kind} {relation} is {sql_literal(table.description)}")
        statements += [
            f"comment on column {relation}.{quoted(column.name)} is {sql_literal(column.description)}"
            for column in table.columns
        ]
    connection.execute(";\n".join([*statements, "commit"]))
    for name, table in contract.public_tables().items():
        if table.schema == "marts":
            write_parquet(connection, contract.relation(name).split(".")[0], name, folder / f"{name}.parquet")


def _run_id(settings: Settings) -> str | None:
    """The run under way, by the note that it keeps."""
    note = read_note(settings)
    return note["run_id"] if note else None
