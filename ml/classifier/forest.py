"""Fits the random forest of a feature set: a small search, calibration, threshold."""

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from ml.classifier.feature_sets import FeatureSet
from ml.classifier.pipelines import FOREST, FOREST_GRID, build, unwrap
from ml.classifier.thresholds import Band, Costs, cheapest_threshold, cost_band
from warehouse.errors import DataError
from warehouse.progress import Report

FOLDS = 5
FITS = len(FOREST_GRID) + FOLDS
"""Of random forests for one feature set."""
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
    """Probability of each training row by the fold that did not see it."""
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
    forest, parameters = _search(features, train_label, feature_set, threads, progress)
    fold = _threaded(build(FOREST, feature_set, parameters), threads)
    unseen = out_of_fold(fold, parts.train, feature_set, progress)
    calibrated = _calibrated(forest, parts.validation, feature_set)
    is_calibrated = _improves(calibrated, unseen, train_label)
    estimator = calibrated if is_calibrated else forest
    if is_calibrated:
        unseen = _calibrate(calibrated, unseen)
    validation = claim_probability(estimator, parts.validation, feature_set)
    unseen_label = np.concatenate([train_label, labels(parts.validation)])
    unseen_probability = np.concatenate([unseen, validation])
    threshold = cheapest_threshold(unseen_label, unseen_probability, costs)
    band = cost_band(unseen_label, unseen_probability, costs)
    return FittedForest(
        feature_set=feature_set,
        estimator=estimator,
        parameters=parameters,
        is_calibrated=is_calibrated,
        out_of_fold=unseen,
        threshold=threshold,
        band=band,
        train_claim_share=float(train_label.mean()),
    )


def out_of_fold(
    model: Any, train: pd.DataFrame, feature_set: FeatureSet, progress: Report = lambda _: None
) -> np.ndarray:
    """Probability of each training row by a fit that did not see it; shape (rows,)."""
    label, features = labels(train), train[list(feature_set.columns)]
    probability = np.empty(len(label))
    for number, (seen, unseen) in enumerate(StratifiedKFold(FOLDS).split(features, label), start=1):
        progress(f"{feature_set.name}: fold {number} of {FOLDS}")
        fold = clone(model).fit(features.iloc[seen], label[seen])
        if "model__n_jobs" in fold.get_params():
            _threaded(fold, 1)  # threaded sums differ in the last bits
        probability[unseen] = claim_probability(fold, train.iloc[unseen], feature_set)
    return probability


def _search(
    features: pd.DataFrame, label: np.ndarray, feature_set: FeatureSet, threads: int, progress: Report
) -> tuple[Any, dict[str, Any]]:
    """The setting with the least Brier score on rows that a tree's sample left out: one fit per setting, no folds."""
    encode = build(FOREST, feature_set).named_steps["encode"]
    encoded = np.asarray(encode.fit_transform(features), dtype=np.float32)
    best: tuple[float, Any, dict[str, Any]] = (math.inf, None, {})
    for number, parameters in enumerate(FOREST_GRID, start=1):
        progress(f"{feature_set.name}: setting {number} of {len(FOREST_GRID)}")
        candidate = build(FOREST, feature_set, parameters)
        forest = candidate.named_steps["model"].set_params(n_jobs=threads, oob_score=True).fit(encoded, label)
        brier = float(np.mean((forest.oob_decision_function_[:, 1] - label) ** 2))
        # What the search alone needs is not saved with the model.
        del forest.oob_decision_function_, forest.oob_score_
        forest.set_params(n_jobs=1, oob_score=False)
        if brier < best[0]:
            best = (brier, candidate, dict(parameters))
    _, pipeline, parameters = best
    # Both parts are fitted; a pipeline has no state of its own.
    return Pipeline([("encode", encode), ("model", pipeline.named_steps["model"])]), parameters


def _threaded(pipeline: Any, threads: int) -> Any:
    return pipeline.set_params(model__n_jobs=threads)


def _calibrated(forest: Any, validation: pd.DataFrame, feature_set: FeatureSet) -> Any:
    """The forest behind a sigmoid (Platt 1999) fitted on the validation rows; None where these are of one class."""
    label = labels(validation)
    if label.all() or not label.any():
        return None
    return CalibratedClassifierCV(FrozenEstimator(forest), method="sigmoid").fit(
        validation[list(feature_set.columns)], label
    )


def _calibrate(calibrated: Any, probability: np.ndarray) -> np.ndarray:
    """Send the raw probabilities of other fits through the calibration."""
    _, sigmoid = unwrap(calibrated)
    return np.asarray(sigmoid.predict(probability), dtype=float)


def _improves(calibrated: Any, probability: np.ndarray, label: np.ndarray) -> bool:
    """Whether the calibration, fitted on validation rows, helps on the training rows' out-of-fold probabilities.

    One that turns the order round is none.
    """
    if calibrated is None or unwrap(calibrated)[1].a_ >= 0:
        return False
    before = float(np.mean((probability - label) ** 2))
    after = float(np.mean((_calibrate(calibrated, probability) - label) ** 2))
    return after < before * (1 - CALIBRATION_GAIN)
