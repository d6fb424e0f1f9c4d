"""Every current video is scored once, by the fullest model that its columns allow."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ml.classifier import registry
from ml.classifier.feature_sets import feature_sets
from ml.classifier.forest import labels
from ml.classifier.pipelines import build
from ml.classifier.registry import Manifest, SavedModel
from ml.predict import batch_function, score_batch
from warehouse import contract
from warehouse.errors import DataError


@pytest.fixture
def models(videos: pd.DataFrame, fitted) -> list[SavedModel]:
    saved = []
    for used in feature_sets():
        rule = build("one_line_rule", used).fit(videos[list(used.columns)], labels(videos))
        manifest = Manifest(
            f"{used.name} run", "rule", used.name, "hash", "0",
            registry.library_versions(), registry.feature_types(used), 0.2, 0.2, 0.4, 0.5, (),
        )  # fmt: skip
        saved.append(SavedModel(used, fitted(used.name), rule, manifest))
    return saved


def as_batch(frame: pd.DataFrame) -> pa.RecordBatch:
    schema = contract.arrow_schema("video_features")
    columns = [name for name in frame.columns if name not in {"is_claim", "split"}]
    return pa.RecordBatch.from_pandas(
        frame[columns], schema=pa.schema([schema.field(name) for name in columns]), preserve_index=False
    )


def scored(models, frame: pd.DataFrame, folds=None) -> pd.DataFrame:
    return score_batch(models, folds or {}, as_batch(frame)).to_pandas()


COUNTS = [f"video_{metric}_count" for metric in ("view", "like", "share", "download", "comment")]
RATES = ["like_rate", "share_rate", "download_rate", "comment_rate"]


def test_each_video_gets_the_most_complete_feature_set_whose_features_it_has(videos: pd.DataFrame, models) -> None:
    some = videos.head(6).copy()
    some.loc[some.index[1], [*COUNTS, *RATES]] = np.nan
    some.loc[some.index[2], ["video_transcription_text", "transcription_character_count"]] = None
    some.loc[some.index[3], [*COUNTS, *RATES, "video_transcription_text", "transcription_character_count"]] = None
    some.loc[some.index[4], RATES] = np.nan
    some.loc[some.index[5], "video_like_count"] = np.nan
    found = scored(models, some)
    assert found["video_id"].tolist() == some["video_id"].tolist()
    assert found["feature_set"].tolist() == ["full", "transcript", "engagement", "metadata", "full", "transcript"]
    assert found["model_run_id"].tolist() == [f"{name} run" for name in found["feature_set"]]
    assert found["claim_probability"].notna().all()
    assert found["decision"][3] == "needs_review"
    assert set(found["baseline_decision"]) <= {"claim", "opinion"}


def test_a_training_video_gets_the_probability_of_the_fold_that_did_not_see_it(videos: pd.DataFrame, models) -> None:
    some = videos.head(4)
    folds = {"full": pd.Series([0.31, 0.99], index=some["video_id"].iloc[[2, 0]].to_numpy()).sort_index()}
    found = scored(models, some, folds)
    assert found["is_out_of_fold"].tolist() == [True, False, True, False]
    assert found["claim_probability"].iloc[[0, 2]].tolist() == [0.99, 0.31]
    assert found["decision"].iloc[[0, 2]].tolist() == ["claim", "needs_review"]


def test_batches_come_back_in_order_whatever_the_threads(videos: pd.DataFrame, models) -> None:
    batches = [as_batch(videos.iloc[start : start + 100]) for start in range(0, 1_000, 100)]
    one, three = (list(batch_function(models, {}, threads)(iter(batches))) for threads in (1, 3))
    assert [batch.num_rows for batch in one] == [100] * 10
    assert pa.Table.from_batches(one).equals(pa.Table.from_batches(three))
    assert pa.Table.from_batches(one)["video_id"].to_pylist() == videos["video_id"].head(1_000).tolist()


def test_an_empty_batch_stays_empty(videos: pd.DataFrame, models) -> None:
    found = score_batch(models, {}, as_batch(videos.head(0)))
    assert found.num_rows == 0
    assert found.schema == contract.arrow_schema("claim_predictions")


def test_only_a_few_batches_are_in_memory_at_a_time(videos: pd.DataFrame, models) -> None:
    taken = 0

    def reader():
        nonlocal taken
        for _ in range(50):
            taken += 1
            yield as_batch(videos.head(10))

    results = batch_function(models, {}, 2)(reader())
    for given in range(1, 10):
        next(results)
        assert taken <= given + 3


def test_a_video_that_no_feature_set_can_score_is_named(videos: pd.DataFrame, models) -> None:
    broken = videos.head(1).assign(author_ban_status=pd.Series([None], dtype="str"))
    with pytest.raises(DataError, match=f"Video {broken['video_id'].iloc[0]} lacks even"):
        scored(models, broken)
