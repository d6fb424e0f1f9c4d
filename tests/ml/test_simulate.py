"""`claims simulate` on held-out videos: rows by contract, one order in force, the same digits again."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from ml import simulate
from warehouse import contract
from warehouse.errors import UsageError
from warehouse.settings import Settings

PLAN = simulate.plan_of(Settings(), cases_per_day=40.0, day_count=3, seed_count=2)


class Tables:
    """An engine that answers with held-out videos and keeps what is written."""

    def __init__(self, n: int, *, sharp: bool = True) -> None:
        generator = np.random.default_rng(5)
        is_claim = generator.integers(0, 2, n)
        views = np.where(is_claim == 1, generator.integers(1_000, 1_000_000, n), generator.integers(20, 10_000, n))
        self.rows = pa.table(
            {
                "feature_set": ["transcript"] * n,
                "video_id": range(n),
                "claim_probability": np.where(is_claim == 1, 0.97, 0.03) if sharp else np.full(n, 0.5),
                "is_claim": is_claim,
                "video_view_count": views,
                "reporter_count": generator.poisson(2, n),
                "report_weight": generator.uniform(0, 2, n),
            }
        )
        self.written: dict[str, pa.Table] = {}

    def query(self, _sql: str) -> pa.Table:
        return self.rows

    def write(self, rows: pa.Table, into: str) -> None:
        self.written[into] = contract.conform(rows, into)


def test_one_order_is_in_force_and_says_why() -> None:
    engine = Tables(600)
    found = simulate.run(engine, Settings(), PLAN)
    rows = engine.written["queue_policy_coverage"].to_pylist()
    in_force = {(row["policy"], row["reason"]) for row in rows if row["is_in_force"]}
    assert in_force == {(found.policy, found.reason)}
    assert found.reason == "unbeaten"
    assert all(row["beaten_by"] is None for row in rows if row["is_in_force"])
    assert any(row["beaten_by"] for row in rows if row["policy"] == "arrival")


def test_clearing_is_what_shrinks_the_backlog() -> None:
    engine = Tables(600)
    simulate.run(engine, Settings(), PLAN._replace(cases_per_day=400.0, reviewer_count=1))
    rows = engine.written["backlog_simulation"].to_pylist()
    pending = {
        row["is_clearing"]: row["value"] for row in rows if row["measure"] == "pending_count" and row["is_in_force"]
    }
    assert pending[True] < pending[False]


def test_the_same_again_gives_the_same_digits() -> None:
    written = []
    for _ in range(2):
        engine = Tables(400)
        simulate.run(engine, Settings(), PLAN)
        written.append(json.dumps({name: table.to_pylist() for name, table in engine.written.items()}))
    assert written[0] == written[1]


def test_too_few_labels_say_so_and_still_simulate() -> None:
    engine = Tables(150)
    assert simulate.run(engine, Settings(), PLAN)[:2] == ("arrival", "too_few_labels")
    rows = engine.written["queue_policy_coverage"].to_pylist()
    assert {row["covered_share"] for row in rows} == {None}
    assert engine.written["backlog_simulation"].num_rows > 0


def test_without_a_held_out_video_nothing_is_simulated() -> None:
    engine = Tables(0)
    found = simulate.run(engine, Settings(), PLAN)
    assert (found.policy, found.smallest_reviewer_count) == ("arrival", None)
    assert engine.written["backlog_simulation"].num_rows == 0


def test_an_order_chosen_by_hand_is_said_and_an_unknown_one_refused() -> None:
    found = simulate.run(Tables(400), Settings(queue_policy="views"), PLAN)
    assert (found.policy, found.reason) == ("views", "chosen_by_hand")
    for unknown in ("views first", "oracle"):
        with pytest.raises(UsageError, match="the policies are: arrival"):
            simulate.run(Tables(400), Settings(queue_policy=unknown), PLAN)


def test_more_reviewers_are_needed_where_more_arrives() -> None:
    few, many = (
        simulate.run(Tables(400), Settings(), PLAN._replace(cases_per_day=rate)).smallest_reviewer_count
        for rate in (40.0, 900.0)
    )
    assert few is not None
    assert many is not None
    assert few < many


def test_late_decisions_are_named() -> None:
    class Backlog:
        def __init__(self, share: float | None) -> None:
            self.rows = [] if share is None else [{"day": date(2026, 3, 4), "within_target_share": share}]

        def query(self, _sql: str) -> pa.Table:
            return pa.Table.from_pylist(self.rows)

    assert simulate.late_decisions(Backlog(0.6)) == ("2026-03-04", 0.6)
    assert simulate.late_decisions(Backlog(simulate.MET_SHARE)) is None
    assert simulate.late_decisions(Backlog(None)) is None
