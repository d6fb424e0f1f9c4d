"""Videos as they stood when they were young, and the view count from which counts may decide."""

from typing import Any

import numpy as np
import pandas as pd

from ml.classifier.feature_sets import SPREAD, FeatureSet
from ml.classifier.forest import claim_probability, labels
from warehouse import contract

LEAST_RECALL = 0.95
"""Of young claims, where counts may decide."""
SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Of the final counts."""
EDGES = tuple(float(digit * 10**power) for power in range(1, 9) for digit in (1, 2, 5))
"""View counts tried, from 10 on."""
LEAST_CLAIMS = 20
"""Young claims between two edges, from which their recall is judged."""


def at_share(frame: pd.DataFrame, share: float) -> pd.DataFrame:
    """The same videos when their counts stood at a share of their final value, with rates recomputed."""
    counts = {
        name: np.floor(frame[name] * share)
        for name in frame.columns
        if name.endswith("_count") and name.startswith("video_")
    }
    young = frame.assign(**counts)
    for rate, (numerator, denominator) in contract.rates().items():
        young[rate] = (young[numerator] / young[denominator].where(young[denominator] > 0)).where(frame[rate].notna())
    return young


def least_view_count(estimator: Any, validation: pd.DataFrame, feature_set: FeatureSet) -> float | None:
    """The view count from which a feature set that needs counts still finds the claims among young videos.

    Args:
        estimator: The fitted random forest of the set.
        validation: Rows that it has not seen.
        feature_set: The set.

    Returns:
        The least edge above which no stretch of views has a recall below `LEAST_RECALL`; None for a set without
        counts.
    """
    claims = validation[labels(validation)]
    if SPREAD not in feature_set.columns or claims.empty:
        return None
    views, found = [], []
    for share in SHARES:
        young = at_share(claims, share)
        views.append(young[SPREAD].to_numpy(float))
        found.append(claim_probability(estimator, young, feature_set) >= 0.5)
    return _least_edge(np.concatenate(views), np.concatenate(found))


def _least_edge(views: np.ndarray, is_found: np.ndarray) -> float:
    stretch = np.digitize(views, EDGES)
    counts = np.bincount(stretch, minlength=len(EDGES) + 1)
    hits = np.bincount(stretch[is_found], minlength=len(EDGES) + 1)
    for number in range(len(EDGES), -1, -1):
        if counts[number] >= LEAST_CLAIMS and hits[number] < LEAST_RECALL * counts[number]:
            return EDGES[min(number, len(EDGES) - 1)]
    return 0.0
