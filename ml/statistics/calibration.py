"""Predicted against observed shares, group by group."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.statistics.shares import wilson


class CalibrationBin(NamedTuple):
    """One row of the reliability table."""

    predicted_share: float
    observed_share: float
    lower_bound: float
    upper_bound: float
    observation_count: int


def calibration_bins(
    outcome: NDArray[np.int64], probabilities: NDArray[np.float64], groups: NDArray[np.int64]
) -> list[CalibrationBin]:
    """What happened in each group of predictions.

    Args:
        outcome: Zero or one; shape (rows,).
        probabilities: Predictions; shape (rows,).
        groups: The group of each row; shape (rows,).

    Returns:
        A bin per group that has rows, in the order of the groups, observed shares with Wilson intervals.
    """
    bins = []
    for group in np.unique(groups):
        rows = groups == group
        count, positives = int(rows.sum()), int(outcome[rows].sum())
        mean, bounds = float(probabilities[rows].mean()), wilson(positives, count)
        bins.append(CalibrationBin(mean, positives / count, *bounds, count))
    return bins
