"""How the fitted forests behave, whatever they have learned."""

import warnings

import numpy as np
import pandas as pd
import pytest

from ml.classifier.feature_sets import feature_set, feature_sets
from ml.classifier.forest import claim_probability, labels
from ml.classifier.pipelines import CANDIDATES, build, encoded_sources

NAMES = [entry.name for entry in feature_sets()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("candidate", CANDIDATES)
def test_every_candidate_takes_raw_columns_and_gives_probabilities(
    videos: pd.DataFrame, candidate: str, name: str
) -> None:
    used, train = feature_set(name), videos.head(300)
    model = build(candidate, used)
    if candidate == "random_forest":
        model.set_params(model__n_estimators=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(train[list(used.columns)], labels(train))
        probability = claim_probability(model, videos, used)
    assert ((probability >= 0) & (probability <= 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_order_of_rows_and_columns_changes_no_score(videos: pd.DataFrame, fitted, name: str) -> None:
    model, used = fitted(name), feature_set(name)
    before = pd.Series(claim_probability(model, videos, used), index=videos.index)
    shuffled = videos.sample(frac=1, random_state=3)[videos.columns[::-1]].assign(video_id=1)
    assert (pd.Series(claim_probability(model, shuffled, used), index=shuffled.index).sort_index() == before).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_in_any_order_give_the_same_forest(videos: pd.DataFrame, name: str) -> None:
    used = feature_set(name)
    train = videos.sort_values("video_id")
    models = [
        build("random_forest", used, {"max_depth": 4})
        .set_params(model__n_estimators=4, model__n_jobs=threads)
        .fit(train[list(used.columns)], labels(train))
        .set_params(model__n_jobs=1)
        for threads in (1, 2)
    ]
    first, second = (claim_probability(model, videos, used) for model in models)
    assert (first == second).all()


def test_the_forest_sees_no_count_that_a_rate_restates() -> None:
    engagement = feature_set("engagement")
    spared = {f"video_{metric}_count" for metric in ("like", "share", "download", "comment")}
    assert set(engagement.numbers) - set(engagement.scale_free_numbers) == spared
    assert feature_set("transcript").scale_free_numbers == feature_set("transcript").numbers


@pytest.mark.parametrize("name", NAMES)
def test_unseen_categories_and_empty_transcripts_are_scored(videos: pd.DataFrame, fitted, name: str) -> None:
    strange = videos.head(5).assign(
        author_ban_status="suspended",
        verified_status="pending",
        video_transcription_text=pd.Series([""] * 5, dtype="str"),
        transcription_character_count=0,
    )
    probability = claim_probability(fitted(name), strange, feature_set(name))
    assert np.isfinite(probability).all()


@pytest.mark.parametrize("name", NAMES)
def test_encoded_columns_know_their_source(videos: pd.DataFrame, fitted, name: str) -> None:
    used = feature_set(name)
    encode = fitted(name).named_steps["encode"]
    sources = encoded_sources(encode, used)
    matrix = np.asarray(encode.transform(videos[list(used.columns)]))
    assert len(sources) == matrix.shape[1]
    assert set(sources) == set(used.scale_free_numbers) | {*used.categories, *used.texts}
    for number_name in used.scale_free_numbers:
        (position,) = [number for number, source in enumerate(sources) if source == number_name]
        assert np.array_equal(matrix[:, position], videos[number_name].to_numpy(float), equal_nan=True)
