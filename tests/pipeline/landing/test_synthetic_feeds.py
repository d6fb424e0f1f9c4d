"""The twin's three feeds: videos of which a tenth has just come in, reports about them and decisions on them."""

import duckdb
import pandas as pd
import pytest

from pipeline.job.dbt_runner import run_dbt
from pipeline.landing.ingest import ingest
from pipeline.landing.inputs import find_inputs
from pipeline.landing.synthetic import Twin, write_feed, write_synthetic
from warehouse.duckdb_engine import DuckDBEngine
from warehouse.errors import DataError
from warehouse.settings import Settings

ROWS = 6_000
TWIN = Twin(ROWS, 7, hold_labels=0.1, is_young=True)
COUNTS = [f"video_{name}_count" for name in ("view", "like", "share", "download", "comment")]
NOW = pd.Timestamp("2026-11-01", tz="UTC")


@pytest.fixture(scope="module")
def feeds(tmp_path_factory) -> dict[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("twin")
    files = {what: folder / f"{what}.parquet" for what in ("videos", "reports", "decisions", "truth")}
    write_feed(TWIN, files)
    write_synthetic(folder / "whole.parquet", ROWS, 7)
    found = {what: pd.read_parquet(path) for what, path in files.items()}
    for feed, column in (("reports", "reported_at"), ("decisions", "decided_at")):
        found[feed][column] = pd.to_datetime(found[feed][column], utc=True)
    return {**found, "whole": pd.read_parquet(folder / "whole.parquet")}


def test_a_tenth_arrives_complete_young_and_unlabelled_and_the_rest_as_ever(feeds) -> None:
    videos, whole, truth = (feeds[what].set_index("video_id") for what in ("videos", "whole", "truth"))
    held = truth.index
    pd.testing.assert_frame_equal(videos.drop(held), whole.drop(held))
    assert len(held) == pytest.approx(0.1 * whole["claim_status"].notna().sum(), rel=0.1)
    assert videos.loc[held, "claim_status"].isna().all()
    assert (whole.loc[held, "claim_status"] == truth["claim_status"]).all()
    assert (whole.loc[held, COUNTS] == truth[COUNTS]).all(axis=None)
    untouched = whole.columns.drop(["claim_status", *COUNTS])
    pd.testing.assert_frame_equal(videos.loc[held, untouched], whole.loc[held, untouched])
    share = videos.loc[held, "video_view_count"] / truth["video_view_count"]
    assert share.max() < 0.5
    assert share.std() > 0.1
    likes = videos.loc[held, "video_like_count"]
    assert (likes <= videos.loc[held, "video_view_count"]).all(), "cut alike, so that no invariant breaks"


def test_reports_grow_with_views_and_are_heavier_for_claims(feeds) -> None:
    whole = feeds["whole"].dropna().copy()
    reports = feeds["reports"]
    assert reports["report_id"].is_unique
    assert set(reports["video_id"]) <= set(feeds["whole"]["video_id"])
    assert reports["reported_at"].max() < NOW
    assert 1.5 < len(reports) / ROWS < 2.5
    whole["reports"] = whole["video_id"].map(reports["video_id"].value_counts()).fillna(0)
    claims, opinions = (whole[whole["claim_status"] == status] for status in ("claim", "opinion"))
    similar = claims[claims["video_view_count"] < 10_000], opinions[opinions["video_view_count"] > 1_000]
    assert similar[0]["reports"].mean() > 1.2 * similar[1]["reports"].mean(), "at equal views"
    halves = claims["video_view_count"] > claims["video_view_count"].median()
    assert claims[halves]["reports"].mean() > 1.3 * claims[~halves]["reports"].mean()
    assert set(reports["reported_item"]) == {"video", "comment"}
    assert ((reports["reported_item"] == "comment") == reports["comment_id"].notna()).all()


def test_a_few_people_report_everything(feeds) -> None:
    per_person = feeds["reports"]["reporter_id"].value_counts()
    assert per_person.iloc[3] > 5 * per_person.iloc[4]
    serial = feeds["reports"][feeds["reports"]["reporter_id"].isin(per_person.index[:4])]
    claims = serial["video_id"].isin(feeds["whole"].query("claim_status == 'claim'")["video_id"]).mean()
    assert claims == pytest.approx(0.5, abs=0.06), "claim or not"
    assert feeds["reports"]["reporter_id"].isna().any()


def test_decisions_follow_and_leave_a_backlog(feeds) -> None:
    decisions, truth = feeds["decisions"], feeds["truth"]
    assert decisions["decision_id"].is_unique
    assert decisions["decided_at"].max() < NOW
    first_reports = feeds["reports"].groupby("video_id")["reported_at"].min()
    reported = decisions[decisions["video_id"].isin(first_reports.index)]
    hours = (reported["decided_at"] - reported["video_id"].map(first_reports)).dt.total_seconds() / 3600
    assert hours.min() >= 0.5
    assert hours.median() > 4
    backlog = 1 - truth["video_id"].isin(decisions["video_id"]).mean()
    assert 0.3 < backlog < 0.7
    label = decisions["video_id"].map(feeds["whole"].set_index("video_id")["claim_status"])
    decided = decisions["decision"] != "skipped"
    assert 0.98 < (decisions["decision"] == label)[decided].mean() < 1
    twice = decisions.groupby("video_id")["reviewer_id"].agg(["count", "nunique"])
    assert (twice["count"] == twice["nunique"]).all()
    assert (twice["count"] == 2).any()


def test_bytes_do_not_depend_on_the_threads_or_on_what_else_is_written(tmp_path) -> None:
    alone = tmp_path / "alone.csv"
    write_feed(TWIN, {"reports": alone}, threads=1)
    write_feed(TWIN, {what: tmp_path / f"{what}.csv" for what in ("videos", "decisions", "reports")}, threads=4)
    assert alone.read_bytes() == (tmp_path / "reports.csv").read_bytes()


def test_reports_of_any_videos_file(tmp_path) -> None:
    whole, again = tmp_path / "whole.csv", tmp_path / "again.csv"
    write_synthetic(whole, 500, 7)
    write_feed(Twin(1, 7, videos=whole), {"videos": again, "reports": tmp_path / "reports.csv"})
    assert again.read_bytes() == whole.read_bytes()
    foreign = tmp_path / "foreign.csv"
    foreign.write_bytes(whole.read_bytes().replace(b" ", b"_"))
    write_feed(Twin(1, 7, videos=foreign), {"reports": tmp_path / "made.csv"})
    ours, made = (pd.read_csv(tmp_path / name) for name in ("reports.csv", "made.csv"))
    assert ours["report_id"].str.startswith("twin-").all()
    assert made["report_id"].str.startswith("made-").all(), "they may stand beside real videos"
    assert (ours["video_id"] == made["video_id"]).all()
    with pytest.raises(DataError, match="holds reports, not videos"):
        write_feed(Twin(1, 7, videos=tmp_path / "made.csv"), {"reports": tmp_path / "x.csv"})


@pytest.mark.slow
def test_first_reports_of_the_published_file_land_and_build(real_csv, tmp_path) -> None:
    reports = tmp_path / "reports.csv"
    written = write_feed(Twin(1, 7, videos=real_csv), {"reports": reports})["reports"]
    assert written > 30_000
    settings = Settings(home=tmp_path / "var", lock_wait_sec=5)
    videos, landed = sorted(
        ingest(settings, [real_csv, reports], is_synthetic=False), key=lambda delivery: delivery.feed, reverse=True
    )
    assert (videos.feed, videos.is_synthetic, landed.feed, landed.is_synthetic) == ("videos", False, "reports", False)
    assert (landed.landed_count, landed.rejected_count) == (written, 0)
    # The results of the scripts are missing, so dbt makes them empty.
    run_dbt(settings, "build")
    with DuckDBEngine.open(settings, read_only=True) as engine:
        (accounts,) = engine.query(
            "select waiting_count, is_reconciled from quality.reconciliation where feed = 'reports'"
        ).to_pylist()
        cases = engine.query(
            "select count(*), cast(sum(report_count) as bigint) from marts.fct_cases where report_count > 0"
        )
    assert accounts == {"waiting_count": 0, "is_reconciled": True}
    # Counted on the files, apart from the marts: a video that came without a label opens with its first report, one
    # that came with it only once three people had reported it.
    counted = duckdb.sql(
        f"""
        select count(*), cast(sum(report_count) as bigint)
        from (
            select any_value(claim_status) as label, count(*) as report_count, count(distinct reporter_id) as reporters
            from read_csv('{reports}', all_varchar = true) as reports
            join read_csv('{real_csv}', all_varchar = true) as videos using (video_id)
            group by video_id
        )
        where label is null or reporters >= 3
        """
    ).fetchall()
    assert [tuple(row.values()) for row in cases.to_pylist()] == counted


def test_the_twin_that_stands_in_brings_three_feeds_and_leaves_whole(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pipeline.landing.inputs.RAW_FOLDER", tmp_path / "raw")
    settings = Settings(home=tmp_path / "var", synthetic_rows=60)
    inputs = find_inputs([], settings)
    landed = ingest(settings, inputs.files, is_synthetic=True)
    assert [(delivery.number, delivery.feed) for delivery in landed] == [
        (1, "videos"),
        (2, "decisions"),
        (3, "reports"),
    ]
    assert all(delivery.rejected_count == 0 for delivery in landed)
    assert not any(delivery.is_new for delivery in ingest(settings, find_inputs([], settings).files, is_synthetic=True))
    foreign = tmp_path / "real.csv"
    foreign.write_bytes(inputs.files[0].read_bytes().replace(b" ", b"_"))
    (real,) = ingest(settings, [foreign], is_synthetic=False)
    assert real.number == 1
    assert len(real.replaced) == 3
    with pytest.raises(DataError, match="synthetic twin"):
        ingest(settings, [inputs.files[2]], is_synthetic=False)
