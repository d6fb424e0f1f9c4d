"""Assumption checks of the logistic regression: pure functions that say passed, failed or not applicable, and why."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.outliers_influence import variance_inflation_factor

from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import LogisticFit, RatioTest, compare_likelihoods, fit_logistic, standardise
from ml.statistics.t_tests import SIGNIFICANCE
from ml.statistics.validation import quantile_groups
from wording import codes

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not applicable"

MAX_VARIANCE_INFLATION = 5.0
MAX_CONDITION_NUMBER = 30.0
MIN_EVENTS_PER_TERM = 10.0
MAX_COOKS_DISTANCE = 1.0
CALIBRATION_GROUPS = 10
TOP_INFLUENTIAL = 5


class Check(NamedTuple):
    """One row of `ml.assumption_checks`, without its number and question."""

    check_name: str
    term: str
    status: str
    meaning: str
    action: str
    statistic_name: str | None = None
    statistic: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    observation_count: int | None = None


def not_applicable(check_name: str, term: str, reason: str) -> Check:
    """A check that cannot be done, with the reason as a sentence."""
    return Check(check_name, term, NOT_APPLICABLE, reason, "Nothing.")


class BoxTidwell(NamedTuple):
    """Box-Tidwell test of linearity of the logit."""

    joint: RatioTest
    """Likelihood-ratio test of all added terms together."""
    z_scores: dict[str, float]
    """Wald statistic of each variable's added term, beside all others."""
    p_values: dict[str, float]
    """Its p-value."""


def box_tidwell(fit: LogisticFit, raw: pd.DataFrame) -> BoxTidwell:
    """Test whether the logit is linear in the continuous terms (Box and Tidwell 1962).

    Args:
        fit: A converged fit.
        raw: Continuous variables in their own unit, named as their terms. Each adds the term x ln(x + 1); the one
            keeps zeros.

    Returns:
        Joint and single tests; a small p-value says that the logit is not linear.

    Raises:
        NotFittedError: The larger model does not converge.
    """
    names = {str(name): f"{name} x ln" for name in raw}
    added = pd.DataFrame({names[name]: fit.terms[name] * np.log(raw[name] + 1.0) for name in names})
    larger = fit_logistic(fit.outcome, pd.concat([fit.terms, added], axis=1))
    return BoxTidwell(
        compare_likelihoods(float(larger.result.llf), float(fit.result.llf), len(names)),
        {name: float(larger.result.tvalues[column]) for name, column in names.items()},
        {name: float(larger.result.pvalues[column]) for name, column in names.items()},
    )


def check_linearity(fit: LogisticFit, raw: pd.DataFrame) -> list[Check]:
    """Box-Tidwell over all continuous terms together, then over each beside the others."""
    name, together = "linearity of the logit", "continuous terms together"
    if raw.columns.empty:
        return [not_applicable(name, together, "There is no continuous term.")]
    try:
        test = box_tidwell(fit, raw)
    except NotFittedError as error:
        return [not_applicable(name, together, f"Box-Tidwell could not be computed: {error}.")]
    count = len(fit.outcome)
    return [
        _linearity_check(together, "Box-Tidwell chi-squared", test.joint.statistic, test.joint.p_value, count),
        *(
            _linearity_check(term, "Box-Tidwell z", test.z_scores[term], test.p_values[term], count)
            for term in test.z_scores
        ),
    ]


def check_linearity_without(fit: LogisticFit, raw: pd.DataFrame, omitted: str, shown: str) -> list[Check]:
    """The same check of one term when another is left out of the model: bending can be a sign of what is missing."""
    if omitted not in fit.terms or shown not in raw:
        return []
    try:
        test = box_tidwell(fit_logistic(fit.outcome, fit.terms.drop(columns=omitted)), raw)
    except NotFittedError:
        return []
    check = _linearity_check(
        f"{shown}, without {omitted}", "Box-Tidwell z", test.z_scores[shown], test.p_values[shown], len(fit.outcome)
    )
    if check.status == PASSED:
        return []
    return [
        check._replace(
            meaning=f"With {omitted} left out the logit bends: the curve would stand in for the missing term.",
            action=f"{omitted} is in the model.",
        )
    ]


def _linearity_check(term: str, statistic_name: str, statistic: float, p_value: float, count: int) -> Check:
    passed = p_value >= SIGNIFICANCE
    meaning = (
        "No sign that the logit bends here."
        if passed
        else "The logit bends here, so one odds ratio per unit is an average over the range."
    )
    action = "Kept linear." if passed else "Kept linear, so that the odds ratio stays readable; read it as an average."
    return Check(
        "linearity of the logit", term, PASSED if passed else FAILED, meaning, action,
        statistic_name, statistic, None, p_value, count,
    )  # fmt: skip


def variance_inflation(terms: pd.DataFrame, weights: np.ndarray | None = None) -> dict[str, float]:
    """Variance inflation factor of each term, beside an intercept.

    Args:
        terms: Numeric terms without a constant.
        weights: Of the rows, shape (rows,): p (1 - p) for a logistic fit, whose estimates overlap as its weighted
            terms do; equal ones by default.

    Returns:
        Term to factor.
    """
    weight = np.ones(len(terms)) if weights is None else weights
    values = terms.to_numpy(float)
    design = np.sqrt(weight)[:, None] * (values - np.average(values, axis=0, weights=weight))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # says of an ill-conditioned design what the factors say too
        return {
            str(name): float(variance_inflation_factor(design, position)) for position, name in enumerate(terms.columns)
        }


