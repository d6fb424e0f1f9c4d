"""What BI tools get: exposures and analyses that run on a release, reflection by SQLAlchemy, described columns."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy
import yaml

from reports import queries
from warehouse import contract
from warehouse.duckdb_engine import connect_release
from warehouse.settings import DBT_PROJECT, ROOT, Settings

EXPOSURES: list[dict[str, Any]] = yaml.safe_load(
    (DBT_PROJECT / "models" / "exposures.yml").read_text(encoding="utf-8")
)["exposures"]


@pytest.fixture(scope="module")
def release(built_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect_release(built_warehouse.current, built_warehouse) as connection:
        yield connection


def referred(entry: dict[str, Any]) -> list[str]:
    return [re.findall(r"'(\w+)'\)", reference)[0].split("'")[-1] for reference in entry["depends_on"]]


@pytest.mark.parametrize("exposure", EXPOSURES, ids=lambda exposure: exposure["name"])
def test_everything_an_exposure_reads_is_in_the_release(exposure: dict[str, Any], release: duckdb.DuckDBPyConnection):
    for name in referred(exposure):
        names = ", ".join(f'"{column.name}"' for column in contract.columns(name))
        release.execute(f"select {names} from {contract.relation(name)} limit 1").fetchall()


def test_the_report_declares_exactly_what_it_reads():
    declared = set(referred(next(exposure for exposure in EXPOSURES if exposure["name"] == "executive_report")))
    read = {name for query in queries.QUERIES.values() for name in re.findall(r"\{(\w+)\}", query)}
    assert declared == read


@pytest.mark.parametrize("name", queries.charts())
def test_each_chart_is_one_short_select_from_one_mart(name: str, release: duckdb.DuckDBPyConnection):
    text = queries.QUERIES[name]
    assert len(text.splitlines()) <= 10
    assert len(re.findall(r"\{\w+\}", text)) == 1
    assert "join" not in text
    assert release.execute(queries.sql(text)).fetchall(), "no rows"


def test_each_analysis_is_described():
    described = yaml.safe_load((DBT_PROJECT / "analyses" / "analyses.yml").read_text(encoding="utf-8"))["analyses"]
    assert sorted(entry["name"] for entry in described) == [f"chart_{name}" for name in queries.charts()]


def test_descriptions_travel_into_the_release(release: duckdb.DuckDBPyConnection):
    tables = dict(
        release.execute("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall()
    )
    columns = release.execute(
        "select column_name, comment from duckdb_columns() where schema_name = 'marts' and table_name ="
        " 'agg_metric_histogram'"
    ).fetchall()
    assert tables["agg_metric_histogram"] == contract.table("agg_metric_histogram").description
    assert columns
    assert all(comment for _, comment in columns)


CONNECT_ARGS = {"read_only": True, "config": {"enable_external_access": "false", "lock_configuration": "true"}}
REFUSED = [
    "select * from read_text('/etc/passwd')",
    "select * from glob('/*')",
    "attach '{folder}/other.duckdb' as other",
    "copy marts.fct_videos to '{folder}/videos.csv'",
    "export database '{folder}/all'",
    "install httpfs",
    "set enable_external_access = true",
]


def test_a_bi_connection_reaches_nothing_but_the_release(built_warehouse: Settings, tmp_path: Path):
    url = f"duckdb:///{shutil.copy(built_warehouse.current / 'claims.duckdb', tmp_path)}"
    engine = sqlalchemy.create_engine(url, connect_args=CONNECT_ARGS)
    try:
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("select count(*) from ml.video_features")).scalar_one() > 0
        for statement in REFUSED:
            with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError, match="Error"):
                connection.execute(sqlalchemy.text(statement.format(folder=tmp_path)))
        assert [path.name for path in tmp_path.iterdir()] == ["claims.duckdb"]
    finally:
        engine.dispose()


def test_every_recipe_that_opens_the_file_closes_everything_else():
    text = (ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
    recipes = [part for part in text.split("\n### ")[1:] if "claims.duckdb" in part.split("\n## ")[0]]
    assert len(recipes) >= 5
    for recipe in recipes:
        for setting in ("enable_external_access", "lock_configuration"):
            assert setting in recipe, (recipe.splitlines()[0], setting)


def test_sqlalchemy_reflects_and_reads_a_release(built_warehouse: Settings, tmp_path: Path):
    # A copy: one process may not open a file with two configurations.
    url = f"duckdb:///{shutil.copy(built_warehouse.current / 'claims.duckdb', tmp_path)}"
    engine = sqlalchemy.create_engine(url, connect_args=CONNECT_ARGS)
    try:
        inspector = sqlalchemy.inspect(engine)
        assert {"fct_videos", "agg_metric_quantiles"} <= {
            name.split(".")[-1] for name in inspector.get_table_names(schema="marts")
        }
        marts = sqlalchemy.MetaData(schema="marts")
        table = sqlalchemy.Table("agg_videos_by_claim_status", marts, autoload_with=engine)
        assert [column.name for column in table.columns] == [column.name for column in contract.columns(table.name)]
        with engine.connect() as connection:
            total = connection.execute(sqlalchemy.select(sqlalchemy.func.sum(table.c.video_count))).scalar_one()
        assert total > 0
        with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError):
            connection.execute(sqlalchemy.delete(table))
    finally:
        engine.dispose()
