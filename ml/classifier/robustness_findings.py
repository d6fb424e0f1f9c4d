"""What every robustness check is made of: fits with the chosen settings, and a measured number."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.classifier.comparison import Row
from ml.classifier.feature_sets import TEXT, FeatureSet
from ml.classifier.forest import labels
from ml.classifier.pipelines import FOREST, build

WARNING_SHARE = 0.95
"""Below this recall or accuracy under a check's conditions the reader is warned."""
FOLDS = 5
# The transcript without the account, so that a hold-out shows what the words alone carry.
WORDS = FeatureSet("transcript", "publication", (TEXT,))


class Finding(NamedTuple):
    """One measured number of a check."""

    check_name: str
    subject: str
    model_name: str
    metric: str
    value: float | None
    bounds: tuple[float, float] | None
    observation_count: int

    def row(self, *, is_warning: bool = False) -> Row:
        """The row for `ml.robustness_checks`, without its order, its sentence and the identity of data and code."""
        lower, upper = self.bounds or (None, None)
        return {
            "check_name": self.check_name,
            "subject": self.subject,
            "model_name": self.model_name,
            "metric": self.metric,
            "metric_value": self.value,
            "lower_bound": lower,
            "upper_bound": upper,
            "observation_count": self.observation_count,
            "is_warning": is_warning,
        }


class Fits:
    """Fits models with the settings that training has chosen."""

    def __init__(self, parameters: Mapping[str, Mapping[str, Any]], threads: int) -> None:
        self._parameters = parameters
        self.threads = threads
        """For pieces of work that fit models one after the other."""

    def fit(self, candidate: str, used: FeatureSet, frame: pd.DataFrame, **changes: Any) -> Any:
        """A fitted model of a candidate, uncalibrated; changes are to the forest's settings."""
        model = build(candidate, used)
        if candidate == FOREST:
            model.named_steps["model"].set_params(**{**self._parameters.get(used.name, {}), **changes})
        return model.fit(frame[list(used.columns)], labels(frame))


def auc_interval(auc: float, claims: int, opinions: int) -> tuple[float, float]:
    """Interval of a ROC AUC (Hanley and McNeil 1982)."""
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (claims - 1) * (first - auc**2) + (opinions - 1) * (second - auc**2)
    margin = 1.959964 * float(np.sqrt(max(variance, 0) / (claims * opinions)))
    return max(0.0, auc - margin), min(1.0, auc + margin)


def numbered(rows: list[Row]) -> list[Row]:
    """The rows of one check in their order."""
    return [{**row, "check_order": number} for number, row in enumerate(rows, start=1)]
