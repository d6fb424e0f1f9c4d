"""What goes with being verified? Turns a frame of videos into results, checks, performance and calibration.

Pure: rows in, rows of result tables out. One odds ratio per term, fitted at natural prevalence.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm

from ml.questions.regression_terms import COLUMNS, GROUPS, NUMBERS, OUTCOME, base_result, design_terms
from ml.questions.results import Result, clear_or_not, is_significant
from ml.questions.verified_performance import Performance, validate
from ml.statistics import assumptions
from ml.statistics.assumptions import Check
from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import (
    PENALTY_C,
    LogisticFit,
    fit_logistic,
    is_separated,
    likelihood_ratio_test,
    odds_ratios,
    penalised_odds_ratios,
    require_two_classes,
    usable_terms,
)
from ml.statistics.multiplicity import holm
from ml.statistics.validation import CalibrationBin
from wording import codes
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
            raise NotFittedError("no_varying_term")
    except NotFittedError as error:
        return RegressionReport(
            [base_result("fit", method)._replace(reason=error.reason, observation_count=len(videos))],
            [*checks, assumptions.not_applicable("convergence", "all terms", f"Not fitted: {error}.")],
            [],
            [],
        )
    results = [_left_out_result(term, reason, method) for term, reason in left_out.items()]
    raw = pd.DataFrame({term: videos[column].astype(float) for term, (column, _) in NUMBERS.items() if term in terms})
    fit, fit_checks = _fit(outcome, terms)
    probabilities = None if fit is None else fit.probabilities
    checks += [*fit_checks, *assumptions.check_multicollinearity(terms, left_out, probabilities)]
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
    results += _why_logistic(outcome, terms)
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
    tests = _joint_tests(fit, method)
    rest = next((row.p_value for row in tests if row.term == codes.REST), None)
    results = [*_odds_results(fit, method, rest), *tests, _pseudo_result("all terms", fit, fit, method)]
    if OPINION_TERM in fit.terms:
        alone = fit_logistic(fit.outcome, fit.terms[[OPINION_TERM]])
        results.append(_pseudo_result(ALONE, alone, fit, method))
    return [row if row.observation_count else row._replace(observation_count=count) for row in results]


def _joint_tests(fit: LogisticFit, method: str) -> list[Result]:
    """Likelihood-ratio tests of terms that belong together."""
    groups = {name: [term for term in terms if term in fit.terms] for name, terms in GROUPS.items()}
    groups[codes.REST] = [str(term) for term in fit.terms if term != OPINION_TERM]
    results = []
    for name, members in groups.items():
        if not members:
            continue
        base = base_result(name, f"likelihood-ratio test, {method}")
        try:
            test = likelihood_ratio_test(fit, members)
        except NotFittedError as error:
            results.append(base._replace(reason=error.reason))
            continue
        results.append(
            base._replace(
                statistic_name="chi-squared",
                statistic=test.statistic,
                degrees_of_freedom=float(test.degrees_of_freedom),
                p_value=test.p_value,
                observation_count=len(fit.outcome),
                verdict=clear_or_not(test.p_value),
            )
        )
    return results


def _odds_results(fit: LogisticFit, method: str, rest_p_value: float | None) -> list[Result]:
    """One row per term.

    A link is called one after Holm's correction over the terms; beside claim status only where the joint test of all
    the others is significant too.
    """
    ratios = odds_ratios(fit)
    adjusted = holm([ratio.p_value for ratio in ratios])
    rest_is_clear = rest_p_value is not None and is_significant(rest_p_value)
    results = []
    for ratio, p_value in zip(ratios, adjusted, strict=True):
        is_clear = p_value is not None and is_significant(p_value)
        is_link = is_clear and (ratio.term == OPINION_TERM or rest_is_clear)
        results.append(
            base_result(ratio.term, method)._replace(
                estimate=ratio.odds_ratio,
                estimate_unit="odds ratio",
                log_odds=ratio.log_odds,
                standardised_log_odds=ratio.log_odds * float(fit.terms[ratio.term].std(ddof=0)),
                lower_bound=ratio.lower_bound,
                upper_bound=ratio.upper_bound,
                statistic_name="z",
                statistic=ratio.statistic,
                p_value=ratio.p_value,
                adjusted_p_value=p_value,
                observation_count=ratio.observation_count,
                assumption_status="see_checks",
                verdict=codes.GOES_WITH if is_link else codes.NOT_FOUND,
            )
        )
    return results


def _penalised_results(outcome: pd.Series, terms: pd.DataFrame, rows_in_words: str) -> list[Result]:
    method = f"L2-penalised (C = {PENALTY_C:g}), standardised, natural prevalence, {rows_in_words}"
    return [
        base_result(term, method)._replace(
            estimate=ratio,
            estimate_unit="odds ratio",
            log_odds=float(np.log(ratio)),
            observation_count=len(outcome),
            assumption_status="no_likelihood_optimum",
        )
        for term, ratio in penalised_odds_ratios(outcome, terms).items()
    ]


def _pseudo_result(term: str, fit: LogisticFit, whole: LogisticFit, method: str) -> Result:
    return base_result(f"{codes.PSEUDO_R_SQUARED}, {term}", method)._replace(
        estimate=fit.pseudo_r_squared,
        estimate_unit="share of the null log-likelihood",
        observation_count=len(whole.outcome),
    )


def _left_out_result(term: str, reason: str, method: str) -> Result:
    return base_result(term, method)._replace(verdict=codes.LEFT_OUT, reason=reason)


def _why_logistic(outcome: pd.Series, terms: pd.DataFrame) -> list[Result]:
    fitted = np.asarray(sm.OLS(outcome.astype(float), sm.add_constant(terms, has_constant="add")).fit().fittedvalues)
    method = "share of fitted values of a linear regression outside 0 to 1"
    return [
        base_result(codes.CHOICE_OF_MODEL, method)._replace(
            estimate=float(np.mean((fitted < 0) | (fitted > 1))), estimate_unit="share", observation_count=len(outcome)
        ),
        base_result(codes.PREVALENCE, "share of verified accounts' videos among the labelled ones")._replace(
            estimate=float(outcome.mean()), estimate_unit="share", observation_count=len(outcome)
        ),
    ]
