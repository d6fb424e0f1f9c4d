"""The four feature sets hold what is known at their moment and nothing later."""

import pandas as pd
import pytest

from ml.classifier.feature_sets import SOURCE, FeatureSet, check, feature_set, feature_sets, known_when
from warehouse import contract
from warehouse.errors import DataError

COLUMNS = contract.columns(SOURCE)


def test_four_feature_sets_from_the_most_complete() -> None:
    assert [entry.name for entry in feature_sets()] == ["full", "engagement", "transcript", "metadata"]


@pytest.mark.parametrize("late", [column.name for column in COLUMNS if column.meta.get("known_when") == "after_spread"])
def test_a_feature_that_is_not_known_in_time_is_refused(late: str) -> None:
    with pytest.raises(DataError, match=f"{late} is known only after"):
        check(FeatureSet("early", "publication", ("video_duration_sec", late)), COLUMNS)
    check(FeatureSet("late", "after_spread", ("video_duration_sec", late)), COLUMNS)


@pytest.mark.parametrize("name", ["video_id", "is_claim", "split", "#", "delivery_row_number"])
def test_what_is_no_feature_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="no feature"):
        check(FeatureSet("leaky", "after_spread", (name,)), COLUMNS)


def test_feature_sets_use_only_what_is_known_and_never_the_key() -> None:
    for entry in feature_sets():
        assert {"video_id", "is_claim", "split"}.isdisjoint(entry.columns)
        if entry.known_when == "publication":
            assert {known_when(column) for column in entry.columns} == {"publication"}


def test_a_rate_without_denominator_is_no_reason_to_fall_back() -> None:
    assert "video_view_count" in feature_set("engagement").required
    assert "comment_rate" in feature_set("engagement").columns
    assert "comment_rate" not in feature_set("engagement").required


def test_a_feature_set_does_without_what_is_not_delivered_but_not_without_its_core() -> None:
    full, transcript = feature_set("full"), feature_set("transcript")
    frame = pd.DataFrame({name: [1.0] for name in full.columns})
    assert full.delivered(frame) == full
    lacks = full.delivered(frame.assign(video_share_count=None, verified_status=None))
    assert set(full.columns) - set(lacks.columns) == {"video_share_count", "share_rate", "verified_status"}
    assert transcript.delivered(frame.assign(video_transcription_text=None)) == transcript
