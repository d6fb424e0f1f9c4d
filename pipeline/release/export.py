"""`claims export`: the public tables of a release as files that other tools read."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from pipeline.release.parquet import write_parquet
from pipeline.release.switch import current_release
from pipeline.state.outputs import require_writable
from warehouse import contract
from warehouse.csv_export import write_csv
from warehouse.duckdb_engine import BATCH_ROWS, connect_release
from warehouse.errors import UsageError
from warehouse.settings import Settings

FORMATS = ("parquet", "csv", "hyper")
Writer = Callable[[duckdb.DuckDBPyConnection, str, str, Path], None]


def export(settings: Settings, kind: str, output: Path, *, is_forced: bool = False) -> list[Path]:
    """Write every public table of the current release into a folder, streamed, one file each.

    Args:
        settings: Where the release is.
        kind: One of `FORMATS`: parquet (zstd), csv (safe to open in a spreadsheet) or hyper (needs its extra).
        output: Folder; made when absent.
        is_forced: Replace files of the same names.

    Returns:
        The files written.

    Raises:
        UsageError: Nothing has been published, the folder lies in the home, a file exists, or the extra is not
            installed.
    """
    release = settings.releases / current_release(settings)
    output = output.expanduser().absolute()
    write = _writer(kind)
    written = []
    with connect_release(release, settings) as connection:
        files = {(schema, name): output / f"{name}.{kind}" for schema, name in _tables(connection)}
    require_writable(settings, *files.values(), is_forced=is_forced)
    output.mkdir(parents=True, exist_ok=True)
    with connect_release(release, settings, writable_folders=[output]) as connection:
        for (schema, name), path in files.items():
            write(connection, schema, name, path)
            written.append(path)
    return written


def _writer(kind: str) -> Writer:
    if kind != "hyper":
        writers: dict[str, Writer] = {"parquet": partial(write_parquet, is_sorted=True), "csv": _write_csv}
        return writers[kind]
    try:
        import pantab
    except ImportError as error:
        raise UsageError(
            "Hyper files need an extra: run `make setup EXTRAS=hyper`, or choose parquet or csv."
        ) from error

    def write_hyper(connection: duckdb.DuckDBPyConnection, schema: str, name: str, path: Path) -> None:
        rows = connection.sql(_select(schema, name)).to_arrow_reader(BATCH_ROWS)
        pantab.frame_to_hyper(rows, path, table=name)

    return write_hyper


def _write_csv(connection: duckdb.DuckDBPyConnection, schema: str, name: str, path: Path) -> None:
    write_csv(connection.sql(_select(schema, name)).to_arrow_reader(BATCH_ROWS), path)


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of what this release holds, which may be an older version's."""
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = current_database() and list_contains($1, table_schema) order by table_name",
        [contract.public_schemas()],
    )
    return found.fetchall()


def _select(schema: str, name: str) -> str:
    """Every row, in the order of the columns, so that two exports are alike."""
    return f'select * from {schema}."{name}" order by all'  # noqa: S608  # names of the catalog
