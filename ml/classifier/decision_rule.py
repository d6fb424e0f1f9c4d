"""Which rule decides: the promise where it leaves people little enough to do, or else the costs."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.classifier import decisions
from ml.classifier.forest import FittedForest, Parts, claim_probability, labels
from ml.classifier.novelty import Known, is_young
from ml.classifier.thresholds import REVIEW_LIMIT_SHARE, Band, Limits, Promise, promise
from wording.codes import COSTS, PERSON, PROMISE


class DecisionRule(NamedTuple):
    """The rule in force for one feature set."""

    code: str
    """promise, costs, or person where the set never decides."""
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
    if not used.decides:
        return DecisionRule(PERSON, forest.band, found)
    if found.band is not None:
        unseen = pd.concat([parts.train, parts.validation])
        written = decisions.write(
            unseen,
            np.concatenate([forest.out_of_fold, claim_probability(forest.estimator, parts.validation, used)]),
            np.concatenate([champion_out_of_fold, claim_probability(champion, parts.validation, used)]),
            feature_set=used,
            known=known,
            band=found.band,
        )
        is_mine = ~is_young(unseen, youngest)
        if is_mine.any() and (written.decision[is_mine] == decisions.REVIEW).mean() <= REVIEW_LIMIT_SHARE:
            return DecisionRule(PROMISE, found.band, found)
        # The bounds of the rule in force are those to be shown.
        found = promise(labels(calibration), probability, may_decide, Limits(0.0, 0.0), forest.band)._replace(
            needed_claim_count=found.needed_claim_count
        )
    return DecisionRule(COSTS, forest.band, found)
