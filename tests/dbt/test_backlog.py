"""Cases, backlog and reporters' weights against numbers computed by hand: 20 reports and 6 decisions in five days."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from ml.statistics.shares import wilson
from tests.dbt.compiled import built_from, statement
from warehouse.settings import Settings

# A, B and C came without a label; D to G with one, undated. All but F are in the training part.
A, B, C, D, E, F, G, UNKNOWN = 6, 7, 9, 11, 17, 31, 18, 999
TRAINING = (6, 7, 9, 11, 17, 18, 19, 20)
LABELS = {A: None, B: None, C: None, D: "claim", E: "opinion", F: "opinion", G: "claim"}
REPORTS = [
    (A, "p1", "01 10"), (A, "p2", "01 12"), (A, "p1", "01 13"),  # one person reports twice
    (B, "p1", "02 09"),
    (D, "p1", "01 08"), (D, "p2", "01 09"),  # two people do not open a decided video
    (E, "p2", "01 09"), (E, "p3", "02 09"), (E, "p4", "03 09"), (E, None, "03 10"),  # three do
    (F, "p4", "01 09"), (F, "p4", "02 09"), (F, None, "02 10"), (F, None, "02 11"), (F, None, "02 12"),  # who?
    (G, "p1", "01 10"),
    (A, "p3", "04 09"), (A, "p4", "04 10"), (A, "p5", "04 11"),  # three others, after the decision
    (UNKNOWN, "p6", "05 12"),  # waits for its video, and is the newest event
]  # fmt: skip
DECISIONS = [
    (A, "claim", "v1", "02 10"),
    (A, "claim", "v2", "02 11"),  # a second opinion closes nothing more
    (B, "skipped", "v1", "02 12"),
    (D, "opinion", "v2", "03 10"),  # against the delivered label
    (E, "opinion", "v1", "04 09"),
    (B, "opinion", "v2", "05 09"),
]


def at(moment: str) -> datetime:
    day, hour = moment.split()
    return datetime(2026, 3, int(day), int(hour))  # noqa: DTZ001 - the warehouse's timestamps are UTC without a zone


def videos(labels: dict[int, str | None]) -> list[dict[str, object]]:
    fixed = {"video_duration_sec": 9, "verified_status": "verified", "author_ban_status": "active"}
    return [
        {**fixed, "video_id": key, "claim_status": label, "delivery_number": 1, "delivery_row_number": key}
        for key, label in labels.items()
    ]


def staged_reports(reports: list[tuple[int, str | None, str]]) -> list[dict[str, object]]:
    return [
        {
            "report_id": f"r{place}", "video_id": video, "reporter_id": reporter, "reported_at": at(moment),
            "report_reason": "misinformation", "delivery_number": 2, "delivery_row_number": place,
        }
        for place, (video, reporter, moment) in enumerate(reports)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def tables(built_warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    decisions = [
        {
            "decision_id": f"d{place}", "video_id": video, "decision": decision, "reviewer_id": reviewer,
            "decided_at": at(moment), "delivery_number": 3, "delivery_row_number": place,
        }
        for place, (video, decision, reviewer, moment) in enumerate(DECISIONS)
    ]  # fmt: skip
    staged = {
        "stg_tiktok__videos": videos(LABELS),
        "stg_tiktok__reports": staged_reports(REPORTS),
        "stg_tiktok__decisions": decisions,
    }
    with built_from(built_warehouse, staged) as connection:
        yield connection


def test_the_hand_made_set_is_what_it_says() -> None:
    assert (len(REPORTS), len(DECISIONS)) == (20, 6)


def test_the_newest_word_is_the_label(tables) -> None:
    found = tables.execute(
        "select video_id, claim_status, label, label_source, labelled_at, is_claim from marts.fct_videos order by 1"
    ).fetchall()
    assert found == [
        (A, None, "claim", "decision", at("02 11"), True), (B, None, "opinion", "decision", at("05 09"), False),
        (C, None, None, None, None, None), (D, "claim", "opinion", "decision", at("03 10"), False),
        (E, "opinion", "opinion", "decision", at("04 09"), False), (G, "claim", "claim", "delivery", None, True),
        (F, "opinion", "opinion", "delivery", None, False),
    ]  # fmt: skip
    by_label = tables.execute("select claim_status, video_count from marts.agg_videos_by_claim_status order by 1")
    assert by_label.fetchall() == [("claim", 2), ("opinion", 4), ("unlabelled", 1)]


def test_a_dated_label_is_weighed_against_the_decision_by_time(built_warehouse) -> None:
    """Delivered after the decision it stands; before it, the decision does."""
    rows = [
        {**row, "snapshot_at": at(moment)}
        for row, moment in zip(videos({A: "opinion", B: "opinion"}), ("03 10", "01 10"), strict=True)
    ]
    decisions = [
        {
            "decision_id": f"d{video}", "video_id": video, "decision": "claim", "reviewer_id": "v1",
            "decided_at": at("02 10"), "delivery_number": 3, "delivery_row_number": video,
        }
        for video in (A, B)
    ]  # fmt: skip
    with built_from(built_warehouse, {"stg_tiktok__videos": rows, "stg_tiktok__decisions": decisions}) as connection:
        found = connection.execute("select label, label_source, labelled_at from marts.fct_videos order by video_id")
        assert found.fetchall() == [("opinion", "delivery", at("03 10")), ("claim", "decision", at("02 10"))]


def test_cases_open_close_and_open_again(tables) -> None:
    found = tables.execute(
        "select video_id, episode_number, opened_at, closed_at, label, is_reopened, report_count, reporter_count,"
        " hours_to_decision, disposition from marts.fct_cases order by 1, 2"
    ).fetchall()
    assert found == [
        (A, 1, at("01 10"), at("02 10"), "claim", False, 3, 2, 24.0, None),
        (A, 2, at("04 11"), None, None, True, 3, 3, None, "to_review"),
        (B, 1, at("02 09"), at("05 09"), "opinion", False, 1, 1, 72.0, None),
        (C, 1, None, None, None, False, 0, 0, None, "to_review"),
        (E, 1, at("03 09"), at("04 09"), "opinion", True, 4, 3, 24.0, None),
    ]


def test_the_backlog_day_by_day(tables) -> None:
    found = tables.execute("select * exclude (cleared_count) from marts.agg_backlog_daily order by 1").fetchall()
    assert found == [
        # opened, reopened, decided, labelled, pending; oldest age, median and 95th percentile of hours, within target
        (at("01 00"), 1, 0, 0, 0, 2, 14.0, None, None, None),
        (at("02 00"), 1, 0, 1, 0, 2, 15.0, 24.0, 24.0, 1.0),
        (at("03 00"), 0, 1, 0, 0, 3, 39.0, None, None, None),
        (at("04 00"), 0, 1, 1, 0, 3, 63.0, 24.0, 24.0, 1.0),
        (at("05 00"), 0, 0, 1, 0, 2, 25.0, 72.0, 72.0, 0.0),
    ]


def test_reporters_weigh_what_their_reports_were_worth(tables) -> None:
    """Nothing tells these five apart beyond chance, so the prior is worth 999 videos and draws all to one half."""
    found = tables.execute(
        "select reporter_id, reported_video_count, labelled_video_count, claim_count, weight"
        " from intermediate.int_reporters_weighted order by 1"
    ).fetchall()
    half = 999 / 2
    assert found == [
        ("p1", 4, 4, 2, pytest.approx((2 + half) / 1003)),
        ("p2", 3, 3, 1, pytest.approx((1 + half) / 1002)),
        ("p3", 2, 2, 1, pytest.approx((1 + half) / 1001)),
        ("p4", 3, 2, 1, pytest.approx((1 + half) / 1001)),  # F is not in the training part
        ("p5", 1, 1, 1, pytest.approx((1 + half) / 1000)),
    ]
    (weight,) = tables.execute(
        "select report_weight from marts.fct_cases where video_id = 6 and episode_number = 1"
    ).fetchone()
    assert weight == pytest.approx((2 + half) / 1003 + (1 + half) / 1002)


def test_a_person_who_is_always_right_weighs_more_and_500_reports_weigh_as_one(built_warehouse) -> None:
    """Four claims of four against none of four: all the spread is theirs, so the prior is worth one video."""
    labels: dict[int, str | None] = dict.fromkeys(TRAINING[:4], "claim") | dict.fromkeys(TRAINING[4:8], "opinion")
    reports = [(video, "right" if label == "claim" else "wrong", "01 10") for video, label in labels.items()]
    reports += [(TRAINING[0], "right", "01 11")] * 500
    staged = {"stg_tiktok__videos": videos(labels), "stg_tiktok__reports": staged_reports(reports)}
    with built_from(built_warehouse, staged) as connection:
        found = connection.execute(
            "select reporter_id, weight from intermediate.int_reporters_weighted order by 1"
        ).fetchall()
        assert found == [("right", pytest.approx(4.5 / 5)), ("wrong", pytest.approx(0.5 / 5))]
        published = connection.execute("select * from quality.reporter_weights").fetchall()
        assert len(published) == 2
        assert not {"right", "wrong"} & {row[0] for row in published}


def test_label_noise_is_listed_and_no_name_is_published(tables) -> None:
    noise = tables.execute("select video_id from marts.fct_decisions where is_against_delivered_label").fetchall()
    assert noise == [(D,)]
    for table, column, names in (("fct_reports", "reporter_hash", 5), ("fct_decisions", "reviewer_hash", 2)):
        hashes = {row[0] for row in tables.execute(f"select distinct {column} from marts.{table}").fetchall()} - {None}
        assert len(hashes) == names
        assert all(len(name) == 32 for name in hashes)


def test_reasons_are_counted_per_person_and_video(tables) -> None:
    assert tables.execute("select * from marts.agg_report_reasons").fetchall() == [
        ("misinformation", "video", 19, 5, 6, 6, 2, pytest.approx(2 / 6))
    ]


def test_labels_given_twice_are_compared(tables) -> None:
    """Two reviewers looked at A; D and E were delivered with a label, and one was decided otherwise."""
    found = tables.execute("select * from marts.agg_label_agreement order by 1").fetchall()
    assert found == [
        ("reviewer and delivery", 2, 1, 0.5, *(pytest.approx(bound) for bound in wilson(1, 2))),
        ("two reviewers", 1, 1, 1.0, *(pytest.approx(bound) for bound in wilson(1, 1))),
    ]


def test_prevalence_counts_the_drawn_cases_of_decided_days(built_warehouse, tables) -> None:
    """A's first day is decided and B's, too; A's second episode is open, so its day says nothing yet."""
    tables.execute("begin")
    tables.execute("update marts.fct_cases set is_audit = video_id in (6, 7)")
    found = tables.execute(statement(built_warehouse, node_of(built_warehouse, "agg_prevalence"))).fetchall()
    tables.execute("rollback")
    lower, upper = wilson(1, 2)
    assert sorted(found) == [
        ("all cases", 2, 2, 2, 1, 0.5, pytest.approx(lower), pytest.approx(upper)),
        ("called opinions", 0, 0, 0, 0, None, None, None),  # nothing is scored
    ]


