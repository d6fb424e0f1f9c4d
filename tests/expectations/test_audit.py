"""Both audits: what passes, what warns, what stops a run before anything is published."""

import shutil

import pandas as pd
import pytest

from expectations.audit import check, run_audit
from expectations.suites import SUITES
from pipeline.job import steps
from warehouse import contract
from warehouse.errors import DataError
from warehouse.factory import open_engine

INCOMING, REPORTS, DECISIONS, OUTGOING, DRIFT = SUITES


@pytest.fixture(scope="module")
def videos(built_warehouse) -> pd.DataFrame:
    with open_engine(built_warehouse, read_only=True) as engine:
        return engine.query("select * from staging.stg_tiktok__videos order by video_id").to_pandas()


@pytest.fixture(scope="module")
def predictions(built_warehouse) -> pd.DataFrame:
    with open_engine(built_warehouse, read_only=True) as engine:
        return engine.query("select * from marts.fct_claim_predictions order by video_id").to_pandas()


def failures(results) -> set[tuple[str, str | None]]:
    return {(result.severity, result.column_name) for result in results if not result.is_successful}


def test_a_rule_over_two_columns_is_said_as_one_would(videos) -> None:
    said = {result.expectation for result in check(INCOMING, videos)}
    assert "video_view_count to be at least video_like_count" in said
    assert not any("column_A" in text for text in said)


def test_good_data_pass(videos, predictions) -> None:
    assert not failures(check(INCOMING, videos))
    assert not failures(check(OUTGOING, predictions))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("video_id", None),
        ("claim_status", "rumour"),
        ("verified_status", None),
        ("verified_status", "perhaps"),
        ("author_ban_status", None),
        ("author_ban_status", "gone"),
        ("video_duration_sec", None),
        ("video_duration_sec", 0),
        ("video_view_count", -1),
        ("video_like_count", -1),
        ("video_share_count", -1),
        ("video_download_count", -1),
        ("video_comment_count", -1),
    ],
)
def test_bad_incoming_value_is_critical(videos, column, value) -> None:
    bad = videos.copy()
    bad.loc[0, column] = value
    assert ("critical", column) in failures(check(INCOMING, bad))


@pytest.mark.parametrize(
    ("larger", "smaller"),
    [
        ("video_view_count", "video_like_count"),
        ("video_like_count", "video_share_count"),
        ("video_like_count", "video_download_count"),
        ("video_download_count", "video_comment_count"),
    ],
)
def test_contradicting_counts_are_a_warning(videos, larger, smaller) -> None:
    bad = videos.copy()
    bad.loc[0, smaller] = bad.loc[0, larger] + 1
    found = failures(check(INCOMING, bad))
    assert ("warning", larger) in found
    assert all(severity == "warning" for severity, _ in found)


def test_other_columns_or_no_rows_are_critical(videos) -> None:
    assert ("critical", None) in failures(check(INCOMING, videos.assign(surprise=1)))
    assert ("critical", None) in failures(check(INCOMING, videos.head(0)))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("video_id", None),
        ("feature_set", "guessed"),
        ("claim_probability", None),
        ("claim_probability", 1.5),
        ("decision", "maybe"),
        ("is_out_of_fold", None),
    ],
)
def test_bad_outgoing_value_is_critical(predictions, column, value) -> None:
    bad = predictions.astype({column: object})
    bad.loc[0, column] = value
    assert ("critical", column) in failures(check(OUTGOING, bad))


def test_a_video_scored_twice_is_critical(predictions) -> None:
    twice = pd.concat([predictions, predictions.head(1)], ignore_index=True)
    assert ("critical", "video_id") in failures(check(OUTGOING, twice))


