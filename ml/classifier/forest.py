"""Fits the random forest of a feature set: a small search, calibration, threshold."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from ml.classifier.feature_sets import FeatureSet
from ml.classifier.pipelines import FEW_TREES, FOREST, FOREST_GRID, LogOddsPipeline, build, log_odds, unwrap
from ml.classifier.thresholds import Band, Costs, cheapest_threshold, cost_band
from warehouse.errors import DataError
from warehouse.progress import Report

FOLDS = 5
FITS = len(FOREST_GRID) + 1
"""Of random forests for one feature set."""
SEARCH_ROWS = 4_000
"""Training rows among which a setting is chosen; the chosen one is fitted on all."""
LEAST_PER_CLASS = 20
"""Of each class in training, and as many in the test part: below, five folds and an interval mean nothing."""
LEAST_TEXTS = LEAST_PER_CLASS * FOLDS
# A calibration that improves the Brier score by less is noise, and one moving part more.
CALIBRATION_GAIN = 0.01


class Parts(NamedTuple):
    """The rows of one feature set, by the hash split."""

    train: pd.DataFrame
    validation: pd.DataFrame
    """For the calibration of probabilities, the threshold by costs and the choice of the champion."""
    calibration: pd.DataFrame
    """For what is promised of the written decision, and for nothing else."""
    test: pd.DataFrame


class FittedForest(NamedTuple):
    """The random forest of one feature set and what was learned beside it."""

    feature_set: FeatureSet
    estimator: Any
    """Fitted: raw columns to probability."""
    parameters: dict[str, Any]
    is_calibrated: bool
    out_of_fold: np.ndarray
    """Probability of each training row by the trees that did not see it (out of bag)."""
    threshold: float
    band: Band
    """By the cost rule."""
    train_claim_share: float


def split_parts(frame: pd.DataFrame, feature_set: FeatureSet) -> Parts:
    """The rows that have everything a feature set needs, by part.

    Args:
        frame: Labelled rows with `is_claim`, `split` and the feature set's columns.
        feature_set: The feature set.

    Returns:
        Train, validation, calibration and test rows.

    Raises:
        DataError: There is too little to learn from; the message says what is missing.
    """
    if frame.empty:
        raise DataError("No video has a label. Deliver labels, or decide some cases.")
    complete = frame[frame[list(feature_set.required)].notna().all(axis=1)]
    if complete.empty:
        absent = [column for column in feature_set.required if frame[column].isna().all()]
        what = f"{', '.join(absent)} never occurs" if absent else "none is complete"
        raise DataError(
            f"No labelled video has the columns of feature set {feature_set.name}: {what}. Deliver complete videos."
        )
    parts = Parts(*(complete[complete["split"] == name].reset_index(drop=True) for name in Parts._fields))
    for name, part, least in (("training", parts.train, LEAST_PER_CLASS), ("test", parts.test, LEAST_PER_CLASS // 4)):
        claims = int(part["is_claim"].sum())
        opinions = len(part) - claims
        if min(claims, opinions) < least:
            raise DataError(
                f"Feature set {feature_set.name} has {claims} claims and {opinions} opinions among its {name} videos; "
                f"nothing can be learned from fewer than {least} of each. Deliver more labelled videos."
            )
    if all(parts.train[column].nunique(dropna=False) < 2 for column in feature_set.columns):
        raise DataError(
            f"Feature set {feature_set.name} cannot be trained: none of its columns varies. Deliver complete videos."
        )
    for text in feature_set.texts:
        heard = int(parts.train[text].str.contains(r"\w\w", regex=True).sum())
        if heard < LEAST_TEXTS:
            raise DataError(
                f"Feature set {feature_set.name} cannot be trained: {heard} of its training videos have words, and "
                f"{LEAST_TEXTS} must, so that every fold has some. Deliver transcripts."
            )
    return parts


def labels(part: pd.DataFrame) -> np.ndarray:
    """Whether each row is a claim; shape (rows,)."""
    return part["is_claim"].to_numpy(bool)


def claim_probability(estimator: Any, part: pd.DataFrame, feature_set: FeatureSet) -> np.ndarray:
    """Probability of claim by a fitted model; shape (rows,)."""
    return np.asarray(estimator.predict_proba(part[list(feature_set.columns)])[:, 1], dtype=float)


def fit_forest(parts: Parts, feature_set: FeatureSet, costs: Costs, threads: int, progress: Report) -> FittedForest:
    """Fit the random forest of a feature set on its training rows.

    Args:
        parts: Rows by part; the test part is not looked at.
        feature_set: The feature set.
        costs: Of the two errors.
        threads: Trees grown at once; the result does not depend on it.
        progress: Receives one line per fit.

    Returns:
        The fitted forest; it predicts with one thread, since threaded sums differ in the last bits.
    """
    train_label = labels(parts.train)
    features = parts.train[list(feature_set.columns)]
    encode = build(FOREST, feature_set).named_steps["encode"]
    encoded = np.asarray(encode.fit_transform(features), dtype=np.float32)
    some = _search_rows(train_label)
    parameters = _search(encoded[:some], train_label[:some], feature_set, threads, progress)
    progress(f"{feature_set.name}: all training rows")
    trees, unseen = _grow(encoded, train_label, feature_set, parameters, threads)
    # Both parts are fitted; a pipeline has no state of its own.
    forest = Pipeline([("encode", encode), ("model", trees)])
    estimator, unseen = _calibrated(forest, unseen, parts, feature_set)
    validation = claim_probability(estimator, parts.validation, feature_set)
    unseen_label = np.concatenate([train_label, labels(parts.validation)])
    unseen_probability = np.concatenate([unseen, validation])
    threshold = cheapest_threshold(unseen_label, unseen_probability, costs)
    band = cost_band(unseen_label, unseen_probability, costs)
    return FittedForest(
        feature_set=feature_set,
        estimator=estimator,
        parameters=parameters,
        is_calibrated=estimator is not forest,
        out_of_fold=unseen,
        threshold=threshold,
        band=band,
        train_claim_share=float(train_label.mean()),
    )


def out_of_fold(model: Any, train: pd.DataFrame, feature_set: FeatureSet) -> np.ndarray:
    """Probability of each training row by a fit that did not see it; shape (rows,)."""
    label, features = labels(train), train[list(feature_set.columns)]
    probability = np.empty(len(label))
    for seen, unseen in StratifiedKFold(FOLDS).split(features, label):
        fold = clone(model).fit(features.iloc[seen], label[seen])
        probability[unseen] = claim_probability(fold, train.iloc[unseen], feature_set)
    return probability


def _search_rows(label: np.ndarray) -> int:
    """How many of the first rows, which stand in the order of a hash, the search takes: all where one class is rare."""
    claims = int(label[:SEARCH_ROWS].sum())
    return SEARCH_ROWS if min(claims, SEARCH_ROWS - claims) >= LEAST_PER_CLASS else len(label)


def _search(
    encoded: np.ndarray, label: np.ndarray, feature_set: FeatureSet, threads: int, progress: Report
) -> dict[str, Any]:
    """The setting with the least Brier score on rows that a tree's sample left out: one fit per setting, no folds."""
    best: tuple[float, dict[str, Any]] = (math.inf, {})
    for number, parameters in enumerate(FOREST_GRID, start=1):
        progress(f"{feature_set.name}: setting {number} of {len(FOREST_GRID)}")
        _, unseen = _grow(encoded, label, feature_set, {**parameters, "n_estimators": FEW_TREES}, threads)
        brier = _brier(unseen, label)
        if brier < best[0]:
            best = (brier, dict(parameters))
    return best[1]