def test_one_case_in_twenty_is_drawn(built_warehouse) -> None:
    unlabelled = videos(dict.fromkeys(range(1, 4_001), None))
    with built_from(built_warehouse, {"stg_tiktok__videos": unlabelled}) as connection:
        drawn, total, probability = connection.execute(
            "select count(*) filter (is_audit), count(*), max(audit_probability) from marts.fct_cases"
        ).fetchone()
    assert (total, probability) == (4_000, 0.05)
    assert 130 < drawn < 270


def test_clearing_takes_called_opinions_under_a_promise_alone(built_warehouse) -> None:
    """B is called an opinion under a promise, C by costs; A, under the same promise, is reported by three."""
    labels: dict[int, str | None] = {A: None, B: None, C: None, D: None}
    reports = [(A, "p1", "01 10"), (A, "p2", "01 10"), (A, "p3", "01 10"), (B, "p1", "01 10")]
    staged = {"stg_tiktok__videos": videos(labels), "stg_tiktok__reports": staged_reports(reports)}
    decisions = {A: ("one", "opinion"), B: ("one", "opinion"), C: ("two", "opinion"), D: ("one", "needs_review")}
    results = {
        "model_runs": [
            {"model_run_id": "one", "decision_rule": "promise"}, {"model_run_id": "two", "decision_rule": "costs"}
        ],
        "claim_predictions": [
            {"video_id": video, "model_run_id": run, "decision": decision, "claim_probability": 0.1}
            for video, (run, decision) in decisions.items()
        ],
    }  # fmt: skip
    cases = statement(built_warehouse, node_of(built_warehouse, "fct_cases"))
    switch = "false and predictions.decision = 'opinion'"
    assert switch in cases
    with built_from(built_warehouse, staged, results) as connection:
        off = connection.execute("select distinct disposition from marts.fct_cases").fetchall()
        on = connection.execute(
            f"select video_id, disposition from ({cases.replace(switch, switch.replace('false', 'true'))}) order by 1"
        ).fetchall()
    assert off == [("to_review",)]
    assert on == [(A, "to_review"), (B, "cleared"), (C, "to_review"), (D, "to_review")]


def node_of(settings: Settings, name: str) -> dict[str, Any]:
    manifest = json.loads((settings.home / "dbt" / "target" / "manifest.json").read_text(encoding="utf-8"))
    (node,) = (node for node in manifest["nodes"].values() if node["name"] == name)
    return node


def test_conservation_holds_and_its_check_can_fail(tables, built_warehouse) -> None:
    check = statement(built_warehouse, node_of(built_warehouse, "backlog_is_conserved"))
    assert tables.execute(check).fetchall() == []
    tables.execute("begin")
    tables.execute("update marts.agg_backlog_daily set pending_count = 4 where day_started_at = '2026-03-03'")
    assert tables.execute(check).fetchall() != []
    tables.execute("rollback")