def check_multicollinearity(
    terms: pd.DataFrame, left_out: dict[str, str], probabilities: np.ndarray | None = None
) -> list[Check]:
    """Variance inflation factors, weighted as the fit weighs its rows, and the condition number of the terms."""
    weights = None if probabilities is None else probabilities * (1 - probabilities)
    count = len(terms)
    checks = []
    for term, factor in variance_inflation(terms, weights).items():
        passed = factor <= MAX_VARIANCE_INFLATION
        checks.append(
            Check(
                "multicollinearity", term, PASSED if passed else FAILED,
                f"Overlap with the other terms makes this estimate's variance {factor:.2f} times as large.",
                "Kept." if passed else "Kept; its interval already carries the extra uncertainty.",
                "variance inflation factor", factor, MAX_VARIANCE_INFLATION, None, count,
            )
        )  # fmt: skip
    condition = float(np.linalg.cond(standardise(terms).to_numpy()))
    passed = condition <= MAX_CONDITION_NUMBER
    checks.append(
        Check(
            "multicollinearity", "all terms", PASSED if passed else FAILED,
            "The terms together are " + ("far from" if passed else "close to") + " determining each other.",
            "Kept." if passed else "Kept; read single odds ratios with care.",
            "condition number", condition, MAX_CONDITION_NUMBER, None, count,
        )
    )  # fmt: skip
    checks += [
        Check(
            "multicollinearity",
            term,
            FAILED,
            f"The term carries no information of its own: {codes.text('reason', reason)}.",
            "Left out.",
        )
        for term, reason in left_out.items()
    ]
    return checks


def check_influence(fit: LogisticFit, keys: pd.Series) -> Check:
    """Cook's distance per row (one-step approximation), with the most influential rows named."""
    distances = np.asarray(fit.result.get_influence().cooks_distance[0])
    if not np.all(np.isfinite(distances)):
        return not_applicable("influential points", "all rows", "Cook's distance is not defined for some row.")
    top = np.lexsort((keys.to_numpy(), -distances))[:TOP_INFLUENTIAL]
    named = ", ".join(f"{keys.iloc[position]} ({distances[position]:.4f})" for position in top)
    largest = float(distances[top[0]])
    passed = largest <= MAX_COOKS_DISTANCE
    verdict = "No single video moves the estimates much." if passed else "Some video moves the estimates by itself."
    return Check(
        "influential points", "all rows", PASSED if passed else FAILED,
        f"Largest Cook's distances by video_id: {named}. {verdict}",
        "No row was removed.", "largest Cook's distance", largest, MAX_COOKS_DISTANCE, None, len(distances),
    )  # fmt: skip


def check_events(outcome: pd.Series, term_count: int) -> Check:
    """Rows of the rarer class per estimated term."""
    events = int(min(outcome.sum(), len(outcome) - outcome.sum()))
    ratio = events / max(term_count, 1)
    passed = ratio >= MIN_EVENTS_PER_TERM
    return Check(
        "events per variable", "all terms", PASSED if passed else FAILED,
        f"{events:,} rows of the rarer class carry {term_count} terms.",
        "None needed." if passed else "Estimates of so few events are biased away from 1; do not act on them.",
        "events per variable", ratio, MIN_EVENTS_PER_TERM, None, len(outcome),
    )  # fmt: skip


def hosmer_lemeshow(outcome: np.ndarray, probabilities: np.ndarray, groups: int = CALIBRATION_GROUPS) -> RatioTest:
    """Hosmer-Lemeshow test of calibration over quantile groups of the fitted probability.

    Args:
        outcome: Zero or one per row.
        probabilities: Fitted probability per row.
        groups: Number of groups asked for; ties may leave fewer.

    Returns:
        Chi-squared over the groups with two degrees of freedom fewer than there are groups.

    Raises:
        NotFittedError: Fewer than three groups can be formed.
    """
    labels = quantile_groups(probabilities, groups)
    sizes = np.bincount(labels)
    if len(sizes) < 3:
        raise NotFittedError("too_few_probability_groups")
    observed, expected = np.bincount(labels, outcome), np.bincount(labels, probabilities)
    statistic = float(np.sum((observed - expected) ** 2 / (expected * (1 - expected / sizes))))
    return RatioTest(statistic, len(sizes) - 2, float(stats.chi2.sf(statistic, len(sizes) - 2)))


def check_calibration(fit: LogisticFit) -> list[Check]:
    """Hosmer-Lemeshow with 8, 10 and 20 groups: the number of groups is a choice, and the p-value moves with it."""
    checks = []
    outcome = fit.outcome.to_numpy(float)
    for groups in (CALIBRATION_GROUPS, 8, 20):
        term = f"{groups} quantile groups"
        try:
            test = hosmer_lemeshow(outcome, fit.probabilities, groups)
        except NotFittedError as error:
            checks.append(not_applicable("calibration", term, f"Hosmer-Lemeshow could not be computed: {error}."))
            continue
        passed = test.p_value >= SIGNIFICANCE
        checks.append(
            Check(
                "calibration", term, PASSED if passed else FAILED,
                ("No sign that" if passed else "There are signs that")
                + " predicted shares miss the observed ones. The test depends on the number of groups, has little "
                "power in small samples and finds trifles in large ones; the reliability table shows the sizes.",
                "See regression_calibration.",
                "Hosmer-Lemeshow chi-squared", test.statistic, None, test.p_value, len(outcome),
            )
        )  # fmt: skip
    return checks


def check_convergence(fit: LogisticFit) -> Check:
    """A fit that has not converged never comes this far; say how it did."""
    returned: dict[str, Any] = fit.result.mle_retvals
    return Check(
        "convergence", "all terms", PASSED,
        "Newton's method reached the maximum of the likelihood; a fit that does not is an error here, never a number.",
        "None needed.", "iterations", float(returned["iterations"]), None, None, len(fit.outcome),
    )  # fmt: skip
