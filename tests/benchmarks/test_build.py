"""The build benchmark measures builds of the same tables."""

import os
import shutil
from pathlib import Path

from benchmarks.build import differences, floor_script
from benchmarks.with_duckdb import script
from pipeline.job import steps
from warehouse.settings import Settings


def test_the_floor_writes_the_tables_that_dbt_writes(built_warehouse: Settings, tmp_path: Path, monkeypatch) -> None:
    home = tmp_path / "ours"
    shutil.copytree(built_warehouse.landing, home / "landing")
    steps.build_all(Settings(home=home), lambda _: None)
    sql = tmp_path / "build.sql"
    sql.write_text(floor_script(home), encoding="utf-8")
    monkeypatch.setitem(os.environ, "CLAIMS_HOME", str(home))
    floor = tmp_path / "floor" / "warehouse.duckdb"
    assert script(str(sql), str(floor)) > 20
    assert not differences(home / "warehouse.duckdb", floor)
    sql.write_text(sql.read_text().replace("0.95", "0.94"), encoding="utf-8")
    floor.unlink()
    script(str(sql), str(floor))
    assert differences(home / "warehouse.duckdb", floor) == [
        "marts.agg_backlog_daily",
        "marts.agg_metric_quantiles",
    ]
