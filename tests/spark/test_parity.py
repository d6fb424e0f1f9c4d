"""The light job: what dbt builds on a local Spark is what it builds on DuckDB, and the engine keeps the protocol."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from pipeline.job.dbt_runner import run_dbt
from pipeline.landing.ingest import ingest
from pipeline.landing.synthetic import Twin, write_feed, write_synthetic
from pipeline.release import spark
from pipeline.release.manifest import Manifest
from tests.spark.conftest import copy_landing
from tests.spark.parity import differences
from warehouse import contract
from warehouse.errors import DataError
from warehouse.factory import open_engine
from warehouse.protocol import Engine
from warehouse.settings import Settings
from warehouse.spark.engine import SparkEngine

pytestmark = pytest.mark.spark

# It holds time.
NOT_COMPARED = {"run_ledger"}


@pytest.fixture(scope="module")
def both(spark_settings: Settings, tmp_path_factory, identity_key: None) -> tuple[Settings, Settings]:
    """DuckDB's and Spark's warehouse after the same builds over the same landed files."""
    folder = tmp_path_factory.mktemp("duckdb")
    ours = Settings(home=folder / "var", lock_wait_sec=5)
    feeds = {feed: folder / f"{feed}.csv" for feed in ("videos", "reports", "decisions")}
    write_feed(Twin(300, 7, hold_labels=0.1), feeds)
    later = folder / "later.csv"
    write_synthetic(later, 300, 8)
    for delivery in (*feeds.values(), later):
        ingest(ours, [delivery], is_synthetic=False)
    copy_landing(ours, spark_settings)
    for settings in (ours, spark_settings):
        # Data tests would take most of the time, and prove nothing on one engine that parity does not.
        run_dbt(settings, "build", ["--exclude", "source:ml+", "resource_type:test"])
        with open_engine(settings) as engine:
            assert predict(engine) == 600
        run_dbt(settings, "build", ["--select", "source:ml+", "--exclude", "resource_type:test"])
    return ours, spark_settings


def predict(engine: Engine) -> int:
    """Stand in for the models: a prediction and a held-out prediction for each labelled video, from its id alone."""

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = [
                {
                    "video_id": row["video_id"],
                    "model_run_id": "run",
                    "feature_set": "metadata",
                    "claim_probability": row["video_id"] % 1009 / 1009,
                    "decision": "claim" if row["video_id"] % 1009 > 504 else "opinion",
                    "is_out_of_fold": False,
                }
                for row in batch.to_pylist()
            ]
            yield from contract.from_rows(rows, "claim_predictions").to_batches()

    sql = f"select video_id from {contract.relation('video_features')}"
    count = engine.map_batches(sql, score, contract.arrow_schema("claim_predictions"), "claim_predictions")
    held_out = engine.query(
        f"select video_id, feature_set, claim_probability from {contract.relation('claim_predictions')} "
        "order by video_id"
    ).to_pylist()
    policy = {"policy": "arrival", "policy_number": 1, "capacity_share": 0.05, "covered_share": 0.1}
    engine.write(contract.from_rows([policy], "queue_policy_coverage"), "queue_policy_coverage")
    scored = {"release_number": 1, "undecided_count": 3, "claim_count": 1, "opinion_count": 2, "review_count": 0}
    engine.write(contract.from_rows([scored], "score_history"), "score_history")
    known = {column.name for column in contract.columns("held_out_predictions")}
    rows = [{name: value for name, value in row.items() if name in known} for row in held_out]
    engine.write(contract.from_rows(rows, "held_out_predictions"), "held_out_predictions")
    return count


def read(engine, name: str) -> pa.Table:
    return engine.query(f"select * from {contract.relation(name)}")


@pytest.mark.parametrize("name", [name for name in contract.public_tables() if name not in NOT_COMPARED])
def test_every_public_table_is_the_same(both, name: str) -> None:
    ours, theirs = both
    with open_engine(ours, read_only=True) as duckdb_engine, open_engine(theirs) as spark_engine:
        on_duckdb, on_spark = read(duckdb_engine, name), read(spark_engine, name)
    assert differences(contract.conform(on_duckdb, name), contract.conform(on_spark, name)) == []
    assert on_spark.num_rows > 0 or contract.table(name).schema != "marts"


def test_the_comparison_sees_what_differs() -> None:
    ours = pa.table({"key": ["a", "b", None], "count": [1, 2, 3], "rate": [0.1, None, 3e9]})
    assert differences(ours, ours.take([2, 0, 1])) == []
    assert differences(ours, ours.set_column(2, "rate", [[0.1 + 1e-12, None, 3e9 + 0.1]])) == []
    assert differences(ours, ours.set_column(2, "rate", [[0.1 + 1e-9, None, 3e9]]))
    assert differences(ours, ours.set_column(2, "rate", [[0.1, 0.0, 3e9]]))
    assert differences(ours, ours.set_column(1, "count", [[1, 2, 4]]))
    assert differences(ours, ours.set_column(1, "count", [[1.0, 2.0, 3.0]]))
    assert differences(ours, ours.slice(1))


def test_values_are_bound(both) -> None:
    with open_engine(both[1]) as engine:
        rows = engine.query("select $text as text, '$5 and $other' as rest", {"text": "it's 'quoted'; $text"})
    assert rows.to_pylist() == [{"text": "it's 'quoted'; $text", "rest": "$5 and $other"}]


def test_what_cannot_be_cast_is_null_and_a_timestamp_has_no_zone(both) -> None:
    with open_engine(both[1]) as engine:
        rows = engine.query("select 1 / nullif(0, 0) as ratio, cast('2026-01-02 03:04:05' as timestamp) as moment")
    assert rows.column("ratio").to_pylist() == [None]
    assert rows.schema.field("moment").type == pa.timestamp("us")


def test_a_table_is_replaced(both) -> None:
    with open_engine(both[1]) as engine:
        before = read(engine, "model_runs")
        engine.write(contract.from_rows([{"model_run_id": "it's", "train_count": 3}], "model_runs"), "model_runs")
        assert read(engine, "model_runs").select(["model_run_id", "train_count", "feature_set"]).to_pylist() == [
            {"model_run_id": "it's", "train_count": 3, "feature_set": None}
        ]
        engine.write(contract.conform(before, "model_runs"), "model_runs")
        assert read(engine, "model_runs").num_rows == before.num_rows


def manifest_of(settings: Settings, release_id: str) -> Manifest:
    with SparkEngine.open(settings) as engine:
        counts = {name: {"row_count": engine.count(contract.relation(name))} for name in contract.public_tables()}
    return Manifest.model_construct(release_id=release_id, tables=counts)


def published(settings: Settings) -> pa.Table:
    with SparkEngine.open(settings) as engine:
        # Views of a view included: the features stand on the release's marts.
        return engine.query(
            "select videos.*, features.split from published_marts.fct_videos as videos "
            "inner join published_ml.video_features as features on videos.video_id = features.video_id"
        )


def test_a_failing_build_leaves_what_is_published(both, tmp_path) -> None:
    settings = both[1]
    first = "000001-20260101T000000Z-aaaaaaaa"
    spark.copy(settings, manifest_of(settings, first))
    spark.switch(settings, first)
    before = published(settings)
    assert before.num_rows == 600

    # A copy that is not whole is not switched to.
    incomplete = manifest_of(settings, "000002-20260102T000000Z-bbbbbbbb")
    incomplete.tables["fct_videos"]["row_count"] += 1
    with pytest.raises(DataError, match=r"marts.fct_videos has 600 rows on Spark, 601"):
        spark.copy(settings, incomplete)

    # A landed file that cannot be read any more: dbt-spark has dropped the working table by the time it finds out.
    landed = max(settings.landing.glob("*/landed_videos.parquet"))
    content = landed.read_bytes()
    landed.write_bytes(content[: len(content) // 2])
    try:
        with pytest.raises(DataError, match="int_videos_latest"):
            run_dbt(settings, "run", ["--select", "int_videos_latest"])
        with SparkEngine.open(settings) as engine:
            assert "intermediate.int_videos_latest" not in engine.relations()
        assert differences(published(settings), before) == []
    finally:
        landed.write_bytes(content)

    # What a broken write leaves makes Spark refuse the table, until the run clears the working schemas.
    stray = settings.home / "spark" / "warehouse" / "intermediate.db" / "int_videos_latest" / "_temporary"
    stray.mkdir(parents=True)
    with pytest.raises(DataError, match="already exists"):
        run_dbt(settings, "run", ["--select", "int_videos_latest"])
    spark.clear(settings)
    run_dbt(settings, "run", ["--select", "+fct_videos"])
    assert differences(published(settings), before) == []

    # No folder of a release holds these two: both are gone, and with them only their own schemas.
    spark.retire(settings)
    with SparkEngine.open(settings) as engine:
        assert not [schema for schema in engine.schemas() if schema.startswith("release_")]
        assert engine.count("marts.fct_videos") == 600
