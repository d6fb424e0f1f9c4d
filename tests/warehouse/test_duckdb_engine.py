"""The DuckDB engine keeps the protocol: locks, limits, batches."""

import multiprocessing
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine, connect_file
from warehouse.errors import DataError, WarehouseError
from warehouse.settings import Settings


def hold(path: str, held, release) -> None:
    connection = duckdb.connect(path)
    held.set()
    release.wait(20)
    connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "var", lock_wait_sec=0.3)


def predictions(count: int) -> pa.Table:
    return contract.from_rows(
        [
            {
                "video_id": number,
                "model_run_id": "run",
                "feature_set": "full",
                "claim_probability": 0.5,
                "decision": "claim",
                "is_out_of_fold": False,
            }
            for number in range(count)
        ],
        "claim_predictions",
    )


def test_write_and_query_with_bound_values(settings: Settings) -> None:
    with DuckDBEngine.open(settings) as engine:
        engine.write(predictions(10), "claim_predictions")
        found = engine.query(
            "select video_id from ml.claim_predictions where video_id >= $least order by video_id", {"least": 8}
        )
    assert found.column("video_id").to_pylist() == [8, 9]


def test_write_replaces(settings: Settings) -> None:
    with DuckDBEngine.open(settings) as engine:
        engine.write(predictions(10), "claim_predictions")
        engine.write(predictions(3), "claim_predictions")
        assert engine.query("select count(*) as n from ml.claim_predictions").to_pylist() == [{"n": 3}]


def test_map_batches_streams_into_a_result_table(settings: Settings) -> None:
    def double(batches):
        for batch in batches:
            table = pa.Table.from_batches([batch])
            doubled = pa.compute.multiply(table.column("video_id"), 2)
            yield from table.set_column(0, "video_id", doubled).to_batches()

    with DuckDBEngine.open(settings) as engine:
        engine.write(predictions(200_000), "claim_predictions")
        count = engine.map_batches(
            "select * from ml.claim_predictions",
            double,
            contract.arrow_schema("claim_predictions"),
            "claim_predictions",
        )
        total = engine.query("select cast(sum(video_id) as bigint) as total from ml.claim_predictions").to_pylist()
    assert count == 200_000
    assert total == [{"total": 200_000 * 199_999}]


def test_a_failing_function_leaves_the_table_as_it_was(settings: Settings) -> None:
    def fail(batches):
        yield next(batches)
        raise DataError("no more")

    with DuckDBEngine.open(settings) as engine:
        engine.write(predictions(200_000), "claim_predictions")
        with pytest.raises(Exception, match="no more"):
            engine.map_batches(
                "select * from ml.claim_predictions",
                fail,
                contract.arrow_schema("claim_predictions"),
                "claim_predictions",
            )
        assert engine.query("select count(*) as n from ml.claim_predictions").to_pylist() == [{"n": 200_000}]


def test_a_lock_is_explained(settings: Settings) -> None:
    connect_file(settings.warehouse_file, settings).close()
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=hold, args=(str(settings.warehouse_file), held, release))
    other.start()
    try:
        assert held.wait(20)
        with pytest.raises(WarehouseError, match=f"process {other.pid}") as raised:
            connect_file(settings.warehouse_file, settings)
        assert raised.value.exit_code == 3
    finally:
        release.set()
        other.join()


def test_no_warehouse_is_explained(settings: Settings) -> None:
    with pytest.raises(WarehouseError, match="claims run"):
        DuckDBEngine.open(settings, read_only=True)


def test_a_broken_file_is_explained(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    settings.warehouse_file.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        DuckDBEngine.open(settings)
