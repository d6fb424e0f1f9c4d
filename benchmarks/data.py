"""The data of the benchmarks: the synthetic twin at any size, and warehouses made of it, kept between benchmarks."""

import json
import shutil
from pathlib import Path

import duckdb

from benchmarks.harness import Contender, claims, run_once
from pipeline.landing.synthetic import write_synthetic
from warehouse.settings import ROOT, Settings

FOLDER = ROOT / "var" / "bench"


def delivery(rows: int) -> Path:
    """The twin as a delivered CSV file."""
    path = FOLDER / f"twin_{rows}.csv"
    if not path.exists():
        write_synthetic(path, rows, Settings().synthetic_seed)
    return path


def home(rows: int, name: str) -> Path:
    """A folder for CLAIMS_HOME, one per size and purpose."""
    return FOLDER / f"{name}_{rows}"


def landed(rows: int) -> Path:
    """A home in which the delivery has landed; `build` may be run in it again and again."""
    folder = home(rows, "landed")
    if not [*folder.glob("landing/*/landed_videos.parquet")]:
        shutil.rmtree(folder, ignore_errors=True)
        run_once(Contender("landing", claims("ingest", delivery(rows)), {"CLAIMS_HOME": str(folder)}))
    return folder


def finished(rows: int) -> Path:
    """A home after a whole run."""
    folder = home(rows, "finished")
    if not (folder / "current").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run_once(Contender("run", claims("run", delivery(rows)), {"CLAIMS_HOME": str(folder)}))
    return folder


def forget(rows: int) -> None:
    """Delete everything of one size."""
    for path in FOLDER.iterdir():
        if path.stem.endswith(f"_{rows}"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def remove_warehouse(folder: Path) -> None:
    """Leave what has landed, delete what was built."""
    for path in folder.glob("warehouse.duckdb*"):
        path.unlink()


def table_checksums(file: Path, schemas: tuple[str, ...] = ("marts", "ml", "quality")) -> dict[str, str]:
    """Row count and order-independent checksum of each table of a DuckDB file.

    Args:
        file: The database file; opened read-only.
        schemas: Where to look.

    Returns:
        `schema.table` to `rows:checksum`.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            # The ledger tells of runs, not of data.
            "where list_contains($1, table_schema) and table_name <> 'run_ledger' order by all",
            [list(schemas)],
        ).fetchall()
        found = {}
        for schema, name in names:
            count, total = connection.execute(
                f'select count(*), coalesce(sum(hash(content)), 0) from {schema}."{name}" as content'  # noqa: S608
            ).fetchall()[0]
            found[f"{schema}.{name}"] = f"{count}:{int(total):x}"
    return found


def ledger_seconds(folder: Path) -> list[dict[str, object]]:
    """The ledger's lines of a home."""
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
