"""Is a difference of two means one of composition? Pure functions on moments per stratum.

First minus second throughout. A stratum is a class, such as claim or opinion, in which rows are alike.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from ml.statistics.moments import EMPTY, Moments, NotTestableError
from ml.statistics.t_tests import CONFIDENCE, Interval

Pair = tuple[Moments, Moments]
"""Moments of the first and the second group in one stratum."""


class Decomposition(NamedTuple):
    """A difference of means split in two (Kitagawa 1955)."""

    difference: float
    composition: float
    """Because the groups hold the strata in other shares."""
    within: float
    """Because the groups differ inside the strata."""

    @property
    def composition_share(self) -> float:
        """Part of the difference that composition explains; not a number where there is no difference."""
        return self.composition / self.difference if self.difference else float("nan")


class AdjustedDifference(NamedTuple):
    """Difference of means with the strata's shares made equal (direct standardisation)."""

    difference: float
    standard_error: float
    lower_bound: float
    upper_bound: float
    statistic: float
    p_value: float
    observation_count: int


def kitagawa(strata: Mapping[str, Pair], reference: str = "average") -> Decomposition:
    """Split a difference of means into composition and within-stratum parts.

    Args:
        strata: Stratum to the groups' moments.
        reference: Whose means and shares weigh the parts: `average` of both groups, `first` or `second`. With
            `first` the composition is weighed by the first group's means and the within part by the second's shares.

    Returns:
        The difference and its two parts, which add up to it.

    Raises:
        NotTestableError: A group is empty, or lacks a stratum so that its mean there is unknown.
    """
    weight = {"average": 0.5, "first": 1.0, "second": 0.0}[reference]
    first_shares, second_shares = _shares(strata)
    composition = within = 0.0
    for stratum, (first, second) in strata.items():
        if first.row_count + second.row_count == 0:
            continue
        mean = weight * first.mean + (1 - weight) * second.mean
        share = (1 - weight) * first_shares[stratum] + weight * second_shares[stratum]
        composition += (first_shares[stratum] - second_shares[stratum]) * mean
        within += (first.mean - second.mean) * share
    return Decomposition(composition + within, composition, within)


def composition_interval(strata: Mapping[str, Pair], confidence_level: float = CONFIDENCE) -> Interval:
    """The composition's share of a difference, with its interval by the delta method.

    Args:
        strata: Stratum to the groups' moments.
        confidence_level: Coverage of the interval.

    Returns:
        The share after Kitagawa with averaged weights. Both the groups' shares of the strata (multinomial) and the
        means inside them are taken as estimated. The share leaves [0, 1] where composition and the within-stratum part
        have opposite signs, and its interval widens without bound where the difference comes near zero.

    Raises:
        NotTestableError: A group is empty or lacks a stratum, or there is no difference.
    """
    split = kitagawa(strata)
    if split.difference == 0:
        raise NotTestableError("all_values_equal")
    share = split.composition_share
    present = {name: pair for name, pair in strata.items() if pair[0].row_count + pair[1].row_count}
    shares = _shares(present)
    variance = 0.0
    for side, sign in ((0, 1.0), (1, -1.0)):
        rows = sum(pair[side].row_count for pair in present.values())
        slopes = {}
        for name, pair in present.items():
            middle = (pair[0].mean + pair[1].mean) / 2
            # Derivatives of composition and of the difference by this group's share of the stratum and its mean there.
            slopes[name] = sign * (middle - share * pair[side].mean) / split.difference
            moved = (shares[0][name] - shares[1][name]) / 2 - share * sign * shares[side][name]
            variance += (moved / split.difference) ** 2 * pair[side].variance / pair[side].row_count
        mean_slope = sum(shares[side][name] * slope for name, slope in slopes.items())
        variance += sum(shares[side][name] * (slope - mean_slope) ** 2 for name, slope in slopes.items()) / rows
    margin = float(stats.norm.ppf(0.5 + confidence_level / 2)) * float(np.sqrt(variance))
    return Interval(share, share - margin, share + margin)


def standardised_difference(strata: Mapping[str, Pair], confidence_level: float = CONFIDENCE) -> AdjustedDifference:
    """Difference that remains when both groups have the pooled shares of the strata.

    Args:
        strata: Stratum to the groups' moments.
        confidence_level: Coverage of the interval.

    Returns:
        Weighted mean of the within-stratum differences, its standard error with the shares taken as fixed, and a
        normal test.

    Raises:
        NotTestableError: A group is empty, lacks a stratum or has a single row in it, or nothing varies.
    """
    _shares(strata)
    present = {name: pair for name, pair in strata.items() if pair[0].row_count + pair[1].row_count}
    total = sum(first.row_count + second.row_count for first, second in present.values())
    difference = squared_error = 0.0
    for first, second in present.values():
        if min(first.row_count, second.row_count) < 2:
            raise NotTestableError("class_single_row")
        share = (first.row_count + second.row_count) / total
        difference += share * (first.mean - second.mean)
        squared_error += share**2 * (first.variance / first.row_count + second.variance / second.row_count)
    if squared_error == 0:
        raise NotTestableError("class_no_variation")
    error = float(np.sqrt(squared_error))
    margin = float(stats.norm.ppf(0.5 + confidence_level / 2)) * error
    statistic = difference / error
    p_value = float(2 * stats.norm.sf(abs(statistic)))
    return AdjustedDifference(
        difference=difference,
        standard_error=error,
        lower_bound=difference - margin,
        upper_bound=difference + margin,
        statistic=statistic,
        p_value=p_value,
        observation_count=total,
    )


def _shares(strata: Mapping[str, Pair]) -> tuple[dict[str, float], dict[str, float]]:
    """Each group's share of each stratum."""
    totals = [sum((pair[side].row_count for pair in strata.values()), EMPTY.row_count) for side in (0, 1)]
    if min(totals) == 0:
        raise NotTestableError("group_empty")
    for first, second in strata.values():
        if (first.row_count == 0) != (second.row_count == 0):
            raise NotTestableError("class_missing")
    first_shares, second_shares = (
        {name: pair[side].row_count / totals[side] for name, pair in strata.items()} for side in (0, 1)
    )
    return first_shares, second_shares
