"""What a release wrote about undecided videos, what it expected to go wrong, and what labels said since."""

import duckdb
import pyarrow as pa
import pytest

from ml.classifier.score_monitor import INTO, history
from warehouse import contract
from warehouse.duckdb_engine import DuckDBEngine
from wording.claim_results import score_history


@pytest.fixture
def engine():
    engine = DuckDBEngine(duckdb.connect(":memory:"))
    engine.connection.execute(
        """
        create schema ml; create schema marts;
        create table ml.video_features as from (values
            (1, null), (2, null), (3, null), (4, true), (5, false), (6, true)) as v (video_id, is_claim);
        create table ml.claim_predictions as from (values
            (1, 'claim', 0.9::double), (2, 'opinion', 0.2), (3, 'needs_review', 0.5), (4, 'claim', 1.0))
            as v (video_id, decision, claim_probability);
        """
    )
    engine.write(contract.from_rows([], INTO), INTO)
    yield engine
    engine.close()


def test_the_first_release_has_expectations_alone(engine) -> None:
    (row,) = history(engine, 1)
    assert {name: row[name] for name in ("release_number", "undecided_count", "claim_count", "opinion_count")} == {
        "release_number": 1, "undecided_count": 3, "claim_count": 1, "opinion_count": 1,
    }  # fmt: skip
    assert row["mean_probability"] == pytest.approx(1.6 / 3)
    assert (row["expected_missed"], row["expected_wasted"]) == (0.2, pytest.approx(0.1))
    assert "later_labelled_count" not in row


def test_labels_that_came_since_count_for_the_release_before(engine) -> None:
    """4 was missed and 5 wasted a review; 6 had its label already when it was scored."""
    engine.write(contract.from_rows(history(engine, 1), INTO), INTO)
    engine.connection.execute(
        "create table marts.fct_claim_predictions as from (values (4, 'opinion', null, 'full'),"
        " (5, 'claim', null, 'full'), (6, 'opinion', 'claim', 'full'), (1, 'claim', null, 'full'))"
        " as v (video_id, decision, label, feature_set)"
    )
    for _ in range(2):  # a repeated step says the same
        before, now = history(engine, 2)
        assert (before["release_number"], now["release_number"]) == (1, 2)
        seen = [before[name] for name in ("later_labelled_count", "observed_missed_count", "observed_wasted_count")]
        assert seen == [2, 1, 1]
        engine.write(contract.from_rows([before, now], INTO), INTO)
    assert isinstance(contract.from_rows([before, now], INTO), pa.Table)


def test_it_is_said_in_words() -> None:
    row = {
        "release_number": 2, "undecided_count": 200, "claim_decision_share": 0.5, "opinion_decision_share": 0.4,
        "review_share": 0.1, "expected_missed": 1.25, "expected_wasted": 0.0, "later_labelled_count": 20,
        "observed_missed_count": 1, "observed_wasted_count": 0,
    }  # fmt: skip
    said = score_history(row)
    assert said.startswith("Release 2: 200 videos without a label; 50.0\N{NO-BREAK SPACE}% decided as claims")
    assert said.endswith("Of 20 labelled since, 1 claim had been missed and 0 reviews wasted.")
    assert score_history({**row, "later_labelled_count": None}).endswith("No label has come since.")
    assert score_history({**row, "undecided_count": 0}) == "Release 2: no video without a label was scored."
