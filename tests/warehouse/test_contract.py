"""Names, types and descriptions are read from dbt's YAML."""

import pyarrow as pa
import pytest

from warehouse import contract
from warehouse.errors import DataError, UsageError


def rows() -> pa.Table:
    return pa.table(
        {
            "claim_probability": pa.array([0.25]),
            "video_id": pa.array([7], pa.int32()),
            "model_run_id": ["a"],
            "feature_set": ["full"],
            "champion_probability": [0.5],
            "decision": ["claim"],
            "decision_reason": ["model"],
            "baseline_decision": pa.array([None], pa.string()),
            "is_out_of_fold": [False],
        }
    )


def test_rows_are_brought_into_order_and_type() -> None:
    conformed = contract.conform(rows(), "claim_predictions")
    assert conformed.schema == contract.arrow_schema("claim_predictions")
    assert conformed.num_rows == 1


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda table: table.drop_columns("feature_set"), "missing"),
        (lambda table: table.append_column("surprise", pa.array([1])), "unknown"),
        (lambda table: table.set_column(0, "claim_probability", pa.array(["high"])), "contract"),
    ],
)
def test_a_broken_contract_is_refused(broken, fault) -> None:
    with pytest.raises(DataError, match=fault):
        contract.conform(broken(rows()), "claim_predictions")


def test_relation_comes_from_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    assert contract.relation("fct_videos") == "marts.fct_videos"
    monkeypatch.setenv("CLAIMS_SCHEMA_PREFIX", "test_")
    assert contract.relation("fct_videos") == "test_marts.fct_videos"
    monkeypatch.setenv("CLAIMS_SCHEMA_PREFIX", "x; drop schema marts")
    with pytest.raises(UsageError, match="CLAIMS_SCHEMA_PREFIX"):
        contract.relation("fct_videos")
    monkeypatch.delenv("CLAIMS_SCHEMA_PREFIX")
    with pytest.raises(UsageError, match="fct_videos"):
        contract.relation("fct_vidoes")


def test_every_public_column_is_typed_and_described() -> None:
    for table in contract.public_tables().values():
        assert table.columns, table.name
        for column in table.columns:
            assert column.description, f"{table.name}.{column.name}"
        assert contract.arrow_schema(table.name).names == [column.name for column in table.columns]


def test_from_rows_fills_and_refuses() -> None:
    table = contract.from_rows([{"video_id": 1}], "claim_predictions")
    assert table.column("feature_set").to_pylist() == [None]
    with pytest.raises(DataError, match="surprise"):
        contract.from_rows([{"surprise": 1}], "claim_predictions")


def test_metrics_rates_and_categories_are_declared_once() -> None:
    assert list(contract.metrics()) == ["duration", "views", "likes", "shares", "downloads", "comments"]
    assert contract.counts()["downloads"] == "video_download_count"
    assert "duration" not in contract.counts()
    assert contract.rates()["comment_rate"] == ("video_comment_count", "video_download_count")
    assert contract.categories("author_ban_status") == ("active", "under review", "banned")
    with pytest.raises(UsageError, match="no categories"):
        contract.categories("video_id")


def test_what_is_no_number_becomes_null() -> None:
    rows = [
        {"video_id": number, "claim_probability": value}
        for number, value in enumerate((float("nan"), -float("inf"), 0.5))
    ]
    assert contract.from_rows(rows, "claim_predictions")["claim_probability"].to_pylist() == [None, None, 0.5]
