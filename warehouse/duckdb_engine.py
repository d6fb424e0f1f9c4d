"""The engine protocol on DuckDB: the only place that opens DuckDB files."""

import re
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import psutil
import pyarrow as pa

from warehouse import contract
from warehouse.errors import WarehouseError
from warehouse.protocol import BatchFunction
from warehouse.settings import ROOT, Settings

# Older drivers of BI tools cannot open DuckDB 2.0's own default format (2026-11).
# For rooms that hold a connection or catch its errors, but have no business with the engine itself.
Connection = duckdb.DuckDBPyConnection
EngineError = duckdb.Error

STORAGE_VERSION = "v1.4.0"
BATCH_ROWS = 16_384
_NO_EXTENSIONS = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
# What DuckDB 2.0 says of a file that a crash, a bad disk or another program has cut or overwritten.
_SIGNS_OF_DAMAGE = (
    "not a valid DuckDB database file",
    "Could not read enough bytes",
    "Corrupt database file",
    "WAL does not match",
    "replaying WAL",
)


def connect_memory(
    threads: int | None = None, memory_limit: str | None = None, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a private in-memory database, for work on files.

    Args:
        threads: Worker threads; DuckDB's own choice when None.
        memory_limit: For example `2GB`; DuckDB's own choice when None.
        spill: Folder for data that does not fit.

    Returns:
        A connection that loads no extension.
    """
    config: dict[str, Any] = dict(_NO_EXTENSIONS)
    if threads is not None:
        config["threads"] = threads
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if spill is not None:
        config["temp_directory"] = str(spill)
    return duckdb.connect(":memory:", config=config)


def connect_for(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open a private in-memory database within the limits of the settings."""
    return connect_memory(settings.threads, settings.memory_limit, settings.spill)


def connect_file(path: Path, settings: Settings, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, waiting for its lock as long as the settings allow.

    Args:
        path: The file; made when absent, unless `read_only`.
        settings: Limits, and how long to wait.
        read_only: Share the file with other readers.

    Returns:
        The open connection.

    Raises:
        WarehouseError: Another process holds the file, or the file cannot be opened.
    """
    config: dict[str, Any] = {
        **_limits(settings),
        # Views over landed files hold paths relative to the project when plain dbt made them.
        "file_search_path": str(ROOT),
    }
    if not read_only:
        config["storage_compatibility_version"] = STORAGE_VERSION
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise WarehouseError(f"There is no warehouse at {path}. Run `claims run` first.")
    deadline = time.monotonic() + settings.lock_wait_sec
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only, config=config)
        except duckdb.Error as error:
            if not _is_lock(error):
                raise WarehouseError(f"{path} cannot be opened: {error}. Run `claims doctor`.") from error
            if time.monotonic() >= deadline:
                raise WarehouseError(_lock_sentence(path, str(error), settings)) from error
            time.sleep(0.2)


def connect_release(
    release: Path, settings: Settings, *, writable_folders: Sequence[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """Open the tables of a release, shared with any number of readers and never waiting for a writer.

    SQL on the connection reaches no file, no network and no extension, and cannot change these limits.

    Args:
        release: The folder of a release.
        settings: Limits.
        writable_folders: Folders that COPY may nevertheless reach.

    Returns:
        The open connection.

    Raises:
        WarehouseError: There is no release, or it cannot be opened.
    """
    path = release / "claims.duckdb"
    if not path.exists():
        if not settings.current.exists():
            raise WarehouseError(f"Nothing has been published yet in {settings.home}. Run `claims run` first.")
        raise WarehouseError(f"There is no warehouse at {path}. Run `claims run` first.")
    try:
        connection = duckdb.connect(str(path), read_only=True, config=_limits(settings))
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be opened: {error}. Run `claims doctor`.") from error
    if writable_folders:
        connection.execute("set allowed_directories = $1", [[str(folder) for folder in writable_folders]])
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def is_damaged(path: Path) -> bool:
    """Whether a file is no DuckDB file any more; a file that another process holds is not damaged.

    Raises:
        duckdb.Error: It cannot be opened for a reason that says nothing about its content.
    """
    try:
        duckdb.connect(str(path), config=dict(_NO_EXTENSIONS)).close()
    except duckdb.Error as error:
        if _is_lock(error):
            return False
        if any(sign in str(error) for sign in _SIGNS_OF_DAMAGE):
            return True
        raise
    return False


def _limits(settings: Settings) -> dict[str, Any]:
    return {
        **_NO_EXTENSIONS,
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(settings.spill),
    }


def _is_lock(error: duckdb.Error) -> bool:
    return "Could not set lock" in str(error)


def sql_literal(value: object) -> str:
    """Quote a value for the few statements, such as COPY and ATTACH, that take no bound parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def _lock_sentence(path: Path, message: str, settings: Settings) -> str:
    """Say which process holds a file, as far as DuckDB's message and the process table tell."""
    match = re.search(r"PID (\d+)", message)
    if match is None:
        holder = "another process"
    else:
        pid = int(match.group(1))
        try:
            program = " ".join(psutil.Process(pid).cmdline()) or psutil.Process(pid).name()
            holder = f"process {pid} ({textwrap.shorten(program, 120)})"
        except psutil.Error:
            holder = f"process {pid}"
    return (
        f"{path} is held by {holder}; waited {settings.lock_wait_sec:g} s. Wait for it or close it, then try again; "
        f"to read, open the published {settings.current / 'claims.duckdb'} read-only instead."
    )


class DuckDBEngine:
    """The engine protocol on one DuckDB connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Wrap an open connection; the engine closes it."""
        self.connection = connection

    @classmethod
    def open(cls, settings: Settings, *, read_only: bool = False) -> Self:
        """Open the working warehouse of the settings."""
        return cls(connect_file(settings.warehouse_file, settings, read_only=read_only))

    @classmethod
    def open_release(cls, settings: Settings, release: Path | None = None) -> Self:
        """Open a published release read-only and without access to other files; the current one by default."""
        return cls(connect_release(release or settings.current, settings))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Run one SELECT and return its rows (see `Engine.query`)."""
        with self._cursor() as cursor:
            return cursor.sql(sql, params=dict(parameters) if parameters else None).to_arrow_table()

    def map_batches(self, sql: str, function: BatchFunction, schema: pa.Schema, into: str) -> int:
        """Stream rows through a function into a result table (see `Engine.map_batches`)."""
        # An unread result blocks its connection, so reading and writing have a cursor each.
        with self._cursor() as reading:
            batches = reading.sql(sql).to_arrow_reader(BATCH_ROWS)
            mapped = pa.RecordBatchReader.from_batches(schema, function(iter(batches)))
            return self._replace(mapped, into)

    def write(self, table: pa.Table, into: str) -> None:
        """Replace a result table by these rows (see `Engine.write`)."""
        self._replace(contract.conform(table, into), into)

    def relations(self) -> set[str]:
        """The two-part names of all tables and views (see `Engine.relations`)."""
        rows = self.query("select table_schema, table_name from information_schema.tables").to_pylist()
        return {f"{row['table_schema']}.{row['table_name']}" for row in rows}

    def close(self) -> None:
        """Give the connection and its lock back."""
        self.connection.close()

    def _replace(self, rows: pa.Table | pa.RecordBatchReader, into: str) -> int:
        relation = contract.relation(into)
        columns = ", ".join(
            f'cast("{column.name}" as {column.data_type}) as "{column.name}"' for column in contract.columns(into)
        )
        with self._cursor() as cursor:
            cursor.execute(f'create schema if not exists "{relation.split(".")[0]}"')
            cursor.register("incoming_rows", rows)
            sql = f"create or replace table {relation} as select {columns} from incoming_rows"  # noqa: S608 - contract
            written = cursor.execute(sql)
            (count,) = written.fetchall()[0]
            cursor.unregister("incoming_rows")
        return int(count)

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()
