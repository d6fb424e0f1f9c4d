"""Each kind of data test is shown to fail on bad data once."""

import shutil

import pytest

from pipeline.job.dbt_runner import run_dbt
from warehouse.duckdb_engine import connect_file
from warehouse.errors import DataError

TWICE = "insert into {0} select * from {0} limit 1"
UPDATE = "update marts.fct_videos set {} where video_id % 50 = {}"
CORRUPTIONS = {
    "expect_between_fct_videos_like_rate": UPDATE.format("like_rate = 2", 0),
    "expect_at_least_fct_videos_video_view_count": UPDATE.format("video_view_count = -1", 1),
    "expect_declared_category_fct_videos_claim_status": UPDATE.format("claim_status = 'rumour'", 2),
    "never_null_fct_videos": UPDATE.format("verified_status = null", 3),
    "unique_fct_videos_video_id": TWICE.format("marts.fct_videos"),
    "unique_combination_agg_engagement_bins": TWICE.format("marts.agg_engagement_bins"),
    "accepted_values_reconciliation_is_reconciled": "update quality.reconciliation set is_reconciled = false",
    "unique_ml_claim_predictions_video_id": TWICE.format("ml.claim_predictions"),
}


@pytest.fixture(scope="module")
def failures(built_warehouse, tmp_path_factory) -> str:
    home = tmp_path_factory.mktemp("corrupt") / "var"
    shutil.copytree(built_warehouse.home, home, symlinks=True)
    settings = built_warehouse.model_copy(update={"home": home})
    with connect_file(settings.warehouse_file, settings) as connection:
        for statement in CORRUPTIONS.values():
            connection.execute(statement)
    with pytest.raises(DataError) as raised:
        run_dbt(settings, "test")
    return str(raised.value)


@pytest.mark.parametrize("test_name", CORRUPTIONS)
def test_bad_data_fail(failures, test_name) -> None:
    assert test_name in failures


def test_a_failure_shows_what_it_found(failures) -> None:
    assert "never_null_fct_videos: Got 1 result, configured to fail if != 0; the first: verified_status = " in failures
