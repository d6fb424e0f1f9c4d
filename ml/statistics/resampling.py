"""Permutation and bootstrap of a difference of means, on a bounded sample: no assumption about the distribution.

The caller hands over at most `SAMPLE_ROWS` rows, chosen by the hash of their key; draws come from a fixed seed.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ml.statistics.moments import NotTestableError
from ml.statistics.t_tests import CONFIDENCE, Interval

SAMPLE_ROWS = 20_000
DRAWS = 1_999
SEED = 0
_BATCH = 50  # draws held at once: 8 MB for 20,000 rows

Values = NDArray[np.float64]


def permutation_p_value(first: Values, second: Values) -> float:
    """Two-sided permutation test of equal means.

    Args:
        first: Values of one group.
        second: Values of the other.

    Returns:
        The p-value from random relabellings (all of them where there are few); never below 1 / (draws + 1).

    Raises:
        NotTestableError: A group has fewer than two values, or all values are equal.
    """
    _require_variation(first, second)
    outcome = stats.permutation_test(
        (first, second),
        _mean_difference,
        vectorized=True,
        n_resamples=DRAWS,
        batch=_BATCH,
        rng=np.random.default_rng(SEED),
    )
    return float(outcome.pvalue)


def bootstrap_difference(first: Values, second: Values, confidence_level: float = CONFIDENCE) -> Interval:
    """Percentile bootstrap interval of the difference of means, first minus second.

    Args:
        first: Values of one group.
        second: Values of the other.
        confidence_level: Coverage of the interval.

    Returns:
        The difference and its interval.

    Raises:
        NotTestableError: A group has fewer than two values, or all values are equal.
    """
    _require_variation(first, second)
    outcome = stats.bootstrap(
        (first, second),
        _mean_difference,
        vectorized=True,
        n_resamples=DRAWS,
        batch=_BATCH,
        confidence_level=confidence_level,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    bounds = outcome.confidence_interval
    return Interval(float(first.mean() - second.mean()), float(bounds.low), float(bounds.high))


def _mean_difference(first: Values, second: Values, axis: int = -1) -> Values:
    return np.asarray(np.mean(first, axis=axis) - np.mean(second, axis=axis))


def _require_variation(first: Values, second: Values) -> None:
    if min(len(first), len(second)) == 0:
        raise NotTestableError("group_empty")
    if min(len(first), len(second)) == 1:
        raise NotTestableError("group_single_row")
    if np.ptp(np.concatenate([first, second])) == 0:
        raise NotTestableError("all_values_equal")
