"""Which rule decides: the promise where it leaves people little enough to do, or else the costs."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from ml.classifier import decisions
from ml.classifier.forest import FittedForest, Parts, claim_probability, labels
from ml.classifier.novelty import Known, is_young
from ml.classifier.robustness_findings import auc_interval
from ml.classifier.thresholds import PEOPLE, REVIEW_LIMIT_SHARE, Band, Limits, Promise, promise
from wording.codes import COSTS, PERSON, PROMISE

LEAST_AUC = 0.6
"""Lower 95 % bound of the ROC AUC that scores must exceed: chance has 0.5, and up to here no threshold means much."""


class DecisionRule(NamedTuple):
    """The rule in force for one feature set."""

    code: str
    """promise, costs, or person where the set never decides or its scores tell nothing."""
    band: Band
    promise: Promise


def promised_band(
    parts: Parts,
    forest: FittedForest,
    champion: Any,
    champion_out_of_fold: np.ndarray,
    *,
    known: Known,
    youngest: float | None,
    limits: Limits,
) -> DecisionRule:
    """Promise what the calibration rows allow, unless that would send too much to people.

    Args:
        parts: Rows by part; only here are calibration rows looked at.
        forest: The fitted forest, with the band of the cost rule.
        champion: The fitted champion.
        champion_out_of_fold: Its probability of each training row by a fit that did not see it; shape (training rows,).
        known: What the training rows held.
        youngest: Views from which the set's counts may decide.
        limits: What is to be promised.

    Returns:
        The rule. How much goes to people is judged on training and validation rows, so that the calibration rows are
        used once.
    """
    used = forest.feature_set
    calibration = parts.calibration[~is_young(parts.calibration, youngest)]
    probability, disputed = (
        (claim_probability(model, calibration, used) if len(calibration) else np.empty(0))
        for model in (forest.estimator, champion)
    )
    may_decide = decisions.decidable(calibration, disputed, known)
    found = promise(labels(calibration), probability, may_decide, limits, forest.band)
    unseen = pd.concat([parts.train, parts.validation])
    unseen_probability = np.concatenate(
        [forest.out_of_fold, claim_probability(forest.estimator, parts.validation, used)]
    )
    if not used.decides or not tells_apart(labels(unseen), unseen_probability):
        return DecisionRule(PERSON, PEOPLE, _shown(labels(calibration), probability, may_decide, PEOPLE, found))
    if found.band is not None:
        written = decisions.write(
            unseen,
            unseen_probability,
            np.concatenate([champion_out_of_fold, claim_probability(champion, parts.validation, used)]),
            feature_set=used,
            known=known,
            band=found.band,
        )
        is_mine = ~is_young(unseen, youngest)
        if is_mine.any() and (written.decision[is_mine] == decisions.REVIEW).mean() <= REVIEW_LIMIT_SHARE:
            return DecisionRule(PROMISE, found.band, found)
        found = _shown(labels(calibration), probability, may_decide, forest.band, found)
    return DecisionRule(COSTS, forest.band, found)


def tells_apart(label: np.ndarray, probability: np.ndarray) -> bool:
    """Whether scores rank claims above opinions clearly enough for any threshold to mean something.

    Args:
        label: Whether each row is a claim; shape (rows,).
        probability: Of being a claim, by a model that has not seen the row; shape (rows,).
    """
    claims = int(label.sum())
    auc = float(roc_auc_score(label, probability))
    return auc_interval(auc, claims, len(label) - claims)[0] > LEAST_AUC


def _shown(
    label: np.ndarray, probability: np.ndarray, may_decide: tuple[np.ndarray, np.ndarray], band: Band, wanted: Promise
) -> Promise:
    """The bounds of the rule in force, and how many labels the promise that was wanted would take."""
    return promise(label, probability, may_decide, Limits(0.0, 0.0), band)._replace(
        needed_claim_count=wanted.needed_claim_count
    )
