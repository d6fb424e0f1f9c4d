"""Is a difference between verified and not verified accounts one of what they post? The detector of confounding.

Pure: moments and a bounded sample in, rows of the result table out. Differences are not verified minus verified.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm

from ml.questions.results import (
    GROUP_CONTRAST,
    Result,
    amount,
    difference_words,
    interval_text,
    is_significant,
    not_testable,
    noun,
    p_text,
    percent,
)
from ml.questions.sufficient_statistics import ALL, CLAIM, CLASSES, GroupMoments
from ml.statistics import decomposition, t_tests
from ml.statistics.moments import NotTestableError
from wording.codes import (
    EXPLAINED,
    HYPOTHESIS_TEST,
    MASKED,
    NO_DIFFERENCE,
    NOT_EXPLAINED,
    NOT_TESTABLE,
    PARTLY,
    REVERSED,
)

EXPLAINED_SHARE = 0.8
"""From this part on composition explains a difference, if what is left is not significant either."""


class Explanation(NamedTuple):
    """Whether claim status explains a difference."""

    verdict: str
    composition_share: float | None
    sentence: str


def effect_results(metric: str, moments: GroupMoments, sample: pd.DataFrame) -> list[Result]:
    """Rows of the result table, the verdict first.

    Args:
        metric: The variable.
        moments: Its moments by stratum and group.
        sample: A bounded sample with is_verified, is_claim and the metric, for the linear regression.

    Returns:
        Verdict, decomposition with three references, and two adjusted differences.
    """
    return [
        _headline(metric, moments),
        *_decomposition_results(metric, moments),
        _standardised_result(metric, moments),
        _regression_adjusted(metric, sample),
    ]


def strata_pairs(moments: GroupMoments) -> dict[str, decomposition.Pair]:
    """Moments of both groups by class, as the decomposition takes them."""
    return {stratum: (moments[stratum][False], moments[stratum][True]) for stratum in CLASSES}


def explain(metric: str, moments: GroupMoments) -> Explanation:
    """Say whether a difference is one between accounts or one of what they post.

    Args:
        metric: The variable.
        moments: Its moments by stratum and group.

    Returns:
        Verdict and words that follow the data: composition after Kitagawa, what is left after standardisation.
    """
    groups, pairs = moments[ALL], strata_pairs(moments)
    try:
        overall = t_tests.welch_test(groups[False], groups[True])
    except NotTestableError as error:
        words = f"Verified and other accounts cannot be compared on {noun(metric)}: {error}."
        return Explanation(NOT_TESTABLE, None, words)
    lead = _lead(metric, overall)
    try:
        share = decomposition.kitagawa(pairs).composition_share
        adjusted = decomposition.standardised_difference(pairs)
    except NotTestableError as error:
        return Explanation(NOT_TESTABLE, None, f"{lead}; whether claim status explains this cannot be told: {error}.")
    reached = verdict(overall, adjusted, share)
    left = (
        "With equal shares of claims "
        + ("there is a difference: " if is_significant(adjusted.p_value) else "no difference is found: ")
        + difference_words(metric, adjusted.difference, adjusted.lower_bound, adjusted.upper_bound)
        + f", {p_text(adjusted.p_value)}."
    )
    middle = {
        NO_DIFFERENCE: ".",
        EXPLAINED: f", but claim status explains this difference: {_claim_shares(moments)}.",
        PARTLY: f"; claim status explains {percent(share)} of this.",
        NOT_EXPLAINED: "; claim status does not explain this.",
        REVERSED: ", but inside claims and opinions the direction turns.",
        MASKED: ", but claim status masks one.",
    }[reached]
    known_share = None if reached in {NO_DIFFERENCE, MASKED} else share
    return Explanation(reached, known_share, f"{lead}{middle} {left}")


def verdict(overall: t_tests.MeanTest, adjusted: decomposition.AdjustedDifference, composition_share: float) -> str:
    """Name what claim status does to a difference.

    Args:
        overall: The difference as observed.
        adjusted: The difference with equal shares of claims.
        composition_share: Part of the observed difference that composition makes.

    Returns:
        One of the verdicts above.
    """
    is_left = is_significant(adjusted.p_value)
    if not is_significant(overall.p_value):
        return MASKED if is_left else NO_DIFFERENCE
    if not is_left:
        return EXPLAINED if composition_share >= EXPLAINED_SHARE else PARTLY
    if adjusted.difference * overall.difference < 0:
        return REVERSED
    return NOT_EXPLAINED if composition_share < 1 - EXPLAINED_SHARE else PARTLY


def _lead(metric: str, overall: t_tests.MeanTest) -> str:
    words = difference_words(metric, overall.difference, overall.lower_bound, overall.upper_bound)
    if is_significant(overall.p_value):
        return f"Videos of accounts that are not verified have on average {words}"
    return (
        f"No difference in mean {noun(metric)} between verified and other accounts was found "
        f"({words} for those not verified; {p_text(overall.p_value)})"
    )


def _headline(metric: str, moments: GroupMoments) -> Result:
    explanation = explain(metric, moments)
    return _base(metric, "explained by claim status", "Kitagawa decomposition, averaged weights")._replace(
        estimate=explanation.composition_share,
        estimate_unit="share of the difference",
        observation_count=_count(moments),
        assumption_status=explanation.verdict,
        sentence=explanation.sentence,
    )


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
            results.append(_base(metric, "composition", method)._replace(sentence=not_testable(metric, ALL, error)))
            continue
        for term, value, cause in (
            ("composition", split.composition, "because the groups post claims in other shares"),
            ("within classes", split.within, "because the groups differ inside claims and opinions"),
        ):
            results.append(
                _base(metric, term, method)._replace(
                    estimate=value,
                    estimate_unit=noun(metric),
                    observation_count=_count(moments),
                    sentence=(
                        f"Of the difference of {amount(split.difference)} {noun(metric)}, {amount(value)} "
                        f"arise {cause}."
                    ),
                )
            )
    return results


def _standardised_result(metric: str, moments: GroupMoments) -> Result:
    base = _base(metric, GROUP_CONTRAST, "direct standardisation to the pooled shares of claims and opinions")
    try:
        adjusted = decomposition.standardised_difference(strata_pairs(moments))
    except NotTestableError as error:
        return base._replace(sentence=not_testable(metric, ALL, error))
    found = "a difference is left" if is_significant(adjusted.p_value) else "no difference is found"
    return base._replace(
        estimate=adjusted.difference,
        estimate_unit=noun(metric),
        lower_bound=adjusted.lower_bound,
        upper_bound=adjusted.upper_bound,
        statistic_name="z",
        statistic=adjusted.statistic,
        p_value=adjusted.p_value,
        observation_count=adjusted.observation_count,
        assumption_status="large groups; the shares of claims and opinions are taken as fixed",
        sentence=(
            f"If both groups posted claims in the same share, {found}: "
            f"{difference_words(metric, adjusted.difference, adjusted.lower_bound, adjusted.upper_bound)} "
            f"for accounts that are not verified ({p_text(adjusted.p_value)})."
        ),
    )


def _regression_adjusted(metric: str, sample: pd.DataFrame) -> Result:
    method = "OLS with a claim term, HC3 errors: weighs the classes by precision, another estimand than standardisation"
    base = _base(metric, "verified - not verified", method)._replace(observation_count=len(sample))
    design = sm.add_constant(sample[["is_verified", "is_claim"]].astype(float), has_constant="add")
    if len(sample) <= 3 or np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        return base._replace(sentence="The regression needs both groups, both classes and classes that mix the groups.")
    # HC3 divides by 1 - leverage, which is zero for a row alone in its cell.
    if design.groupby(["is_verified", "is_claim"]).size().min() < 2 or sample[metric].nunique() < 2:
        return base._replace(sentence="The regression needs two videos in each group of each class, and variation.")
    fit = sm.OLS(sample[metric].astype(float), design).fit(cov_type="HC3")
    lower, upper = fit.conf_int().loc["is_verified"]
    estimate, p_value = float(fit.params["is_verified"]), float(fit.pvalues["is_verified"])
    found = "a difference is left" if is_significant(p_value) else "no difference is found"
    return base._replace(
        estimate=estimate,
        estimate_unit=noun(metric),
        lower_bound=float(lower),
        upper_bound=float(upper),
        statistic_name="z",
        statistic=float(fit.tvalues["is_verified"]),
        p_value=p_value,
        sentence=(
            f"With claim status held fixed in a linear regression, {found}: {amount(estimate)} {noun(metric)} for "
            f"verified accounts ({interval_text(float(lower), float(upper))}, {p_text(p_value)})."
        ),
    )


def _base(metric: str, term: str, method: str) -> Result:
    return Result(HYPOTHESIS_TEST, metric, ALL, term, method, "")


def _count(moments: GroupMoments) -> int:
    return moments[ALL][False].row_count + moments[ALL][True].row_count


def _claim_shares(moments: GroupMoments) -> str:
    shares = {
        verified: moments[CLAIM][verified].row_count / moments[ALL][verified].row_count for verified in (False, True)
    }
    return (
        f"{percent(shares[True])} of the videos of verified accounts are claims, against "
        f"{percent(shares[False])} of the others"
    )
