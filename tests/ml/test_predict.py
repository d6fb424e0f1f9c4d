"""Every current video is scored once, by the fullest model that its columns allow."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ml.classifier.feature_sets import feature_sets
from ml.classifier.forest import labels
from ml.classifier.novelty import Known
from ml.classifier.pipelines import build
from ml.classifier.registry import SavedModel
from ml.predict import batch_function, score_batch
from tests.ml.conftest import make_videos
from tests.ml.manifests import manifest_of
from warehouse import contract


@pytest.fixture
def models(videos: pd.DataFrame, fitted) -> list[SavedModel]:
    saved = []
    for used in feature_sets():
        rule = build("one_line_rule", used).fit(videos[list(used.columns)], labels(videos))
        saved.append(
            SavedModel(used, fitted(used.name), rule, fitted(used.name), Known.learn(videos, used), manifest_of(used))
        )
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
    known = {"claim_probability": [0.31, 0.99], "champion_probability": [0.31, 0.99]}
    folds = {"full": pd.DataFrame(known, index=some["video_id"].iloc[[2, 0]].to_numpy()).sort_index()}
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


def test_a_video_that_no_feature_set_can_score_is_left_to_people(videos: pd.DataFrame, models) -> None:
    some = videos.head(3).assign(author_ban_status=pd.Series(["active", None, "active"], dtype="str"))
    assert scored(models, some)["video_id"].tolist() == some["video_id"].iloc[[0, 2]].tolist()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"video_transcription_text": "quelqu'un m'a dit que la lune est creuse"}, "unknown_words"),
        ({"video_transcription_text": "xqzt vbnm wrtp lkjh"}, "unknown_words"),
        ({"video_transcription_text": "my view is that a zeppelin landed"}, "unknown_words"),
        (
            {"video_transcription_text": "", **dict.fromkeys(COUNTS, 0.0), **dict.fromkeys(RATES, np.nan)},
            "unknown_words",
        ),
        ({"video_share_count": 5e9}, "out_of_range"),
        ({"video_duration_sec": 900}, "out_of_range"),
    ],
)
def test_what_training_has_not_seen_goes_to_a_person(videos: pd.DataFrame, models, change, reason: str) -> None:
    found = scored(models, videos.head(40).assign(**change))
    assert set(found["decision"]) == {"needs_review"}
    assert set(found["decision_reason"]) == {reason}


def test_ordinary_videos_are_seldom_novel(videos: pd.DataFrame, models) -> None:
    found = scored(models, make_videos(1_000, seed=5))
    assert found["decision_reason"].isin(["unknown_words", "out_of_range"]).mean() <= 0.02


def test_young_counts_leave_the_decision_to_the_words(videos: pd.DataFrame, models) -> None:
    older = [
        model._replace(
            manifest=model.manifest._replace(
                least_view_count=1_000.0 if "like_rate" in model.feature_set.columns else None
            )
        )
        for model in models
    ]
    young = videos.head(30).assign(video_view_count=900.0)
    assert set(scored(older, young)["feature_set"]) == {"transcript"}
    silent = scored(older, young.assign(video_transcription_text=pd.Series([None] * 30, dtype="str")))
    assert set(silent["decision_reason"]) == {"too_young"}


def test_what_the_champion_disputes_goes_to_a_person(videos: pd.DataFrame, models) -> None:
    used, full = models[0].feature_set, models[0]
    turned = build("one_line_rule", used).fit(videos[list(used.columns)], ~labels(videos))
    found = scored([full._replace(champion=turned)], videos)
    assert found["decision_reason"].value_counts(normalize=True)["disagreement"] > 0.9


def test_without_models_nothing_is_scored(videos: pd.DataFrame) -> None:
    assert scored([], videos.head(3)).empty


def test_a_delivery_unlike_what_was_learned_goes_to_a_person(videos: pd.DataFrame, models) -> None:
    is_unlike = np.arange(40) % 2 == 0
    batch = as_batch(videos.head(40)).append_column("is_unlike", pa.array(is_unlike))
    found = score_batch(models, {}, batch).to_pandas()
    assert set(found["decision"][is_unlike]) == {"needs_review"}
    assert set(found["decision_reason"][is_unlike]) == {"drift"}
    assert "drift" not in set(found["decision_reason"][~is_unlike])
