"""`claims export`: the marts of a release as files that other tools read."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from pipeline.release.csv_export import write_csv
from pipeline.release.switch import current_release, require_outside
from warehouse.duckdb_engine import BATCH_ROWS, connect_release, sql_literal
from warehouse.errors import UsageError
from warehouse.settings import Settings

FORMATS = ("parquet", "csv", "hyper")
Writer = Callable[[duckdb.DuckDBPyConnection, str, Path], None]


def export(settings: Settings, kind: str, output: Path) -> list[Path]:
    """Write every mart of the current release into a folder, streamed, one file each.

    Args:
        settings: Where the release is.
        kind: One of `FORMATS`: parquet (zstd), csv (safe to open in a spreadsheet) or hyper (needs its extra).
        output: Folder; made when absent, files of the same names are replaced.

    Returns:
        The files written.

    Raises:
        UsageError: Nothing has been published, the folder lies inside a release, or the extra is not installed.
    """
    release = settings.releases / current_release(settings)
    output = output.expanduser().absolute()
    require_outside(settings, output)
    write = _writer(kind)
    output.mkdir(parents=True, exist_ok=True)
    written = []
    with connect_release(release, settings, writable_folders=[output]) as connection:
        for name in _marts(connection):
            path = output / f"{name}.{kind}"
            write(connection, name, path)
            written.append(path)
    return written


def _writer(kind: str) -> Writer:
    if kind != "hyper":
        return {"parquet": _write_parquet, "csv": _write_csv}[kind]
    try:
        import pantab
    except ImportError as error:
        raise UsageError(
            "Hyper files need an extra: run `make setup EXTRAS=hyper`, or choose parquet or csv."
        ) from error

    def write_hyper(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
        rows = connection.sql(_select(name)).to_arrow_reader(BATCH_ROWS)
        pantab.frame_to_hyper(rows, path, table=name)

    return write_hyper


def _write_parquet(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    connection.execute(f"copy ({_select(name)}) to {sql_literal(path)} (format parquet, compression zstd)")


def _write_csv(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    write_csv(connection.sql(_select(name)).to_arrow_reader(BATCH_ROWS), path)


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The marts that this release holds, which may be an older version's."""
    found = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts' order by table_name")
    return [name for (name,) in found.fetchall()]


def _select(name: str) -> str:
    """Every row, in the order of the columns, so that two exports are alike."""
    return f'select * from marts."{name}" order by all'  # noqa: S608  # a name of the catalog
