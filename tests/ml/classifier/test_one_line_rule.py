"""The one-line rule: the best threshold, and its round value."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.classifier.one_line_rule import OneLineRule, roundest


def fit(frame: pd.DataFrame, label: list[bool], **columns: list[str]) -> OneLineRule:
    return OneLineRule(columns.get("numbers", []), columns.get("categories", []), columns.get("texts", [])).fit(
        frame, np.array(label)
    )


def test_the_best_threshold_of_all_columns_is_found_and_round() -> None:
    frame = pd.DataFrame({"noise": [3.0, 1, 2, 3, 1, 2], "views": [12.0, 9_998, 873, 10_047, 500_000, 60_000]})
    rule = fit(frame, [False, False, False, True, True, True], numbers=["noise", "views"]).rule_
    assert rule == ("views", ">=", 10_000, 6)


def test_a_rule_may_point_downward_and_missing_values_are_no_claims() -> None:
    frame = pd.DataFrame({"length": [1.0, 2, 30, 40, np.nan]})
    model = fit(frame, [True, True, False, False, False], numbers=["length"])
    assert model.rule_[:3] == ("length", "<", 20)
    assert model.predict(frame).tolist() == [True, True, False, False, False]


def test_one_value_and_one_word() -> None:
    frame = pd.DataFrame({"status": ["a", "b", "b", "c"]})
    assert fit(frame, [False, True, True, False], categories=["status"]).rule_[:3] == ("status", "is", "b")
    texts = pd.DataFrame({"words": pd.Series(["my view", "my cat", "the news", "a friend"], dtype="str")})
    rule = fit(texts, [False, False, True, True], texts=["words"]).rule_
    assert (rule.operator, rule.value) == ("lacks", "my")


def test_probabilities_are_the_shares_on_either_side() -> None:
    frame = pd.DataFrame({"views": [1.0, 2, 3, 100, 200, 300]})
    model = fit(frame, [False, False, True, True, True, True], numbers=["views"])
    assert model.predict_proba(frame)[:, 1].tolist() == pytest.approx([1 / 4] * 2 + [5 / 6] * 4)


def test_it_does_not_depend_on_the_order_of_rows(videos: pd.DataFrame) -> None:
    columns = {"numbers": ["video_view_count", "like_rate"], "texts": ["video_transcription_text"]}
    shuffled = videos.sample(frac=1, random_state=1)
    assert (
        fit(videos, list(videos["is_claim"]), **columns).rule_
        == fit(shuffled, list(shuffled["is_claim"]), **columns).rule_
    )


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_the_roundest_number_lies_in_the_gap(first: float, second: float) -> None:
    low, high = sorted((first, second))
    if low < high:
        assert low < roundest(low, high) <= high


def test_round_numbers_are_the_ones_that_people_remember() -> None:
    assert roundest(9_998, 10_047) == 10_000
    assert roundest(0.31, 0.44) == 0.4
    assert roundest(873, 881) == 880
