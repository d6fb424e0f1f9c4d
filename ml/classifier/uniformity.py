"""Whether values look drawn by a machine: within a class, real counts and lengths are never spread evenly."""

import math

import numpy as np
import pandas as pd

from ml.classifier.comparison import Row
from ml.classifier.feature_sets import SPREAD
from ml.classifier.forest import labels
from ml.classifier.robustness_findings import Finding, numbered

CHECK = "looks_simulated"
EVEN = 0.05
"""At most this far from an even spread, with 95 % confidence, a class of values looks simulated."""
_CONFIDENCE = 0.95
SUBJECTS = (SPREAD, "video_duration_sec")


def uniformity(frame: pd.DataFrame) -> list[Row]:
    """How far views and lengths of each class lie from an even spread between their least and greatest value.

    The distance is Kolmogorov-Smirnov's; its interval is that of Dvoretzky, Kiefer and Wolfowitz, so «looks simulated»
    is an equivalence and few videos never say it.

    Args:
        frame: Labelled rows.

    Returns:
        One row per class and column that has values.
    """
    is_claim = labels(frame)
    rows = []
    for column in SUBJECTS:
        for name, chosen in (("claims", is_claim), ("opinions", ~is_claim)):
            values = frame[column].to_numpy(float)[chosen]
            values = np.sort(values[~np.isnan(values)])
            if len(values) < 2 or values[0] == values[-1]:
                continue
            distance = distance_from_even(values)
            margin = math.sqrt(math.log(2 / (1 - _CONFIDENCE)) / (2 * len(values)))
            bounds = (max(0.0, distance - margin), min(1.0, distance + margin))
            finding = Finding(
                check_name=CHECK,
                subject=f"{column} of {name}",
                model_name="none",
                metric="distance_from_even",
                value=distance,
                bounds=bounds,
                observation_count=len(values),
            )
            rows.append(finding.row(is_warning=bounds[1] <= EVEN))
    return numbered(rows)


def distance_from_even(values: np.ndarray) -> float:
    """Largest difference between the distribution of whole numbers and an even one over the same range.

    Args:
        values: Sorted; shape (n,).
    """
    span = values[-1] - values[0] + 1
    distinct, counts = np.unique(values, return_counts=True)
    up_to = np.cumsum(counts) / len(values)
    even_up_to, even_below = (distinct - values[0] + 1) / span, (distinct - values[0]) / span
    below = np.concatenate([[0.0], up_to[:-1]])
    return float(max(np.abs(up_to - even_up_to).max(), np.abs(below - even_below).max()))