def test_a_critical_failure_stops_before_publishing_and_is_kept(built_warehouse, tmp_path) -> None:
    settings = built_warehouse.model_copy(update={"home": tmp_path / "var"})
    shutil.copytree(built_warehouse.home, settings.home, symlinks=True)
    with open_engine(settings) as engine:
        engine.connection.execute(
            "update marts.fct_claim_predictions set claim_probability = 2 where video_id % 10 = 0"
        )
    with pytest.raises(DataError, match=r"claim_probability") as raised:
        steps.audit_outgoing(settings, lambda _: None)
    assert raised.value.exit_code == 1
    with open_engine(settings, read_only=True) as engine:
        kept = engine.query(
            "select boundary, count(*) as n, count(case when not is_successful then 1 end) as failed "
            f"from {contract.relation('audit_results')} group by boundary order by boundary"
        ).to_pylist()
    assert [row["boundary"] for row in kept] == ["incoming", "outgoing"]
    assert kept[1]["failed"] == 1


def test_above_the_limit_a_sample_is_checked_and_said(built_warehouse, tmp_path) -> None:
    settings = built_warehouse.model_copy(update={"home": tmp_path / "var"})
    shutil.copytree(built_warehouse.home, settings.home, symlinks=True)
    with open_engine(settings) as engine:
        results = run_audit(engine, "incoming", 100)
    assert {result.checked_count for result in results} == {100}


def test_a_column_that_the_platform_has_not_fails_no_audit(videos) -> None:
    without = videos.assign(verified_status=None)
    assert failures(check(INCOMING, without)) == {("critical", "verified_status")}
    assert not failures(check(INCOMING, without, {"verified_status"}))


@pytest.fixture(scope="module")
def events(built_warehouse) -> dict[str, pd.DataFrame]:
    with open_engine(built_warehouse, read_only=True) as engine:
        return {
            suite.table_name: engine.query(f"select * from staging.{suite.table_name}").to_pandas()
            for suite in (REPORTS, DECISIONS)
        }


@pytest.mark.parametrize("suite", [REPORTS, DECISIONS], ids=["reports", "decisions"])
def test_good_events_pass_and_none_do_too(events, suite) -> None:
    frame = events[suite.table_name]
    assert len(frame) > 100
    assert not failures(check(suite, frame))
    assert not failures(check(suite, frame.head(0))), "a platform may deliver none"


@pytest.mark.parametrize(
    ("suite", "column", "value"),
    [
        (REPORTS, "report_id", None),
        (REPORTS, "video_id", None),
        (REPORTS, "video_id", -1),
        (REPORTS, "reported_item", "account"),
        (REPORTS, "reported_at", None),
        (REPORTS, "reported_at", pd.Timestamp("1969-12-31")),
        (DECISIONS, "decision_id", None),
        (DECISIONS, "decision", None),
        (DECISIONS, "decision", "maybe"),
        (DECISIONS, "decided_at", pd.Timestamp("2200-01-01")),
        (DECISIONS, "reviewer_id", None),
        (DECISIONS, "review_sec", -1),
        (DECISIONS, "lane", "express"),
        (DECISIONS, "selection_probability", 1.5),
    ],
)
def test_a_bad_event_is_critical(events, suite, column, value) -> None:
    bad = events[suite.table_name].copy()
    if value is None:
        bad = bad.astype({column: object})
    bad.loc[0, column] = value
    assert failures(check(suite, bad)) == {("critical", column)}


@pytest.mark.parametrize(
    ("suite", "column", "value", "needed"),
    [
        (REPORTS, "reported_item", "comment", "comment_id"),
        (DECISIONS, "lane", "audit", "selection_probability"),
    ],
)
def test_what_another_column_needs_is_a_warning(events, suite, column, value, needed) -> None:
    bad = events[suite.table_name].copy()
    bad.loc[0, [column, needed]] = [value, None]
    assert failures(check(suite, bad)) == {("warning", needed)}


def test_expectations_of_a_boundary_are_numbered_through(built_warehouse) -> None:
    with open_engine(built_warehouse, read_only=True) as engine:
        rows = engine.query("select boundary, expectation_number, table_name from quality.audit_results").to_pylist()
    assert {row["table_name"] for row in rows} == {suite.table_name for suite in SUITES}
    for boundary in ("incoming", "outgoing"):
        numbers = [row["expectation_number"] for row in rows if row["boundary"] == boundary]
        assert sorted(numbers) == list(range(1, 1 + len(numbers)))
