"""How the fitted forests behave, whatever they have learned."""

import warnings

import numpy as np
import pandas as pd
import pytest

from ml.pipelines import RUNGS, build, encoded_sources
from ml.stages import stage, stages
from ml.training import claim_probability, labels

NAMES = [entry.name for entry in stages()]
# A tree's steps are its own: with more views the probability may fall by this much, and no more.
TOLERANCE = 0.05


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rung", RUNGS)
def test_every_rung_takes_raw_columns_and_gives_probabilities(videos: pd.DataFrame, rung: str, name: str) -> None:
    used, train = stage(name), videos.head(300)
    model = build(rung, used)
    if rung == "random_forest":
        model.set_params(model__n_estimators=3, model__oob_score=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(train[list(used.columns)], labels(train))
        probability = claim_probability(model, videos, used)
    assert ((probability >= 0) & (probability <= 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_order_of_rows_and_columns_changes_no_score(videos: pd.DataFrame, fitted, name: str) -> None:
    model, used = fitted(name), stage(name)
    before = pd.Series(claim_probability(model, videos, used), index=videos.index)
    shuffled = videos.sample(frac=1, random_state=3)[videos.columns[::-1]].assign(video_id=1)
    assert (pd.Series(claim_probability(model, shuffled, used), index=shuffled.index).sort_index() == before).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_in_any_order_give_the_same_forest(videos: pd.DataFrame, name: str) -> None:
    used = stage(name)
    train = videos.sort_values("video_id")
    models = [
        build("random_forest", used, {"max_depth": 4})
        .set_params(model__n_estimators=4, model__oob_score=False, model__n_jobs=threads)
        .fit(train[list(used.columns)], labels(train))
        .set_params(model__n_jobs=1)
        for threads in (1, 2)
    ]
    first, second = (claim_probability(model, videos, used) for model in models)
    assert (first == second).all()


@pytest.mark.xfail(reason="known miss: the forest is not constrained to rise with views; it falls by .07 here")
def test_more_views_hardly_lower_the_score(videos: pd.DataFrame, fitted) -> None:
    used, model = stage("engagement"), fitted("engagement")
    some = videos.sample(40, random_state=0)
    before = None
    for views in np.geomspace(20, 900_000, 25):
        probability = claim_probability(model, some.assign(video_view_count=views), used)
        if before is not None:
            assert (probability >= before - TOLERANCE).all(), views
        before = probability if before is None else np.maximum(before, probability)


@pytest.mark.parametrize("name", NAMES)
def test_unseen_categories_and_empty_transcripts_are_scored(videos: pd.DataFrame, fitted, name: str) -> None:
    strange = videos.head(5).assign(
        author_ban_status="suspended",
        verified_status="pending",
        video_transcription_text=pd.Series([""] * 5, dtype="str"),
        transcription_character_count=0,
    )
    probability = claim_probability(fitted(name), strange, stage(name))
    assert np.isfinite(probability).all()


def test_encoded_columns_know_their_source(videos: pd.DataFrame, fitted) -> None:
    used = stage("full")
    encode = fitted("full").named_steps["encode"]
    sources = encoded_sources(encode, used)
    matrix = np.asarray(encode.transform(videos[list(used.columns)]))
    assert len(sources) == matrix.shape[1]
    assert set(sources) == set(used.columns)
    for name in used.numbers:
        (position,) = [number for number, source in enumerate(sources) if source == name]
        assert np.array_equal(matrix[:, position], videos[name].to_numpy(float), equal_nan=True)
