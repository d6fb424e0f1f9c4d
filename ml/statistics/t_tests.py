"""Two-sample tests of means from sufficient statistics: pure functions, no rows.

Differences are first minus second throughout.
"""

from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from ml.statistics.moments import Moments, NotTestableError, require_two_groups

CONFIDENCE = 0.95
SIGNIFICANCE = 1 - CONFIDENCE
EQUIVALENCE_MARGIN = 0.2
"""Differences below this many pooled standard deviations count as negligible (Cohen's «small»)."""
POWER = 0.8
NORMAL_ROWS = 5_000
"""Above this many rows power is computed by the normal distribution."""


class MeanTest(NamedTuple):
    """Test of a difference of two means."""

    difference: float
    lower_bound: float
    upper_bound: float
    statistic: float
    degrees_of_freedom: float
    p_value: float
    observation_count: int


class Interval(NamedTuple):
    """An estimate and its confidence interval."""

    estimate: float
    lower_bound: float
    upper_bound: float


class Equivalence(NamedTuple):
    """Two one-sided tests: is the difference smaller than the margin in both directions?"""

    margin: float
    """In the metric's unit."""
    statistic: float
    """Of the weaker of the two tests."""
    degrees_of_freedom: float
    p_value: float


class Power(NamedTuple):
    """What the sample sizes allow to see."""

    power: float
    """Probability of finding a difference of `EQUIVALENCE_MARGIN` standard deviations."""
    detectable_effect: float
    """Smallest |d| found with probability `POWER`."""


def welch_test(first: Moments, second: Moments, confidence_level: float = CONFIDENCE) -> MeanTest:
    """Welch's t-test, which allows unequal variances.

    Args:
        first: Moments of one group.
        second: Moments of the other.
        confidence_level: Coverage of the interval.

    Returns:
        Estimate, interval, statistic and two-sided p-value (Welch 1947; degrees of freedom after Satterthwaite).

    Raises:
        NotTestableError: A group has fewer than two rows, or neither varies.
    """
    require_two_groups(first, second)
    error, freedom = _welch_error(first, second)
    return _mean_test(first, second, error, freedom, confidence_level)


def student_test(first: Moments, second: Moments, confidence_level: float = CONFIDENCE) -> MeanTest:
    """Student's t-test, which assumes equal variances.

    Args:
        first: Moments of one group.
        second: Moments of the other.
        confidence_level: Coverage of the interval.

    Returns:
        Estimate, interval, statistic and two-sided p-value.

    Raises:
        NotTestableError: A group has fewer than two rows, or neither varies.
    """
    require_two_groups(first, second)
    error = pooled_deviation(first, second) * float(np.sqrt(1 / first.row_count + 1 / second.row_count))
    return _mean_test(first, second, error, first.row_count + second.row_count - 2, confidence_level)


def pooled_deviation(first: Moments, second: Moments) -> float:
    """Standard deviation within groups, the groups weighed by their degrees of freedom."""
    squares = (first.row_count - 1) * first.variance + (second.row_count - 1) * second.variance
    return float(np.sqrt(squares / (first.row_count + second.row_count - 2)))


def cohens_d(first: Moments, second: Moments, confidence_level: float = CONFIDENCE) -> Interval:
    """Difference of means in pooled standard deviations.

    Args:
        first: Moments of one group.
        second: Moments of the other.
        confidence_level: Coverage of the interval.

    Returns:
        d with the interval from the noncentral t distribution (Cumming and Finch 2001); it assumes equal variances.

    Raises:
        NotTestableError: A group has fewer than two rows, or neither varies.
    """
    test = student_test(first, second)
    scale = float(np.sqrt(1 / first.row_count + 1 / second.row_count))
    tails = [0.5 + confidence_level / 2, 0.5 - confidence_level / 2]
    lower, upper = special.nctdtrinc(test.degrees_of_freedom, tails, test.statistic) * scale
    estimate = test.statistic * scale
    if (
        not lower <= estimate <= upper
    ):  # the noncentral t fails far out in its tails; the normal interval is close there
        margin = _normal_quantile(confidence_level) * float(
            np.sqrt(scale**2 + estimate**2 / (2 * test.degrees_of_freedom))
        )
        lower, upper = estimate - margin, estimate + margin
    return Interval(estimate, float(lower), float(upper))


