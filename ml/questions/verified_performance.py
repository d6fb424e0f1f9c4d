"""How well can verified accounts be told? Turns held-out predictions into results, performance and calibration rows."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.questions.regression_terms import base_result
from ml.questions.results import Result
from ml.statistics import validation
from ml.statistics.assumptions import CALIBRATION_GROUPS
from ml.statistics.calibration import CalibrationBin
from ml.statistics.confusion import Confusion, confusion_at, confusion_of
from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import PENALTY_C
from ml.statistics.t_tests import CONFIDENCE
from ml.statistics.validation import FOLDS, REPEATS, CrossValidation
from wording.codes import ALONE, EVEN_ODDS, FULL, MAJORITY, OPINION_TERM

HELD_OUT = f"held-out rows of {FOLDS}-fold cross-validation, each predicted by the fold that did not see it"


class Performance(NamedTuple):
    """One row of `ml.regression_performance`."""

    method: str
    evaluation: str
    decision_threshold: float
    true_negative_count: int
    false_positive_count: int
    false_negative_count: int
    true_positive_count: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1_score: float | None
    majority_accuracy: float | None
    observation_count: int


def performance_row(method: str, evaluation: str, threshold: float, confusion: Confusion) -> Performance:
    """A row of the performance table."""
    return Performance(
        method=method,
        evaluation=evaluation,
        decision_threshold=threshold,
        **confusion._asdict(),
        accuracy=confusion.accuracy,
        precision=confusion.precision,
        recall=confusion.recall,
        f1_score=confusion.f1_score,
        majority_accuracy=confusion.majority_accuracy,
        observation_count=confusion.observation_count,
    )


def validate(outcome: pd.Series, terms: pd.DataFrame) -> tuple[list[Result], list[Performance], list[CalibrationBin]]:
    """Cross-validate the regression and claim status alone.

    Args:
        outcome: Zero or one per row.
        terms: Terms of the regression.

    Returns:
        Scores, confusion at one half and at the prevalence beside the majority's, and reliability.
    """
    labels = outcome.to_numpy(int)
    prevalence = float(labels.mean())
    models = {FULL: terms}
    if OPINION_TERM in terms:
        models[ALONE] = terms[[OPINION_TERM]]
    try:
        validated = {name: validation.cross_validate(outcome, chosen) for name, chosen in models.items()}
    except NotFittedError as error:
        return [base_result("cross-validation", FULL).refused(error.reason)], [], []
    results = [row for name, scores in validated.items() for row in _score_results(name, scores, len(labels))]
    thresholds = (EVEN_ODDS, prevalence)
    performance = [
        performance_row(name, HELD_OUT, threshold, confusion_at(labels, scores.probabilities, threshold))
        for name, scores in validated.items()
        for threshold in thresholds
    ]
    always = np.full(len(labels), prevalence > 0.5)
    performance.append(performance_row(MAJORITY, HELD_OUT, EVEN_ODDS, confusion_of(labels, always)))
    calibration = validation.reliability(labels, validated[FULL].probabilities, CALIBRATION_GROUPS)
    return results, performance, calibration


def _score_results(name: str, scores: CrossValidation, count: int) -> list[Result]:
    folds = f"{FOLDS} folds, {REPEATS} times, standardised, L2 with C = {PENALTY_C:g}"
    rows = []
    for term, values in (
        ("area under the ROC curve", scores.auc_scores),
        ("average precision", scores.average_precision_scores),
    ):
        lower, upper = np.quantile(values, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
        rows.append(
            base_result(f"{term}, {name}", f"cross-validation ({folds}); the interval spans the folds")
            .with_estimate(float(values.mean()), "share", (float(lower), float(upper)))
            .counted(count)
        )
    return rows
