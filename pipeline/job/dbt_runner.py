"""Runs dbt in this process, quietly, and turns what went wrong into a sentence and a list."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from textwrap import shorten
from typing import Any, NamedTuple

from warehouse.duckdb_engine import connect_file
from warehouse.errors import DataError, WarehouseError, shortage
from warehouse.factory import open_engine
from warehouse.settings import DBT_PROJECT, ROOT, Settings, environment_with
from warehouse.spark import session


class BuildResult(NamedTuple):
    """What one dbt invocation did."""

    model_count: int
    test_count: int
    warning_count: int


def run_dbt(
    settings: Settings,
    command: str,
    arguments: Sequence[str] = (),
    *,
    on_node: Callable[[str], None] | None = None,
) -> BuildResult:
    """Run one dbt command against the working warehouse and give the warehouse's lock back.

    Args:
        settings: Home, target and limits; dbt sees them as environment variables.
        command: For example `build`.
        arguments: Further dbt arguments.
        on_node: Called with the name of each node that finishes.

    Returns:
        How many models were built and tests passed.

    Raises:
        DataError: A model or test failed; the message lists them.
        WarehouseError: dbt could not run at all.
    """
    from dbt.cli.main import dbtRunner

    # Importing dbt 1.11 gives the root logger a handler, and other libraries' notes would reach the screen.
    logging.getLogger().handlers.clear()

    def listen(event: Any) -> None:
        if on_node is not None and event.info.name == "NodeFinished":
            on_node(event.data.node_info.node_name)

    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.target == "dev":
        # Waits for the file as long as the settings allow, and says who holds it; dbt would only fail.
        connect_file(settings.warehouse_file, settings).close()
    else:
        # dbt takes the session that it finds (dbt-spark 1.11, method session).
        open_engine(settings).close()
    call = [
        # Errors reach the person once, through the exception below; the file keeps the rest.
        *("--log-level", "none", "--log-level-file", "info", "--no-use-colors"),
        *("--log-path", str(settings.home / "dbt" / "logs")),
        command,
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(ROOT)),
        *("--target-path", str(settings.home / "dbt" / "target")),
        *arguments,
    ]
    shown = {**settings.environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    with environment_with(shown), _log_file():
        outcome = dbtRunner(callbacks=[listen]).invoke(call)
        _release_lock(settings)
    # No fault of the project: the command line has a sentence for each.
    if isinstance(outcome.exception, KeyboardInterrupt | OSError | MemoryError):
        raise outcome.exception
    if settings.target == "spark" and not outcome.success:
        session.require_server()
    if outcome.exception is not None:
        raise WarehouseError(f"dbt {command} could not run: {outcome.exception}")
    results = getattr(outcome.result, "results", [])
    failed = [result for result in results if str(result.status) in {"error", "fail", "runtime error"}]
    if failed or not outcome.success:
        for result in failed:
            if remedy := shortage(result.message or ""):
                raise WarehouseError(f"{remedy}. dbt {command} stopped at {result.node.name}: {result.message.strip()}")
        lines = [
            f"  {result.node.name}: {(result.message or 'failed').strip()}{_first_row(settings, result)}"
            for result in failed
        ]
        raise DataError("\n".join([f"dbt {command} found {len(failed)} failures:", *lines]))
    kinds = [str(result.node.resource_type) for result in results]
    return BuildResult(
        kinds.count("model"),
        kinds.count("test") + kinds.count("unit_test"),
        sum(str(result.status) == "warn" for result in results),
    )


def _first_row(settings: Settings, result: Any) -> str:
    """The first of the rows that a failed data test found, as an end to its line."""
    if str(result.node.resource_type) != "test" or str(result.status) != "fail":
        return ""
    values: list[str] = []
    # Whatever keeps the row from being shown, the failure itself is told.
    with suppress(Exception), open_engine(settings) as engine:
        sql = f"select * from ({result.node.compiled_code}\n) as found limit 1"  # noqa: S608 - the test's own SQL
        for row in engine.query(sql).to_pylist():
            values = [f"{name} = {shorten(str(value), 80)}" for name, value in row.items() if value is not None]
    return f"; the first: {', '.join(values)}" if values else ""


@contextmanager
def _log_file() -> Iterator[None]:
    """Close the log that dbt leaves open, and keep a full disk from printing the log's own failure (dbt 1.11)."""
    is_printed, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        yield
    finally:
        logging.raiseExceptions = is_printed
        for handler in logging.getLogger("file_log").handlers:
            with suppress(OSError):
                handler.close()


def _release_lock(settings: Settings) -> None:
    """Close dbt's connections: the adapter keeps the file locked for the life of the process (dbt-duckdb 1.11)."""
    if settings.target == "dev":
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()
