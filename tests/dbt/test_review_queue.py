"""The review queue: open cases only, in the order in force; nobody waits for ever, the same words stand together."""

import pandas as pd
import pytest

from warehouse import contract
from warehouse.duckdb_engine import connect_for, sql_literal
from warehouse.factory import open_engine

USING_PROBABILITY = ("claim_probability", "probability_times_reach", "probability_times_reach_times_reports")


@pytest.fixture(scope="module")
def queue(built_warehouse) -> pd.DataFrame:
    with open_engine(built_warehouse, read_only=True) as engine:
        return engine.query(
            "select queue.*, cases.is_open, cases.disposition from marts.fct_review_queue as queue "
            "left join marts.fct_cases as cases on queue.case_id = cases.case_id order by queue.queue_rank"
        ).to_pandas()


@pytest.fixture(scope="module", params=USING_PROBABILITY)
def by_policy(request, built_warehouse) -> pd.DataFrame:
    """The queue as it is under another order in force."""
    (model,) = (built_warehouse.home / "dbt" / "target" / "compiled").rglob("models/marts/fct_review_queue.sql")
    with connect_for(built_warehouse) as connection:
        connection.execute(f"attach {sql_literal(built_warehouse.warehouse_file)} as built (read_only)")
        connection.execute("attach ':memory:' as warehouse")
        for relation in ("marts.fct_cases", "marts.fct_videos", "marts.fct_claim_predictions", "seeds.review_policies"):
            connection.execute(f"create schema if not exists warehouse.{relation.split('.')[0]}")
            connection.execute(f"create table warehouse.{relation} as from built.{relation}")
        connection.execute("create schema warehouse.intermediate")
        connection.execute(
            "create table warehouse.intermediate.int_events_newest as select max(opened_at) as event_at "
            "from warehouse.marts.fct_cases"
        )
        connection.execute(
            "create table warehouse.marts.agg_queue_policies as select ? as policy, true as is_in_force",
            [request.param],
        )
        return connection.execute(f"from ({model.read_text()}) order by queue_rank").df()


def test_it_holds_the_open_cases_that_are_to_be_reviewed(queue) -> None:
    assert len(queue) > 100
    assert queue["is_open"].all()
    assert set(queue["disposition"]) == {"to_review"}
    assert queue["queue_rank"].tolist() == list(range(1, len(queue) + 1))
    assert set(queue["reason"]) <= {*contract_reasons()}


def contract_reasons() -> list[str]:
    return [row["code"] for row in contract.seed_rows("code_texts") if row["code_kind"] == "queue_reason"]


def test_the_order_in_force_ranks_them(queue) -> None:
    ranked = queue[queue["reason"] != "oldest"]
    assert (queue["reason"] == "oldest").sum() >= len(queue) // 12
    best = ranked.groupby("statement_id")["priority"].max()
    places = ranked.drop_duplicates("statement_id")["statement_id"]
    assert best[places].is_monotonic_decreasing


def test_the_nth_oldest_stands_at_place_ten_n_at_the_latest(queue) -> None:
    # A case without a time of opening was there before every other.
    waiting = queue["waiting_hours"].fillna(float("inf"))
    dated = queue[waiting < float("inf")].sort_values("waiting_hours", ascending=False)
    before = int((waiting == float("inf")).sum())
    for number, rank in enumerate(dated["queue_rank"].head(20), start=before + 1):
        assert rank <= 10 * number
    assert (
        queue.loc[waiting == float("inf"), "queue_rank"].sort_values()
        <= 10 * pd.Series(range(1, before + 1)).to_numpy()
    ).all()


def test_of_two_equal_cases_the_likelier_claim_stands_first(by_policy) -> None:
    ranked = by_policy[by_policy["reason"] != "oldest"].copy()
    twins = ranked.merge(ranked, on=["reach", "report_weight"], suffixes=("", "_other"))
    twins = twins[twins["claim_probability"] > twins["claim_probability_other"]]
    assert (twins["queue_rank"] < twins["queue_rank_other"]).all()
    assert by_policy["policy"].nunique() == 1


def test_likely_claims_stand_in_the_upper_half(by_policy) -> None:
    claims = by_policy[(by_policy["claim_probability"] > 0.9) & (by_policy["reason"] != "oldest")]
    share = (claims["queue_rank"] <= max(len(by_policy) / 2, len(claims) * 10 / 9 + 1)).mean()
    assert share > 0.9