def _grow(
    encoded: np.ndarray, label: np.ndarray, feature_set: FeatureSet, parameters: Mapping[str, Any], threads: int
) -> tuple[Any, np.ndarray]:
    """A fitted forest that predicts with one thread, and the out-of-bag probability of each row; shape (rows,)."""
    trees = build(FOREST, feature_set, parameters).named_steps["model"]
    trees.set_params(n_jobs=threads, oob_score=True).fit(encoded, label)
    unseen = np.asarray(trees.oob_decision_function_[:, 1], dtype=float)
    # What the fit alone needs is not saved with the model.
    del trees.oob_decision_function_, trees.oob_score_
    return trees.set_params(n_jobs=1, oob_score=False), unseen


def _calibrated(forest: Pipeline, unseen: np.ndarray, parts: Parts, feature_set: FeatureSet) -> tuple[Any, np.ndarray]:
    """The forest behind the sigmoid (Platt 1999) that helps most, or as it is; and its out-of-bag probabilities.

    A sigmoid is fitted on the validation rows, of probabilities or of log-odds, and has to lower the Brier score of the
    training rows' out-of-bag probabilities. One that turns the order round is none.
    """
    label, validation_label = labels(parts.train), labels(parts.validation)
    if validation_label.all() or not validation_label.any():
        return forest, unseen
    best, least = (forest, unseen), _brier(unseen, label) * (1 - CALIBRATION_GAIN)
    for kind, scores in ((Pipeline, unseen), (LogOddsPipeline, log_odds(unseen))):
        calibrated = CalibratedClassifierCV(FrozenEstimator(kind(forest.steps)), method="sigmoid").fit(
            parts.validation[list(feature_set.columns)], validation_label
        )
        _, sigmoid = unwrap(calibrated)
        probability = np.asarray(sigmoid.predict(scores), dtype=float)
        if sigmoid.a_ < 0 and _brier(probability, label) < least:
            best, least = (calibrated, probability), _brier(probability, label)
    return best


def _brier(probability: np.ndarray, label: np.ndarray) -> float:
    return float(np.mean((probability - label) ** 2))
