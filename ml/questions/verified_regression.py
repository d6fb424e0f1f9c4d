"""What goes with being verified? Turns a frame of videos into results, checks, performance and calibration.

Pure: rows in, rows of result tables out. One odds ratio per term, fitted at natural prevalence.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm

from ml.questions.regression_terms import COLUMNS, GROUPS, NUMBERS, OUTCOME, base_result, design_terms, subject
from ml.questions.results import Result, is_significant, p_text, percent, ratio_interval_text
from ml.questions.verified_performance import Performance, validate
from ml.statistics import assumptions
from ml.statistics.assumptions import Check
from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import (
    PENALTY_C,
    LogisticFit,
    OddsRatio,
    fit_logistic,
    is_separated,
    likelihood_ratio_test,
    odds_ratios,
    penalised_odds_ratios,
    require_two_classes,
    usable_terms,
)
from ml.statistics.validation import CalibrationBin
from wording.codes import ALONE, OPINION_TERM


class RegressionReport(NamedTuple):
    """Everything that the question yields."""

    results: list[Result]
    checks: list[Check]
    performance: list[Performance]
    calibration: list[CalibrationBin]


def report(videos: pd.DataFrame, rows_in_words: str) -> RegressionReport:
    """Fit, check and validate the regression.

    Args:
        videos: Labelled videos with `COLUMNS`, is_verified and video_id, ordered by video_id.
        rows_in_words: Which rows these are, for the method column.

    Returns:
        Rows of the result tables; what cannot be fitted is a sentence.
    """
    videos = videos.dropna(subset=list(COLUMNS)).reset_index(drop=True)
    outcome = videos[OUTCOME].astype(int)
    all_terms = design_terms(videos)
    terms, left_out = usable_terms(all_terms)
    checks = [assumptions.check_events(outcome, len(terms.columns))]
    method = f"maximum likelihood, natural prevalence, {rows_in_words}"
    try:
        require_two_classes(outcome)
        if terms.columns.empty:
            raise NotFittedError("no term varies")
    except NotFittedError as error:
        failure = f"Not fitted: {error}."
        return RegressionReport(
            [base_result("fit", method)._replace(sentence=failure, observation_count=len(videos))],
            [*checks, assumptions.not_applicable("convergence", "all terms", failure)],
            [],
            [],
        )
    results = [_left_out_result(term, reason, method) for term, reason in left_out.items()]
    raw = pd.DataFrame({term: videos[column].astype(float) for term, (column, _) in NUMBERS.items() if term in terms})
    fit, fit_checks = _fit(outcome, terms)
    checks += [*fit_checks, *assumptions.check_multicollinearity(terms, left_out)]
    if fit is None:
        results += _penalised_results(outcome, terms, rows_in_words)
    else:
        results += _fit_results(fit, method)
        checks += [
            assumptions.check_convergence(fit),
            *assumptions.check_linearity(fit, raw),
            *assumptions.check_linearity_without(fit, raw, OPINION_TERM, "views per 100,000"),
            assumptions.check_influence(fit, videos["video_id"]),
            *assumptions.check_calibration(fit),
        ]
    results.append(_why_logistic(outcome, terms))
    validated, performance, calibration = validate(outcome, terms)
    return RegressionReport(results + validated, checks, performance, calibration)


def _fit(outcome: pd.Series, terms: pd.DataFrame) -> tuple[LogisticFit | None, list[Check]]:
    """The fit, or None with the checks that say why there is none."""
    if is_separated(outcome, terms):
        separated = Check(
            "separation", "all terms", assumptions.FAILED,
            "Some combination of the terms tells verified accounts apart without error in part of the data, so that no "
            "maximum-likelihood estimate exists.",
            f"Fitted with an L2 penalty (C = {PENALTY_C:g}) instead, without p-values.",
            observation_count=len(outcome),
        )  # fmt: skip
        return None, [separated]
    overlapping = Check(
        "separation", "all terms", assumptions.PASSED,
        "No combination of the terms separates verified from other accounts, so that the estimates exist.",
        "None needed.", observation_count=len(outcome),
    )  # fmt: skip
    try:
        return fit_logistic(outcome, terms), [overlapping]
    except NotFittedError as error:
        failed = Check(
            "convergence", "all terms", assumptions.FAILED, f"No estimate: {error}.",
            f"Fitted with an L2 penalty (C = {PENALTY_C:g}) instead, without p-values.",
            observation_count=len(outcome),
        )  # fmt: skip
        return None, [overlapping, failed]


def _fit_results(fit: LogisticFit, method: str) -> list[Result]:
    count = len(fit.outcome)
    results = [_odds_result(ratio, method) for ratio in odds_ratios(fit)]
    groups = {name: [term for term in terms if term in fit.terms] for name, terms in GROUPS.items()}
    groups["all terms but claim status"] = [str(term) for term in fit.terms if term != OPINION_TERM]
    for name, members in groups.items():
        if not members:
            continue
        base = base_result(name, f"likelihood-ratio test, {method}")
        try:
            test = likelihood_ratio_test(fit, members)
        except NotFittedError as error:
            results.append(base._replace(sentence=f"Not tested: {error}."))
            continue
        found = "improves the fit" if is_significant(test.p_value) else "does not improve the fit beyond chance"
        results.append(
            base._replace(
                statistic_name="chi-squared",
                statistic=test.statistic,
                degrees_of_freedom=float(test.degrees_of_freedom),
                p_value=test.p_value,
                observation_count=count,
                sentence=f"Adding {name} to the other terms {found} ({p_text(test.p_value)}).",
            )
        )
    results.append(_pseudo_result("all terms", fit.pseudo_r_squared, method, count))
    if OPINION_TERM in fit.terms:
        alone = fit_logistic(fit.outcome, fit.terms[[OPINION_TERM]]).pseudo_r_squared
        results.append(_pseudo_result(ALONE, alone, method, count))
    return results


def _odds_result(ratio: OddsRatio, method: str) -> Result:
    name = subject(ratio.term)
    interval = ratio_interval_text(ratio.lower_bound, ratio.upper_bound)
    if is_significant(ratio.p_value):
        direction = "more" if ratio.odds_ratio > 1 else "less"
        sentence = (
            f"{name} goes with {ratio.odds_ratio:.3f} times the odds of being verified ({interval}): {direction} often."
        )
    else:
        sentence = f"{name} is not found to go with being verified (odds ratio {ratio.odds_ratio:.3f}, {interval})."
    return base_result(ratio.term, method)._replace(
        estimate=ratio.odds_ratio,
        estimate_unit="odds ratio",
        log_odds=ratio.log_odds,
        lower_bound=ratio.lower_bound,
        upper_bound=ratio.upper_bound,
        statistic_name="z",
        statistic=ratio.statistic,
        p_value=ratio.p_value,
        observation_count=ratio.observation_count,
        assumption_status="see assumption_checks",
        sentence=sentence,
    )


def _penalised_results(outcome: pd.Series, terms: pd.DataFrame, rows_in_words: str) -> list[Result]:
    method = f"L2-penalised (C = {PENALTY_C:g}), standardised, natural prevalence, {rows_in_words}"
    return [
        base_result(term, method)._replace(
            estimate=ratio,
            estimate_unit="odds ratio",
            log_odds=float(np.log(ratio)),
            observation_count=len(outcome),
            assumption_status="failed: separation or no convergence",
            sentence=(
                f"{subject(term)} goes with about {ratio:.3g} times the odds of being verified; the penalty "
                "shrinks this "
                "and allows no interval or p-value, since maximum likelihood has no answer on these data."
            ),
        )
        for term, ratio in penalised_odds_ratios(outcome, terms).items()
    ]


def _pseudo_result(term: str, value: float, method: str, count: int) -> Result:
    return base_result(f"McFadden pseudo-R², {term}", method)._replace(
        estimate=value,
        estimate_unit="share of the null log-likelihood",
        observation_count=count,
        sentence=(
            f"With {term} the fit is {percent(value)} of the way from knowing nothing to a perfect log-likelihood."
        ),
    )


def _left_out_result(term: str, reason: str, method: str) -> Result:
    return base_result(term, method)._replace(sentence=f"{subject(term)} was left out: {reason}.")


def _why_logistic(outcome: pd.Series, terms: pd.DataFrame) -> Result:
    fitted = np.asarray(sm.OLS(outcome.astype(float), sm.add_constant(terms, has_constant="add")).fit().fittedvalues)
    outside = float(np.mean((fitted < 0) | (fitted > 1)))
    prevalence = float(outcome.mean())
    return base_result("choice of model", "share of fitted values of a linear regression outside 0 to 1")._replace(
        estimate=outside,
        estimate_unit="share",
        observation_count=len(outcome),
        sentence=(
            f"Logistic, not linear: the outcome is yes or no and {percent(prevalence)} are yes; a straight line "
            "fitted to it "
            f"predicts an impossible probability (below 0 or above 1) for {percent(outside)} of the videos, its "
            "errors cannot "
            "have equal variance since a share's variance depends on the share, and its coefficients are no odds."
        ),
    )
