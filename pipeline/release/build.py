"""Staging: a complete release built aside from the working warehouse, with everything that belongs into it."""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipeline.landing.folder import landed_deliveries
from pipeline.release import gate
from pipeline.release.manifest import MANIFEST, file_checksums, quoted, table_checksums
from pipeline.release.parquet import write_parquet
from pipeline.state import journal
from pipeline.state.locks import read_note
from warehouse import contract
from warehouse.duckdb_engine import STORAGE_VERSION, DuckDBEngine, connect_file, connect_for, sql_literal
from warehouse.protocol import Engine
from warehouse.settings import Settings, code_version

Content = Callable[[Engine, Path], object]
"""Adds something to a release: sees the release's tables, writes below its folder."""

LIBRARIES = ("duckdb", "dbt-core", "great-expectations", "numpy", "pandas", "scikit-learn", "scipy", "statsmodels")


def stage_release(settings: Settings, contents: Sequence[Content]) -> Path:
    """Copy the public schemas of the working warehouse into a complete, unpublished release folder.

    Args:
        settings: Where the warehouse and the releases are.
        contents: What a release holds beside its tables; each is called with the staged tables and the folder.

    Returns:
        The folder, ready for `releases.publish`.

    Raises:
        DataError: The audit of the results is missing or says no, or a public table is missing.
        WarehouseError: Another process holds the working warehouse.
    """
    moment = datetime.now(UTC)
    staged = journal.reserve(settings, "release")
    (staged / "parquet").mkdir(parents=True)
    connect_file(settings.warehouse_file, settings, read_only=True).close()  # waits for its lock, or says who holds it
    with connect_for(settings) as connection:
        connection.execute(f"attach {sql_literal(settings.warehouse_file)} as warehouse (read_only)")
        connection.execute(
            f"attach {sql_literal(staged / 'claims.duckdb')} as release (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute("use warehouse")
        gate.require_public_tables(connection)
        audits = gate.require_audits(connection)
        _copy_public_schemas(connection)
        connection.execute("use release")
        _comment_and_export(connection, staged / "parquet")
        tables = table_checksums(connection)
        connection.execute("use memory")
        connection.execute("checkpoint release")
        connection.execute("detach release")
    with DuckDBEngine.open_release(settings, staged) as engine:
        for add in contents:
            add(engine, staged)
    manifest = {
        "release_id": f"{moment:%Y%m%dT%H%M%S%fZ}-{_fingerprint(tables)}",
        "run_id": _run_id(settings),
        "published_at": moment.isoformat(timespec="seconds"),
        "code_version": code_version(),
        "storage_version": STORAGE_VERSION,
        "versions": versions(),
        "deliveries": [
            {"file_name": delivery.file_name, "sha256": delivery.hash, "is_synthetic": delivery.is_synthetic}
            for delivery in landed_deliveries(settings)
        ],
        "audits": audits,
        "tables": tables,
        "files": file_checksums(staged),
    }
    (staged / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return staged


def copy_folder(source: Path, name: str) -> Content:
    """A content that copies a folder, if there is one, into the release under a name."""

    def add(_engine: Engine, release: Path) -> None:
        if source.exists():
            shutil.copytree(source, release / name)

    return add


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that results rest on."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def _fingerprint(tables: dict[str, Any]) -> str:
    return hashlib.md5(json.dumps(tables, sort_keys=True).encode(), usedforsecurity=False).hexdigest()[:8]


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
