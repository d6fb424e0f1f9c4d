"""Two-sample tests from sufficient statistics: pure functions, no rows."""

from typing import NamedTuple

import numpy as np
from scipy import stats


class SampleMoments(NamedTuple):
    """What a mean needs to be tested: additive over parts of the data."""

    observation_count: int
    mean: float
    variance: float
    """Sample variance, n - 1 in the denominator."""


class WelchTest(NamedTuple):
    """Difference of two means with unequal variances."""

    difference: float
    lower_bound: float
    upper_bound: float
    statistic: float
    degrees_of_freedom: float
    p_value: float
    observation_count: int


def welch_test(first: SampleMoments, second: SampleMoments, confidence_level: float = 0.95) -> WelchTest:
    """Welch's t-test of first minus second.

    Args:
        first: Moments of one group.
        second: Moments of the other.
        confidence_level: Coverage of the interval.

    Returns:
        Estimate, interval, statistic and two-sided p-value (Welch 1947; degrees of freedom after Satterthwaite).

    Raises:
        ValueError: A group has fewer than two rows, or neither varies.
    """
    if first.observation_count < 2 or second.observation_count < 2:
        raise ValueError("Each group needs at least two rows.")
    first_error, second_error = first.variance / first.observation_count, second.variance / second.observation_count
    squared_error = first_error + second_error
    if squared_error == 0:
        raise ValueError("Neither group varies.")
    difference = first.mean - second.mean
    standard_error = float(np.sqrt(squared_error))
    freedom = squared_error**2 / (
        first_error**2 / (first.observation_count - 1) + second_error**2 / (second.observation_count - 1)
    )
    statistic = difference / standard_error
    margin = float(stats.t.ppf(0.5 + confidence_level / 2, freedom)) * standard_error
    return WelchTest(
        difference,
        difference - margin,
        difference + margin,
        statistic,
        freedom,
        float(2 * stats.t.sf(abs(statistic), freedom)),
        first.observation_count + second.observation_count,
    )
