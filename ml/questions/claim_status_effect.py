"""Is a difference between verified and not verified accounts one of what they post? The detector of confounding.

Pure: moments and a bounded sample in, rows of the result table out. Differences are not verified minus verified.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm

from ml.questions.results import Result, is_significant
from ml.questions.sufficient_statistics import ALL, CLAIM, CLASSES, STRATA, GroupMoments
from ml.statistics import decomposition, multiplicity, t_tests
from ml.statistics.moments import Moments, NotTestableError
from ml.statistics.t_tests import Interval
from wording import codes
from wording.names import noun

EXPLAINED_SHARE = 0.5
"""«Explained» asks that composition makes more than half of a difference, by the lower end of its interval."""
LEAST_SHARE = 0.2
"""Below this part of a difference composition explains none of it worth naming."""


class Gap(NamedTuple):
    """What tests say about the difference of the groups among some videos."""

    difference: float
    status: str
    """`alike` (equivalent within the margin), `differs` or `open`."""


class Effect(NamedTuple):
    """What claim status does to the difference between the groups."""

    verdict: str
    reason: str | None = None
    """Why there is no verdict."""
    composition: Interval | None = None
    """Composition's share of the difference, where it is one: between none and all of it."""


def effect_results(metric: str, moments: GroupMoments, sample: pd.DataFrame) -> list[Result]:
    """Rows of the result table, the verdict first.

    Args:
        metric: The variable.
        moments: Its moments by stratum and group.
        sample: A bounded sample with is_verified, is_claim and the metric, for the linear regression.

    Returns:
        Verdict, decomposition with three references, two adjusted differences, and each group's share of claims.
    """
    return [
        _headline(metric, moments),
        *_decomposition_results(metric, moments),
        _standardised_result(metric, moments),
        _regression_adjusted(metric, sample),
        *_claim_shares(metric, moments),
    ]


def strata_pairs(moments: GroupMoments) -> dict[str, decomposition.Pair]:
    """Moments of both groups by class, as the decomposition takes them."""
    return {stratum: (moments[stratum][False], moments[stratum][True]) for stratum in CLASSES}


def gaps(moments: GroupMoments) -> dict[str, Gap]:
    """Test for a difference and for equivalence, overall and in each class that any video is of.

    Args:
        moments: By stratum and group.

    Returns:
        Stratum to gap; Welch's tests of the two classes are corrected together (Holm), equivalence is asked of each
        at the margin of `t_tests.EQUIVALENCE_MARGIN` pooled standard deviations.

    Raises:
        NotTestableError: A group is empty or has one row, overall or in a class.
    """
    pairs = {
        stratum: (moments[stratum][False], moments[stratum][True])
        for stratum in STRATA
        if stratum == ALL or moments[stratum][False].row_count + moments[stratum][True].row_count
    }
    tests = {stratum: t_tests.welch_test(*pair) for stratum, pair in pairs.items()}
    classes = [stratum for stratum in pairs if stratum != ALL]
    adjusted = dict(zip(classes, multiplicity.holm([tests[name].p_value for name in classes]), strict=True))
    found = {}
    for stratum, pair in pairs.items():
        p_value = adjusted.get(stratum, tests[stratum].p_value)
        found[stratum] = Gap(tests[stratum].difference, _status(pair, p_value))
    return found


def _status(pair: tuple[Moments, Moments], p_value: float | None) -> str:
    if is_significant(t_tests.equivalence_test(*pair).p_value):
        return codes.ALIKE
    return codes.DIFFERS if p_value is not None and is_significant(p_value) else codes.OPEN


def effect(moments: GroupMoments) -> Effect:
    """Say whether a difference is one between accounts or one of what they post.

    Args:
        moments: By stratum and group.

    Returns:
        The verdict of the tests overall, within the classes and of the composition (Kitagawa).
    """
    try:
        found = gaps(moments)
        _ = decomposition.kitagawa(strata_pairs(moments))
    except NotTestableError as error:
        return Effect(codes.NOT_TESTABLE, error.reason)
    overall, classes = found[ALL], {name: gap for name, gap in found.items() if name != ALL}
    try:
        composition = decomposition.composition_interval(strata_pairs(moments))
    except NotTestableError:
        composition = None
    reached = verdict(overall, classes, composition)
    is_share = composition is not None and 0 <= composition.estimate <= 1
    return Effect(reached, None, composition if is_share and reached == codes.PARTLY_EXPLAINED else None)


def verdict(overall: Gap, classes: dict[str, Gap], composition: Interval | None) -> str:
    """Name what claim status does to a difference.

    Args:
        overall: The difference over all labelled videos.
        classes: The differences within the classes.
        composition: Composition's share of the overall difference, with its interval.

    Returns:
        One of the verdicts in `wording.codes`.
    """
    differing = [gap for gap in classes.values() if gap.status == codes.DIFFERS]
    if differing and len(differing) < len(classes):
        return codes.DIFFERS_IN_ONE_CLASS
    if differing:
        return _where_classes_differ(overall, differing, composition)
    if any(gap.status == codes.OPEN for gap in classes.values()) or overall.status == codes.OPEN:
        return codes.UNDECIDED
    if overall.status == codes.ALIKE:
        return codes.NO_DIFFERENCE
    if composition is not None and composition.lower_bound >= EXPLAINED_SHARE:
        return codes.EXPLAINED
    return codes.PARTLY_EXPLAINED if _is_part(composition) else codes.UNDECIDED


