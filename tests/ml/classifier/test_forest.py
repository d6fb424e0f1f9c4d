"""Fitting a forest: split, folds, settings, thresholds."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from ml.classifier import forest, pipelines
from ml.classifier.feature_sets import FeatureSet, feature_set
from ml.classifier.forest import fit_forest, labels, split_parts
from ml.classifier.thresholds import Costs
from warehouse.errors import DataError

COSTS = Costs(5, 1)


@pytest.fixture(autouse=True)
def small_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "FOREST_GRID", ({"max_depth": 2}, {"max_depth": 6}))
    monkeypatch.setitem(pipelines.FOREST_SETTINGS, "n_estimators", 25)


def quiet(_line: str) -> None:
    pass


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda frame: frame.assign(is_claim=True), r"\d+ claims and 0 opinions"),
        (lambda frame: frame.head(10), "be learned from fewer than 20"),
        (
            lambda frame: frame.assign(video_transcription_text=pd.Series([""] * len(frame), dtype="str")),
            "0 of its training videos have words",
        ),
        (
            lambda frame: frame.assign(**dict.fromkeys(set(frame) - {"video_id", "is_claim", "split"}, 1.0)),
            "none of its columns varies",
        ),
        (lambda frame: frame.assign(video_view_count=np.nan), "No labelled video has the columns of feature set full"),
    ],
    ids=["one class", "ten rows", "empty transcripts", "constant columns", "no counts"],
)
def test_too_little_to_learn_from_is_refused_in_a_sentence(videos: pd.DataFrame, damage, says: str) -> None:
    with pytest.raises(DataError, match=says):
        split_parts(damage(videos), feature_set("full"))


def test_rows_without_what_a_feature_set_needs_are_left_to_other_feature_sets(videos: pd.DataFrame) -> None:
    gappy = videos.copy()
    gappy.loc[gappy.index[:100], "video_view_count"] = np.nan
    gappy.loc[gappy.index[:100], "comment_rate"] = np.nan
    sizes = {
        name: sum(len(part) for part in split_parts(gappy, feature_set(name))) for name in ("engagement", "transcript")
    }
    assert sizes == {"engagement": len(videos) - 100, "transcript": len(videos)}


def test_a_fitted_forest_is_the_same_every_time_and_never_sees_the_test_rows(videos: pd.DataFrame) -> None:
    used = feature_set("engagement")
    parts = split_parts(videos, used)
    blind = parts._replace(test=parts.test.assign(is_claim=~labels(parts.test)))
    first, second = (fit_forest(rows, used, COSTS, threads, quiet) for rows, threads in ((parts, 1), (blind, 2)))
    assert first._replace(estimator=None, out_of_fold=None) == second._replace(estimator=None, out_of_fold=None)
    assert first.band.lower <= first.threshold <= first.band.upper
    assert (first.out_of_fold == second.out_of_fold).all()
    columns = list(used.columns)
    assert (
        first.estimator.predict_proba(parts.test[columns]) == second.estimator.predict_proba(parts.test[columns])
    ).all()


def test_out_of_fold_probabilities_do_not_know_their_own_label(videos: pd.DataFrame) -> None:
    used = feature_set("engagement")
    noise = videos.assign(is_claim=np.random.default_rng(99).random(len(videos)) < 0.5)
    parts = split_parts(noise, used)
    fitted = fit_forest(parts, used, COSTS, 1, quiet)
    seen = forest.claim_probability(fitted.estimator, parts.train, used)
    label = labels(parts.train)

    def right(probability: np.ndarray) -> float:
        return float(((probability >= 0.5) == label).mean())

    # On labels drawn at random the forest knows its own rows by heart, and its folds know nothing.
    assert right(fitted.out_of_fold) < 0.57 < right(seen)


def test_a_calibration_that_would_turn_the_order_round_is_left_out(videos: pd.DataFrame, monkeypatch) -> None:
    monkeypatch.setattr(forest, "CALIBRATION_GAIN", -9.0)
    parts = split_parts(videos, feature_set("engagement"))
    misled = parts._replace(validation=parts.validation.assign(is_claim=~labels(parts.validation)))
    assert not fit_forest(misled, feature_set("engagement"), COSTS, 1, quiet).is_calibrated


class TooSure(ClassifierMixin, BaseEstimator):
    """Takes its probability from a column."""

    classes_ = np.array([False, True])

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, _features: pd.DataFrame, _label: np.ndarray) -> "TooSure":
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        return self.predict_proba(features)[:, 1] >= 0.5

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        claim = features["video_view_count"].to_numpy(float)
        return np.column_stack([1 - claim, claim])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (lambda truth: expit(4 * logit(truth)), pipelines.LogOddsPipeline),
        (lambda truth: np.clip(0.5 + logit(truth) / 8, 0, 1), Pipeline),
        (lambda truth: truth, None),
    ],
    ids=["log-odds too large by four", "probabilities on a line", "right already"],
)
def test_the_scale_of_the_calibration_is_the_one_that_helps_most(told, expected: type | None) -> None:
    random = np.random.default_rng(5)
    truth = random.uniform(0.02, 0.98, 20_000)
    rows = pd.DataFrame({"video_view_count": told(truth), "is_claim": random.random(20_000) < truth})
    train, validation = rows.head(10_000), rows.tail(10_000)
    parts = forest.Parts(train, validation, validation, validation)
    used = FeatureSet("one", "publication", ("video_view_count",))
    raw = Pipeline([("model", TooSure())])
    estimator, unseen = forest._calibrated(raw, train["video_view_count"].to_numpy(), parts, used)
    assert (type(pipelines.unwrap(estimator)[0]) if estimator is not raw else None) is expected
    # What the estimator says of the very rows is what it has learned of them here.
    assert forest.claim_probability(estimator, train, used) == pytest.approx(unseen)
    assert np.mean((unseen - truth[:10_000]) ** 2) < 0.001
