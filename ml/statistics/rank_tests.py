"""Rank tests of two samples from exact rank counts: pure functions, no rows.

Both groups' rows are compared pair by pair; the counts come from one grouped query whatever the number of rows.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from ml.statistics.moments import NotTestableError
from ml.statistics.t_tests import CONFIDENCE, Interval


class RankCounts(NamedTuple):
    """What the rank tests need, as whole numbers.

    For a value v, a(v) and b(v) rows of the first and second group hold it, t(v) = a(v) + b(v), and
    D(v) = (second-group rows below v) - (second-group rows above v); E(v) is the same for first-group rows.
    """

    first_count: int
    second_count: int
    dominance: int
    """Sum of a(v) D(v): pairs in which the first is larger minus pairs in which it is smaller."""
    tied_pairs: int
    """Sum of a(v) b(v)."""
    tie_cubes: int
    """Sum of t(v)^3 - t(v)."""
    first_dominance_squares: int
    """Sum of a(v) D(v)^2."""
    second_dominance_squares: int
    """Sum of b(v) E(v)^2."""


class RankTest(NamedTuple):
    """Mann-Whitney U test."""

    statistic: float
    """U of the first group: pairs in which it is larger, ties counting half."""
    z_score: float
    p_value: float
    observation_count: int


def mann_whitney(counts: RankCounts) -> RankTest:
    """Two-sided Mann-Whitney U test, normal approximation with tie and continuity correction.

    Args:
        counts: Exact rank counts.

    Returns:
        U and its p-value; the approximation is good from about ten rows per group.

    Raises:
        NotTestableError: A group is empty, or all rows are tied.
    """
    _require_both(counts)
    first, second = counts.first_count, counts.second_count
    total = first + second
    pairs = first * second
    statistic = (counts.dominance + pairs) / 2
    if total < 2 or counts.tie_cubes == total**3 - total:
        raise NotTestableError("all_values_equal")
    deviation = np.sqrt(pairs / 12 * ((total + 1) - counts.tie_cubes / (total * (total - 1))))
    z_score = max(abs(counts.dominance) / 2 - 0.5, 0.0) / deviation
    p_value = 2 * float(stats.norm.sf(z_score))
    return RankTest(statistic, float(np.copysign(z_score, counts.dominance)), p_value, total)


def cliffs_delta(counts: RankCounts, confidence_level: float = CONFIDENCE) -> Interval:
    """Cliff's delta: P(first larger) - P(second larger) for two random rows.

    Args:
        counts: Exact rank counts.
        confidence_level: Coverage of the interval.

    Returns:
        delta with the asymmetric interval from its consistent variance (Cliff 1996; Feng and Cliff 2004).

    Raises:
        NotTestableError: A group has fewer than two rows.
    """
    _require_both(counts)
    first, second = counts.first_count, counts.second_count
    if min(first, second) < 2:
        raise NotTestableError("group_single_row")
    pairs = first * second
    delta = counts.dominance / pairs
    # Exact until the last division: Python integers.
    first_part = counts.first_dominance_squares * first - counts.dominance**2
    second_part = counts.second_dominance_squares * second - counts.dominance**2
    pair_part = (pairs - counts.tied_pairs) - counts.dominance**2 / pairs
    variance = (first_part / first + second_part / second - pair_part) / (pairs * (first - 1) * (second - 1))
    # Below this floor the estimate may even be negative in small samples.
    variance = max(variance, (1 - delta**2) / (pairs - 1))
    quantile = float(stats.norm.ppf(0.5 + confidence_level / 2))
    spread = quantile * float(np.sqrt(variance * ((1 - delta**2) ** 2 + quantile**2 * variance)))
    divisor = 1 - delta**2 + quantile**2 * variance
    if divisor == 0:  # no overlap at all
        return Interval(delta, delta, delta)
    centre = delta - delta**3
    return Interval(delta, max(-1.0, (centre - spread) / divisor), min(1.0, (centre + spread) / divisor))


def _require_both(counts: RankCounts) -> None:
    if min(counts.first_count, counts.second_count) == 0:
        raise NotTestableError("group_empty")