def _where_classes_differ(overall: Gap, differing: list[Gap], composition: Interval | None) -> str:
    if overall.status != codes.DIFFERS:
        return codes.MASKED if len(differing) > 1 else codes.NOT_EXPLAINED
    if all(gap.difference * overall.difference < 0 for gap in differing):
        return codes.REVERSED
    return codes.PARTLY_EXPLAINED if _is_part(composition) else codes.NOT_EXPLAINED


def _is_part(composition: Interval | None) -> bool:
    """Whether composition makes a clear part of a difference: a share between none and all of it."""
    return composition is not None and composition.lower_bound > 0 and LEAST_SHARE <= composition.estimate <= 1


def _headline(metric: str, moments: GroupMoments) -> Result:
    found = effect(moments)
    base = _base(metric, codes.EXPLAINED_TERM, "Kitagawa decomposition, averaged weights")._replace(
        estimate_unit="share of the difference",
        observation_count=_count(moments),
        verdict=found.verdict,
        reason=found.reason,
    )
    if found.composition is None:
        return base
    share = found.composition
    bounds = max(0.0, share.lower_bound), min(1.0, share.upper_bound)
    return base.with_estimate(share.estimate, "share of the difference", bounds)


def _decomposition_results(metric: str, moments: GroupMoments) -> list[Result]:
    pairs = strata_pairs(moments)
    results = []
    for reference, words in (
        ("average", "averaged weights"),
        ("first", "means of the not verified as reference"),
        ("second", "means of the verified as reference"),
    ):
        method = f"Kitagawa decomposition, {words}"
        try:
            split = decomposition.kitagawa(pairs, reference)
        except NotTestableError as error:
            results.append(_base(metric, codes.COMPOSITION, method).refused(error.reason))
            continue
        results += [
            _base(metric, term, method).with_estimate(value, noun(metric)).counted(_count(moments))
            for term, value in ((codes.COMPOSITION, split.composition), (codes.WITHIN, split.within))
        ]
    return results


def _standardised_result(metric: str, moments: GroupMoments) -> Result:
    base = _base(metric, codes.CONTRAST, "direct standardisation to the pooled shares of claims and opinions")
    try:
        adjusted = decomposition.standardised_difference(strata_pairs(moments))
    except NotTestableError as error:
        return base.refused(error.reason)
    return (
        base.with_estimate(adjusted.difference, noun(metric), (adjusted.lower_bound, adjusted.upper_bound))
        .with_test("z", adjusted.statistic, adjusted.p_value)
        .counted(adjusted.observation_count)
        .assuming("shares_fixed")
    )


def _regression_adjusted(metric: str, sample: pd.DataFrame) -> Result:
    method = "OLS with a claim term, HC3 errors: weighs the classes by precision, another estimand than standardisation"
    base = _base(metric, codes.ADJUSTED_CONTRAST, method).counted(len(sample))
    design = sm.add_constant(sample[["is_verified", "is_claim"]].astype(float), has_constant="add")
    if len(sample) <= 3 or np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        return base.refused("class_mix")
    # HC3 divides by 1 - leverage, which is zero for a row alone in its cell.
    if design.groupby(["is_verified", "is_claim"]).size().min() < 2 or sample[metric].nunique() < 2:
        return base.refused("class_two_rows")
    fit = sm.OLS(sample[metric].astype(float), design).fit(cov_type="HC3")
    lower, upper = fit.conf_int().loc["is_verified"]
    return base.with_estimate(float(fit.params["is_verified"]), noun(metric), (float(lower), float(upper))).with_test(
        "z", float(fit.tvalues["is_verified"]), float(fit.pvalues["is_verified"])
    )


def _claim_shares(metric: str, moments: GroupMoments) -> list[Result]:
    """Which part of each group's videos are claims: what the groups post."""
    results = []
    for verified, group in ((False, "not verified"), (True, "verified")):
        total, claims = moments[ALL][verified].row_count, moments[CLAIM][verified].row_count
        row = _base(metric, f"{codes.CLAIM_SHARE}, {group}", "count").counted(total)
        row = row.with_estimate(claims / total if total else None, "share")
        results.append(row if total else row.refused("group_empty"))
    return results


def _base(metric: str, term: str, method: str) -> Result:
    return Result(codes.HYPOTHESIS_TEST, metric, ALL, term, method)


def _count(moments: GroupMoments) -> int:
    return moments[ALL][False].row_count + moments[ALL][True].row_count
