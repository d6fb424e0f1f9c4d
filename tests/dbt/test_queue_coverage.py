"""The coverage of the queue, recomputed by hand from the same rows."""

import hashlib

import pandas as pd
import pytest

from warehouse.duckdb_engine import connect_for, sql_literal
from warehouse.factory import open_engine


@pytest.fixture(scope="module")
def frames(built_warehouse) -> dict[str, pd.DataFrame]:
    with open_engine(built_warehouse, read_only=True) as engine:
        return {
            "coverage": engine.query("select * from marts.agg_queue_coverage").to_pandas(),
            "videos": engine.query(
                "select videos.video_id, videos.is_claim, videos.video_view_count as views, "
                "predictions.claim_probability, videos.video_view_count as reach, "
                "power(predictions.claim_probability, policies.claim_probability_power) "
                "* power(videos.video_view_count, policies.reach_power) as priority "
                "from marts.fct_videos as videos inner join marts.fct_claim_predictions as predictions "
                "on videos.video_id = predictions.video_id inner join seeds.review_policies as policies "
                "on policies.policy = (select max(policy) from marts.agg_queue_policies where is_in_force) "
                "where videos.is_labelled"
            ).to_pandas(),
        }


@pytest.mark.parametrize(
    ("policy", "score"),
    [
        ("views", lambda videos: videos["reach"]),
        ("probability", lambda videos: videos["claim_probability"]),
        ("probability_times_reach", lambda videos: videos["claim_probability"] * videos["reach"]),
        ("priority", lambda videos: videos["priority"]),
        ("oracle", lambda videos: videos["is_claim"] * (1 + videos["views"])),
        ("first_in_first_out", lambda videos: videos["views"] * 0),
    ],
)
def test_coverage_is_what_the_first_videos_of_the_order_hold(frames, policy: str, score) -> None:
    videos = frames["videos"].assign(score=score)
    videos["arrival"] = [hashlib.md5(f"arrival {number}".encode()).hexdigest() for number in videos["video_id"]]
    ordered = videos.sort_values(["score", "arrival"], ascending=[False, True])
    rows = frames["coverage"][frames["coverage"]["policy"] == policy].set_index("capacity_share").sort_index()
    assert len(rows) == 20
    for capacity, row in rows.iterrows():
        first = ordered.head(int(len(ordered) * capacity + 1e-9))
        claims = first[first["is_claim"]]
        assert row["claim_share"] == pytest.approx(len(claims) / videos["is_claim"].sum())
        assert row["claim_view_share"] == pytest.approx(
            claims["views"].sum() / videos.loc[videos["is_claim"], "views"].sum()
        )
        assert row["claim_view_share_lower_bound"] <= row["claim_view_share"] <= row["claim_view_share_upper_bound"]


def test_nothing_covers_more_than_the_oracle(frames) -> None:
    wide = frames["coverage"].pivot_table(index="capacity_share", columns="policy", values="claim_view_share")
    assert (wide.le(wide["oracle"] + 1e-12, axis=0)).all(axis=None)
    assert wide.loc[1.0].tolist() == pytest.approx([1.0] * 8)


def test_it_says_where_a_model_adds_nothing(frames) -> None:
    at_quarter = frames["coverage"].query("capacity_share == 0.25").set_index("policy")
    assert not at_quarter.loc["probability", "has_gain_over_trivial"]
    assert at_quarter.loc["transcript_probability", "has_gain_over_trivial"]
    assert at_quarter.loc["views", "trivial_policy"] is None or pd.isna(at_quarter.loc["views", "trivial_policy"])


def test_no_order_of_rows_shows_in_a_last_digit(built_warehouse) -> None:
    (model,) = (built_warehouse.home / "dbt" / "target" / "compiled").rglob("models/marts/agg_queue_coverage.sql")
    orders = ["policy, capacity_share, part_number", *(f"md5('{seed}' || part_number)" for seed in range(5))]
    answers = []
    with connect_for(built_warehouse) as connection:
        connection.execute(f"attach {sql_literal(built_warehouse.warehouse_file)} as built (read_only)")
        connection.execute("attach ':memory:' as warehouse")
        for schema in ("seeds", "marts"):
            connection.execute(f"create schema warehouse.{schema}")
        connection.execute("create table warehouse.seeds.queue_policies as from built.seeds.queue_policies")
        for order in orders:
            connection.execute(
                "create or replace table warehouse.marts.agg_queue_coverage_by_part as "
                f"from built.marts.agg_queue_coverage_by_part order by {order}"
            )
            answers.append(connection.execute(f"from ({model.read_text()}) order by all").fetchall())
    assert answers[0]
    assert answers == [answers[0]] * len(orders)
