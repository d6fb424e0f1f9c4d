"""How well a logistic regression tells the classes apart on rows that it did not see: pure functions on frames."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.statistics.calibration import CalibrationBin, calibration_bins
from ml.statistics.convergence import NotFittedError, SettledLogisticRegression
from ml.statistics.logistic import PENALTY_C

FOLDS = 5
REPEATS = 4


class CrossValidation(NamedTuple):
    """Scores over all folds of all repeats, and one held-out probability per row."""

    auc_scores: NDArray[np.float64]
    """Shape (folds x repeats,), as are the next."""
    average_precision_scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    """Shape (rows,), from the first repeat: each row is predicted by the fold that did not see it."""


def cross_validate(outcome: pd.Series, terms: pd.DataFrame) -> CrossValidation:
    """Five folds, four times over, of a standardised L2 logistic regression (C = 1).

    Args:
        outcome: Zero or one per row.
        terms: Numeric terms.

    Returns:
        Area under the ROC curve and average precision per fold, and held-out probabilities.

    Raises:
        NotFittedError: A class has fewer rows than there are folds.
    """
    labels = outcome.to_numpy(int)
    if min(np.bincount(labels, minlength=2)) < FOLDS:
        raise NotFittedError("too_few_rows_to_fold")
    values = terms.to_numpy(float)
    areas, precisions = [], []
    probabilities = np.zeros(len(labels))
    splitter = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=0)
    for number, (train, held_out) in enumerate(splitter.split(values, labels)):
        model = make_pipeline(StandardScaler(), SettledLogisticRegression(C=PENALTY_C, max_iter=1000))
        scores = model.fit(values[train], labels[train]).predict_proba(values[held_out])[:, 1]
        areas.append(roc_auc_score(labels[held_out], scores))
        precisions.append(average_precision_score(labels[held_out], scores))
        if number < FOLDS:
            probabilities[held_out] = scores
    return CrossValidation(np.array(areas), np.array(precisions), probabilities)


def quantile_groups(probabilities: NDArray[np.float64], groups: int) -> NDArray[np.int64]:
    """Quantile group of each probability, from 0; both of shape (rows,). Ties may leave fewer than asked for."""
    labels = pd.qcut(probabilities, groups, labels=False, duplicates="drop")
    # Equal values have no group: call it 0.
    return np.asarray(np.nan_to_num(np.asarray(labels, dtype=float)), dtype=np.int64)


def reliability(outcome: NDArray[np.int64], probabilities: NDArray[np.float64], groups: int) -> list[CalibrationBin]:
    """Predicted against observed shares over quantile groups of the prediction.

    Args:
        outcome: Zero or one; shape (rows,).
        probabilities: Predictions; shape (rows,).
        groups: Number of groups asked for; ties may leave fewer.

    Returns:
        The groups from the lowest predictions up, observed shares with Wilson intervals.
    """
    return calibration_bins(outcome, probabilities, quantile_groups(probabilities, groups))
