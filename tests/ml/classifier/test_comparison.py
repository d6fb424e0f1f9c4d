"""Candidates beside each other: paired tests, corrected together, and the simplest that nothing beats."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from ml.classifier import gate
from ml.classifier.comparison import (
    champion,
    clearly_worse,
    compare,
    compare_candidates,
    comparison_row,
    corrected,
)
from warehouse.errors import DataError
from wording import claim_results

LABEL = np.array([True, False] * 200)


def wrong_on(*positions: int) -> np.ndarray:
    probability = np.where(LABEL, 0.9, 0.1)
    probability[list(positions)] = 1 - probability[list(positions)]
    return probability


def test_a_comparison_counts_the_discordant_rows() -> None:
    found = compare(LABEL, wrong_on(0, 1), wrong_on(1, 2, 3, 4))
    assert (found.only_model_right_count, found.only_other_right_count) == (3, 1)
    assert found.accuracy_difference == pytest.approx(2 / 400)
    assert found.lower_bound < 0 < found.upper_bound
    assert comparison_row(found, "against_rule", "random_forest", "one_line_rule")["verdict"] == "no clear difference"
    clear = comparison_row(compare(LABEL, wrong_on(), wrong_on(*range(20))), "against_rule", "a", "b")
    assert clear["verdict"] == "clearly better"


def test_the_verdicts_of_one_training_are_corrected_together() -> None:
    row = comparison_row(compare(LABEL, wrong_on(), wrong_on(*range(6))), "against_rule", "a", "b")
    assert (row["verdict"], row["p_value"]) == ("clearly better", 0.03125)
    (first, *_) = corrected([row] * 10)
    assert (first["verdict"], first["adjusted_p_value"]) == ("no clear difference", 0.3125)


def test_a_forest_that_is_clearly_worse_than_the_majority_is_gated() -> None:
    by_candidate = {
        "majority": wrong_on(),
        "one_line_rule": wrong_on(*range(40)),
        "random_forest": wrong_on(*range(40)),
    }
    refused = clearly_worse(compare_candidates(LABEL, by_candidate))
    assert [row["comparison"] for row in refused] == ["against_majority"]


def test_the_champion_is_the_simplest_that_nothing_beats_clearly() -> None:
    poor, good, slightly_better = wrong_on(*range(100)), wrong_on(*range(6)), wrong_on(*range(5))
    by_candidate = {"majority": poor, "one_line_rule": good, "random_forest": slightly_better}
    assert champion(LABEL, by_candidate) == "one_line_rule"
    assert champion(LABEL, {**by_candidate, "one_line_rule": wrong_on(*range(40))}) == "random_forest"


def test_only_the_forest_is_gated_and_only_when_clearly_worse() -> None:
    by_candidate = {
        "one_line_rule": wrong_on(),
        "random_forest": wrong_on(*range(30)),
        "histogram_gradient_boosting": wrong_on(*range(30)),
    }
    refused = clearly_worse(compare_candidates(LABEL, by_candidate))
    assert [(row["model_name"], row["comparison"]) for row in refused] == [("random_forest", "against_rule")]
    assert "is clearly worse than the one-line rule" in claim_results.comparison(refused[0])
    assert clearly_worse(compare_candidates(LABEL, {**by_candidate, "random_forest": wrong_on(0)})) == []


def test_the_gate_corrects_for_the_number_of_comparisons() -> None:
    row = {"model_name": "random_forest", "comparison": "against_release", "accuracy_difference": -0.01}
    by_chance = [{**row, "p_value": p_value} for p_value in (0.03, 0.2, 0.5, 0.9)]
    assert clearly_worse(by_chance) == []
    assert clearly_worse(by_chance[:1]) == by_chance[:1]
    worse = {**row, "p_value": 0.001}
    assert clearly_worse([*by_chance, worse, {**worse, "accuracy_difference": 0.01}]) == [worse]


def test_the_gate_says_why_it_refuses_what_the_table_calls_no_clear_difference() -> None:
    worse = comparison_row(compare(LABEL, wrong_on(*range(9)), wrong_on(10)), "against_rule", "random_forest", "a")
    others = [{**worse, "model_name": "decision_tree", "p_value": 0.5}] * 20
    rows = [{**row, "feature_set": "metadata"} for row in corrected([worse, *others])]
    assert rows[0]["verdict"] == "no clear difference"
    told = pa.Table.from_pylist([{**row, "sentence": claim_results.comparison(row)} for row in rows])
    with pytest.raises(DataError, match=r"its own 1 comparisons, these sentences for all 21 of the table"):
        gate.check(SimpleNamespace(query=lambda _: told))  # type: ignore[arg-type]  # it only queries
