"""Assumption checks of the logistic regression: pure functions that say passed, failed or not applicable, and why."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import LogisticFit, RatioTest, compare_likelihoods, fit_logistic, standardise
from ml.statistics.t_tests import SIGNIFICANCE
from ml.statistics.validation import quantile_groups
from wording import codes
from wording.codes import FAILED, NOT_APPLICABLE, PASSED

MAX_VARIANCE_INFLATION = 5.0
MAX_CONDITION_NUMBER = 30.0
MIN_EVENTS_PER_TERM = 10.0
MAX_COOKS_DISTANCE = 1.0
CALIBRATION_GROUPS = 10
TOP_INFLUENTIAL = 5


class Check(NamedTuple):
    """One row of `ml.assumption_checks`, without its number, question and texts."""

    check_name: str
    term: str
    status: str
    statistic_name: str | None = None
    statistic: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    observation_count: int | None = None
    code: str | None = None
    """Why it cannot be done, or why the term or the fit is none."""
    details: Mapping[str, Any] | None = None
    """What the texts need beside the statistic."""


def verdict(passed: bool) -> str:
    """Passed or failed."""
    return PASSED if passed else FAILED


def not_applicable(check_name: str, term: str, code: str, **details: Any) -> Check:
    """A check that cannot be done, with the code of the reason."""
    return Check(check_name, term, NOT_APPLICABLE, code=code, details=details or None)


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
    together = "continuous terms together"
    if raw.columns.empty:
        return [not_applicable(codes.LINEARITY, together, codes.NO_CONTINUOUS_TERM)]
    try:
        test = box_tidwell(fit, raw)
    except NotFittedError as error:
        return [not_applicable(codes.LINEARITY, together, error.reason)]
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
    return [check._replace(details={"omitted": omitted})]


def _linearity_check(term: str, statistic_name: str, statistic: float, p_value: float, count: int) -> Check:
    return Check(
        check_name=codes.LINEARITY,
        term=term,
        status=verdict(p_value >= SIGNIFICANCE),
        statistic_name=statistic_name,
        statistic=statistic,
        threshold=None,
        p_value=p_value,
        observation_count=count,
    )


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
    design /= np.linalg.norm(design, axis=0)
    factors = np.diag(np.linalg.inv(design.T @ design))
    return {str(name): float(factor) for name, factor in zip(terms.columns, factors, strict=True)}


def check_multicollinearity(
    terms: pd.DataFrame, left_out: dict[str, str], probabilities: np.ndarray | None = None
) -> list[Check]:
    """Variance inflation factors, weighted as the fit weighs its rows, and the condition number of the terms."""
    weights = None if probabilities is None else probabilities * (1 - probabilities)
    count = len(terms)
    checks = []
    for term, factor in variance_inflation(terms, weights).items():
        checks.append(
            Check(
                check_name=codes.MULTICOLLINEARITY,
                term=term,
                status=verdict(factor <= MAX_VARIANCE_INFLATION),
                statistic_name="variance inflation factor",
                statistic=factor,
                threshold=MAX_VARIANCE_INFLATION,
                p_value=None,
                observation_count=count,
            )
        )
    condition = float(np.linalg.cond(standardise(terms).to_numpy()))
    checks.append(
        Check(
            check_name=codes.MULTICOLLINEARITY,
            term="all terms",
            status=verdict(condition <= MAX_CONDITION_NUMBER),
            statistic_name=codes.CONDITION_NUMBER,
            statistic=condition,
            threshold=MAX_CONDITION_NUMBER,
            p_value=None,
            observation_count=count,
        )
    )
    checks += [Check(codes.MULTICOLLINEARITY, term, FAILED, code=reason) for term, reason in left_out.items()]
    return checks


def check_influence(fit: LogisticFit, keys: pd.Series) -> Check:
    """Cook's distance per row (one-step approximation), with the most influential rows named."""
    distances = np.asarray(fit.result.get_influence().cooks_distance[0])
    if not np.all(np.isfinite(distances)):
        return not_applicable(codes.INFLUENCE, "all rows", codes.DISTANCE_UNDEFINED)
    top = np.lexsort((keys.to_numpy(), -distances))[:TOP_INFLUENTIAL]
    named = [(int(keys.iloc[position]), float(distances[position])) for position in top]
    largest = float(distances[top[0]])
    return Check(
        check_name=codes.INFLUENCE,
        term="all rows",
        status=verdict(largest <= MAX_COOKS_DISTANCE),
        statistic_name="largest Cook's distance",
        statistic=largest,
        threshold=MAX_COOKS_DISTANCE,
        p_value=None,
        observation_count=len(distances),
        details={"largest": named},
    )


def check_events(outcome: pd.Series, term_count: int) -> Check:
    """Rows of the rarer class per estimated term."""
    events = int(min(outcome.sum(), len(outcome) - outcome.sum()))
    ratio = events / max(term_count, 1)
    return Check(
        check_name=codes.EVENTS,
        term="all terms",
        status=verdict(ratio >= MIN_EVENTS_PER_TERM),
        statistic_name="events per variable",
        statistic=ratio,
        threshold=MIN_EVENTS_PER_TERM,
        p_value=None,
        observation_count=len(outcome),
        details={"events": events, "terms": term_count},
    )


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
            checks.append(not_applicable(codes.CALIBRATION, term, error.reason))
            continue
        checks.append(
            Check(
                check_name=codes.CALIBRATION,
                term=term,
                status=verdict(test.p_value >= SIGNIFICANCE),
                statistic_name="Hosmer-Lemeshow chi-squared",
                statistic=test.statistic,
                threshold=None,
                p_value=test.p_value,
                observation_count=len(outcome),
            )
        )
    return checks


def check_convergence(fit: LogisticFit) -> Check:
    """A fit that has not converged never comes this far; say how it did."""
    returned: dict[str, Any] = fit.result.mle_retvals
    return Check(
        check_name=codes.CONVERGENCE,
        term="all terms",
        status=PASSED,
        statistic_name="iterations",
        statistic=float(returned["iterations"]),
        threshold=None,
        p_value=None,
        observation_count=len(fit.outcome),
    )