def equivalence_test(first: Moments, second: Moments, margin_deviations: float = EQUIVALENCE_MARGIN) -> Equivalence:
    """Two one-sided Welch tests (Schuirmann 1987).

    Args:
        first: Moments of one group.
        second: Moments of the other.
        margin_deviations: What counts as negligible, in pooled standard deviations.

    Returns:
        A small p-value says that the difference is negligible.

    Raises:
        NotTestableError: A group has fewer than two rows, or neither varies.
    """
    require_two_groups(first, second)
    margin = margin_deviations * pooled_deviation(first, second)
    error, freedom = _welch_error(first, second)
    difference = first.mean - second.mean
    above, below = (difference + margin) / error, (difference - margin) / error
    p_above, p_below = float(stats.t.sf(above, freedom)), float(stats.t.cdf(below, freedom))
    statistic = above if p_above >= p_below else below
    return Equivalence(margin, statistic, freedom, max(p_above, p_below))


def power_analysis(first_count: int, second_count: int) -> Power:
    """Power of a two-sided t-test at the 5 % level with these sample sizes.

    Args:
        first_count: Rows of one group.
        second_count: Rows of the other.

    Returns:
        Power at the equivalence margin, and the smallest effect seen with 80 % power.

    Raises:
        NotTestableError: A group has fewer than two rows.
    """
    if min(first_count, second_count) < 2:
        raise NotTestableError("group_below_two_rows")
    # The noncentral t distribution has holes at many degrees of freedom (scipy 1.17), where it is normal to 4 digits.
    analysis = NormalIndPower() if first_count + second_count > NORMAL_ROWS else TTestIndPower()
    sizes = {"nobs1": first_count, "ratio": second_count / first_count, "alpha": SIGNIFICANCE}
    # Its own solve_power stops early for large samples (statsmodels 0.15); the normal answer is near the root.
    scale = float(np.sqrt(1 / first_count + 1 / second_count))
    near = (_normal_quantile(CONFIDENCE) + float(stats.norm.ppf(POWER))) * scale
    upper = near
    while analysis.power(upper, **sizes) < POWER:
        upper *= 1.25
    effect = optimize.brentq(lambda size: float(analysis.power(size, **sizes)) - POWER, near / 2, upper, xtol=1e-12)
    return Power(float(analysis.power(EQUIVALENCE_MARGIN, **sizes)), float(effect))


def rows_to_decide(first_count: int, second_count: int) -> int:
    """Rows of the smaller group from which equivalence can be shown, where the means are equal.

    Args:
        first_count: Rows of one group.
        second_count: Rows of the other; the ratio of the two is kept.

    Returns:
        Rows that give two one-sided tests at the 5 % level power `POWER` at the equivalence margin; a two-sided test
        sees a difference of the margin with about the same.

    Raises:
        NotTestableError: A group is empty.
    """
    smaller, larger = sorted((first_count, second_count))
    if smaller == 0:
        raise NotTestableError("group_empty")
    quantiles = float(stats.norm.ppf(1 - SIGNIFICANCE) + stats.norm.ppf(0.5 + POWER / 2))
    return int(np.ceil((quantiles / EQUIVALENCE_MARGIN) ** 2 * (1 + smaller / larger)))


def _welch_error(first: Moments, second: Moments) -> tuple[float, float]:
    """Standard error of the difference and its degrees of freedom (Satterthwaite)."""
    first_part, second_part = first.variance / first.row_count, second.variance / second.row_count
    total = first_part + second_part
    # As shares of the total, so that tiny variances do not vanish when squared.
    freedom = 1 / (
        (first_part / total) ** 2 / (first.row_count - 1) + (second_part / total) ** 2 / (second.row_count - 1)
    )
    return float(np.sqrt(total)), freedom


def _mean_test(first: Moments, second: Moments, error: float, freedom: float, confidence_level: float) -> MeanTest:
    difference = first.mean - second.mean
    margin = float(stats.t.ppf(0.5 + confidence_level / 2, freedom)) * error
    return MeanTest(
        difference=difference,
        lower_bound=difference - margin,
        upper_bound=difference + margin,
        statistic=difference / error,
        degrees_of_freedom=freedom,
        p_value=float(2 * stats.t.sf(abs(difference / error), freedom)),
        observation_count=first.row_count + second.row_count,
    )


def _normal_quantile(confidence_level: float) -> float:
    return float(stats.norm.ppf(0.5 + confidence_level / 2))
