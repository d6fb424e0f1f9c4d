"""Releases: built aside, complete before they appear, switched to by one atomic rename."""

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import contract
from warehouse.duckdb_engine import STORAGE_VERSION, connect_file, connect_for, sql_literal
from warehouse.errors import DataError, UsageError
from warehouse.settings import Settings, code_version


def stage_release(settings: Settings, models: Path) -> Path:
    """Copy the public schemas of the working warehouse into a complete, unpublished release folder.

    Args:
        settings: Where the warehouse and the releases are.
        models: Folder of the fitted models that made the predictions.

    Returns:
        The folder; pass it to `publish` once everything that belongs into it is there.
    """
    moment = datetime.now(UTC)
    staged = settings.work / "release"
    shutil.rmtree(staged, ignore_errors=True)
    (staged / "parquet").mkdir(parents=True)
    connect_file(settings.warehouse_file, settings, read_only=True).close()  # waits for its lock, or says who holds it
    with connect_for(settings) as connection:
        connection.execute(f"attach {sql_literal(settings.warehouse_file)} as warehouse (read_only)")
        connection.execute(
            f"attach {sql_literal(staged / 'claims.duckdb')} as release (storage_version '{STORAGE_VERSION}')"
        )
        tables = _copy_public_schemas(connection, staged)
    if models.exists():
        shutil.copytree(models, staged / "models")
    fingerprint = hashlib.md5(json.dumps(tables, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    manifest = {
        "release_id": f"{moment:%Y%m%dT%H%M%S%fZ}-{fingerprint[:8]}",
        "published_at": moment.isoformat(timespec="seconds"),
        "code_version": code_version(),
        "tables": tables,
    }
    (staged / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return staged


def publish(settings: Settings, staged: Path) -> Path:
    """Make a staged release the current one and remove the oldest beyond the number that is kept.

    Args:
        settings: Where releases stand and how many stay.
        staged: Folder made by `stage_release`.

    Returns:
        The published folder.
    """
    release_id: str = read_manifest(staged)["release_id"]
    for path in [staged, *staged.rglob("*")]:
        _sync(path)
    settings.releases.mkdir(parents=True, exist_ok=True)
    release = settings.releases / release_id
    staged.rename(release)
    _sync(settings.releases)
    switch(settings, release_id)
    for old in list_releases(settings)[settings.releases_kept :]:
        if old != release_id:
            shutil.rmtree(settings.releases / old)
    return release


def switch(settings: Settings, release_id: str) -> None:
    """Point `current` at a release in one rename."""
    link = settings.home / "current.next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / release_id)
    link.replace(settings.current)
    _sync(settings.home)


def rollback(settings: Settings, release_id: str | None) -> str:
    """Switch back to an earlier release.

    Args:
        settings: Where releases stand.
        release_id: The release; the one before the current one when None.

    Returns:
        The release that is current now.

    Raises:
        UsageError: There is no such release.
    """
    releases = list_releases(settings)
    if release_id is None:
        position = releases.index(current_release(settings)) + 1
        if position >= len(releases):
            raise UsageError("There is no release before the current one. See `claims releases`.")
        release_id = releases[position]
    if release_id not in releases:
        raise UsageError(f"There is no release {release_id}. See `claims releases`.")
    switch(settings, release_id)
    return release_id


def list_releases(settings: Settings) -> list[str]:
    """Ids of the published releases, newest first."""
    if not settings.releases.exists():
        return []
    return sorted((path.name for path in settings.releases.iterdir() if path.is_dir()), reverse=True)


def current_release(settings: Settings) -> str:
    """Id of the release that readers use.

    Raises:
        UsageError: Nothing has been published.
    """
    if not settings.current.exists():
        raise UsageError("Nothing has been published yet. Run `claims run` first.")
    return settings.current.resolve().name


def verify(settings: Settings, release_id: str | None) -> dict[str, Any]:
    """Recompute the checksums of a release.

    Args:
        settings: Where releases stand.
        release_id: The release; the current one when None.

    Returns:
        Its manifest.

    Raises:
        DataError: A table differs from the manifest.
        UsageError: There is no such release.
    """
    release = settings.releases / (release_id or current_release(settings))
    if not release.exists():
        raise UsageError(f"There is no release {release_id}. See `claims releases`.")
    manifest = read_manifest(release)
    connection = connect_file(release / "claims.duckdb", settings, read_only=True)
    try:
        for name, expected in manifest["tables"].items():
            found = checksum(connection, name)
            if found != expected:
                raise DataError(f"Release {release.name}: {name} is {found}, its manifest says {expected}.")
    finally:
        connection.close()
    return manifest


def read_manifest(release: Path) -> dict[str, Any]:
    """The manifest of a release folder."""
    manifest: dict[str, Any] = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def checksum(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    """Row count and order-independent checksum of a public table."""
    relation = f'{contract.table(name).schema}."{name}"'
    row_count, total = connection.execute(
        f"select count(*), coalesce(sum(hash(content)), 0) from {relation} as content"  # noqa: S608 - from the contract
    ).fetchall()[0]
    return {"row_count": int(row_count), "checksum": f"{int(total):x}"}


def _copy_public_schemas(connection: duckdb.DuckDBPyConnection, staged: Path) -> dict[str, Any]:
    """Copy every public table with its comments, the feature view, and Parquet of the marts."""
    connection.execute("use warehouse")
    views = []
    for name, table in contract.public_tables().items():
        connection.execute(f"create schema if not exists release.{table.schema}")
        is_view = connection.execute(
            "select count(*) from duckdb_views() where schema_name = $1 and view_name = $2", [table.schema, name]
        ).fetchall()[0][0]
        if is_view:
            views.append(name)
        else:
            connection.execute(f'create table release.{table.schema}."{name}" as from {contract.relation(name)}')
    connection.execute("use release")
    for name in views:
        connection.execute(_view_sql(connection, name))
    checksums = {}
    for name, table in contract.public_tables().items():
        _comment(connection, table, "view" if name in views else "table")
        if table.schema == "marts":
            file = sql_literal(staged / "parquet" / f"{name}.parquet")
            connection.execute(f'copy (from {table.schema}."{name}") to {file} (format parquet, compression zstd)')
        checksums[name] = checksum(connection, name)
    connection.execute("use memory")
    connection.execute("checkpoint release")
    return checksums


def _view_sql(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The definition of a view with two-part names, so that it holds under any alias of the file."""
    database, sql = connection.execute(
        "select database_name, sql from duckdb_views() where view_name = $1 and database_name <> 'release'", [name]
    ).fetchall()[0]
    return str(sql).replace(f'"{database}".', "").replace(f"{database}.", "")


def _comment(connection: duckdb.DuckDBPyConnection, table: contract.Table, kind: str) -> None:
    connection.execute(f'comment on {kind} {table.schema}."{table.name}" is {sql_literal(table.description)}')
    for column in table.columns:
        connection.execute(
            f'comment on column {table.schema}."{table.name}"."{column.name}" is {sql_literal(column.description)}'
        )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
