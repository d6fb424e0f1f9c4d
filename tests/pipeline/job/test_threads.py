"""No result depends on how many threads made it."""

from pathlib import Path

import duckdb
import pytest

from pipeline.job.runner import main_job, run_steps
from pipeline.landing.synthetic import write_synthetic
from pipeline.release.manifest import table_checksums
from warehouse.duckdb_engine import connect_file
from warehouse.settings import Settings

# A scan is shared between threads by row groups of 122,880 rows: fewer rows would prove nothing.
ROWS = 300_000


def built(home: Path, threads: int, twin: Path) -> dict[str, object]:
    """Checksums of every public table after a whole run."""
    settings = Settings(home=home, threads=threads)
    run_steps(settings, main_job([twin]), lambda _: lambda _: None, lambda _: None)
    with connect_file(settings.warehouse_file, settings, read_only=True) as connection:
        return table_checksums(connection)


@pytest.mark.slow
def test_one_thread_and_two_give_the_same_tables(tmp_path: Path) -> None:
    twin = tmp_path / "twin.csv"
    write_synthetic(twin, ROWS, seed=1)
    one, two = built(tmp_path / "one", 1, twin), built(tmp_path / "two", 2, twin)
    assert one
    assert one == two


def test_a_checksum_sees_the_order_of_a_sum() -> None:
    found = []
    for total in ("cast(0.1 as double) + 0.2 + 0.3", "cast(0.3 as double) + 0.2 + 0.1"):
        with duckdb.connect() as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.fct_videos as select {total} as mean")
            found.append(table_checksums(connection))
    assert found[0] != found[1]
