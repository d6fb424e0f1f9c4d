"""What goes with being verified? Turns a frame of videos into results, checks, performance and calibration.

Pure: rows in, rows of result tables out. One odds ratio per term, fitted at natural prevalence.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm

from ml import assumptions, regression_validation
from ml.assumptions import Check
from ml.hypothesis_tests import CONFIDENCE
from ml.regression import (
    PENALTY_C,
    LogisticFit,
    NotFittedError,
    OddsRatio,
    fit_logistic,
    is_separated,
    likelihood_ratio_test,
    odds_ratios,
    penalised_odds_ratios,
    require_two_classes,
    usable_terms,
)
from ml.regression_validation import Confusion, CrossValidation
from ml.results import VERIFIED_REGRESSION, Result, capitalise, interval_text, is_significant, p_text, percent

OUTCOME = "is_verified"
OPINION = "claim_status opinion"
NUMBERS: dict[str, tuple[str, float]] = {
    "duration per second": ("video_duration_sec", 1),
    "views per 100,000": ("video_view_count", 100_000),
    "shares per 10,000": ("video_share_count", 10_000),
    "downloads per 1,000": ("video_download_count", 1_000),
    "comments per 1,000": ("video_comment_count", 1_000),
}
"""Term to column and unit. Likes are left out: they repeat views and downloads."""
CATEGORIES: dict[str, tuple[str, str, str]] = {
    OPINION: ("claim_status", "opinion", "claim"),
    "author_ban_status banned": ("author_ban_status", "banned", "active"),
    "author_ban_status under review": ("author_ban_status", "under review", "active"),
}
"""Term to column, value and the value that it is compared with."""
GROUPS = {
    "claim status": (OPINION,),
    "author status": ("author_ban_status banned", "author_ban_status under review"),
    "duration": ("duration per second",),
    "engagement counts": ("views per 100,000", "shares per 10,000", "downloads per 1,000", "comments per 1,000"),
}
COLUMNS = tuple(
    dict.fromkeys([column for column, _ in NUMBERS.values()] + [column for column, _, _ in CATEGORIES.values()])
)
FULL, ALONE, MAJORITY = "logistic regression", "claim status alone", "majority"
HELD_OUT = (
    f"held-out rows of {regression_validation.FOLDS}-fold cross-validation, each predicted by the fold that did not see it"
)


class Performance(NamedTuple):
    """One row of `ml.regression_performance`."""

    method: str
    evaluation: str
    decision_threshold: float
    true_negative_count: int
    false_positive_count: int
    false_negative_count: int
    true_positive_count: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1_score: float | None
    majority_accuracy: float | None
    observation_count: int
    sentence: str


class RegressionReport(NamedTuple):
    """Everything that the question yields."""

    results: list[Result]
    checks: list[Check]
    performance: list[Performance]
    calibration: list[regression_validation.CalibrationBin]


def design_terms(videos: pd.DataFrame) -> pd.DataFrame:
    """Terms of the regression from columns of fct_videos."""
    numbers = {term: videos[column].astype(float) / unit for term, (column, unit) in NUMBERS.items()}
    categories = {term: (videos[column] == value).astype(float) for term, (column, value, _) in CATEGORIES.items()}
    return pd.DataFrame({**categories, **numbers}, index=videos.index)


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
            [_base("fit", method)._replace(sentence=failure, observation_count=len(videos))],
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
            *assumptions.check_linearity_without(fit, raw, OPINION, "views per 100,000"),
            assumptions.check_influence(fit, videos["video_id"]),
            *assumptions.check_calibration(fit),
        ]
    results.append(_why_logistic(outcome, terms))
    validated, performance, calibration = _validate(outcome, terms)
    return RegressionReport(results + validated, checks, performance, calibration)


def performance_row(method: str, evaluation: str, threshold: float, confusion: Confusion) -> Performance:
    """A row of the performance table with a sentence that follows the counts."""
    positives = confusion.true_positive_count + confusion.false_negative_count
    if confusion.true_positive_count + confusion.false_positive_count == 0:
        words = f"names nobody verified; its accuracy of {percent(confusion.accuracy or 0)} is the majority's"
    else:
        words = (
            f"finds {confusion.true_positive_count:,} of {positives:,} videos of verified accounts, and "
            f"{percent(confusion.precision or 0)} of those it names are; accuracy {percent(confusion.accuracy or 0)} "
            f"against the majority's {percent(confusion.majority_accuracy or 0)}"
        )
    return Performance(
        method,
        evaluation,
        threshold,
        *confusion,
        confusion.accuracy,
        confusion.precision,
        confusion.recall,
        confusion.f1_score,
        confusion.majority_accuracy,
        confusion.observation_count,
        f"At {percent(threshold)} probability, {method} {words}.",
    )


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
    groups["all terms but claim status"] = [term for term in fit.terms if term != OPINION]
    for name, members in groups.items():
        if not members:
            continue
        base = _base(name, f"likelihood-ratio test, {method}")
        try:
            test = likelihood_ratio_test(fit, members)
        except NotFittedError as error:
            results.append(base._replace(sentence=f"Not tested: {error}."))
            continue
        found = "goes with" if is_significant(test.p_value) else "adds nothing that can be told from chance to"
        results.append(
            base._replace(
                statistic_name="chi-squared",
                statistic=test.statistic,
                degrees_of_freedom=float(test.degrees_of_freedom),
                p_value=test.p_value,
                observation_count=count,
                sentence=f"{capitalise(name)} {found} being verified, the other terms held fixed ({p_text(test.p_value)}).",
            )
        )
    results.append(_pseudo_result("all terms", fit.pseudo_r_squared, method, count))
    if OPINION in fit.terms:
        alone = fit_logistic(fit.outcome, fit.terms[[OPINION]]).pseudo_r_squared
        results.append(_pseudo_result(ALONE, alone, method, count))
    return results


def _odds_result(ratio: OddsRatio, method: str) -> Result:
    subject = _subject(ratio.term)
    interval = interval_text(ratio.lower_bound, ratio.upper_bound)
    if is_significant(ratio.p_value):
        direction = "more" if ratio.odds_ratio > 1 else "less"
        sentence = f"{subject} goes with {ratio.odds_ratio:.3g} times the odds of being verified ({interval}): {direction} often."
    else:
        sentence = f"{subject} is not found to go with being verified (odds ratio {ratio.odds_ratio:.3g}, {interval})."
    return _base(ratio.term, method)._replace(
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


def _subject(term: str) -> str:
    if term in CATEGORIES:
        _, value, reference = CATEGORIES[term]
        return f"{capitalise(value)} (against {reference})"
    name, _, unit = term.partition(" per ")
    return f"Each further {unit} of {name}" if unit == "second" else f"Each further {unit} {name}"


def _penalised_results(outcome: pd.Series, terms: pd.DataFrame, rows_in_words: str) -> list[Result]:
    method = f"L2-penalised (C = {PENALTY_C:g}), standardised, natural prevalence, {rows_in_words}"
    return [
        _base(term, method)._replace(
            estimate=ratio,
            estimate_unit="odds ratio",
            log_odds=float(np.log(ratio)),
            observation_count=len(outcome),
            assumption_status="failed: separation or no convergence",
            sentence=(
                f"{_subject(term)} goes with about {ratio:.3g} times the odds of being verified; the penalty shrinks this "
                "and allows no interval or p-value, since maximum likelihood has no answer on these data."
            ),
        )
        for term, ratio in penalised_odds_ratios(outcome, terms).items()
    ]


def _pseudo_result(term: str, value: float, method: str, count: int) -> Result:
    return _base(f"McFadden pseudo-R², {term}", method)._replace(
        estimate=value,
        estimate_unit="share of the null log-likelihood",
        observation_count=count,
        sentence=f"With {term} the fit is {percent(value)} of the way from knowing nothing to a perfect log-likelihood.",
    )


def _left_out_result(term: str, reason: str, method: str) -> Result:
    return _base(term, method)._replace(sentence=f"{_subject(term)} was left out: {reason}.")


def _why_logistic(outcome: pd.Series, terms: pd.DataFrame) -> Result:
    fitted = np.asarray(sm.OLS(outcome.astype(float), sm.add_constant(terms, has_constant="add")).fit().fittedvalues)
    outside = float(np.mean((fitted < 0) | (fitted > 1)))
    prevalence = float(outcome.mean())
    return _base("choice of model", "share of fitted values of a linear regression outside 0 to 1")._replace(
        estimate=outside,
        estimate_unit="share",
        observation_count=len(outcome),
        sentence=(
            f"Logistic, not linear: the outcome is yes or no and {percent(prevalence)} are yes; a straight line fitted to it "
            f"predicts an impossible probability (below 0 or above 1) for {percent(outside)} of the videos, its errors cannot "
            "have equal variance since a share's variance depends on the share, and its coefficients are no odds."
        ),
    )


def _validate(
    outcome: pd.Series, terms: pd.DataFrame
) -> tuple[list[Result], list[Performance], list[regression_validation.CalibrationBin]]:
    labels = outcome.to_numpy(int)
    prevalence = float(labels.mean())
    models = {FULL: terms}
    if OPINION in terms:
        models[ALONE] = terms[[OPINION]]
    try:
        validated = {name: regression_validation.cross_validate(outcome, chosen) for name, chosen in models.items()}
    except NotFittedError as error:
        return [_base("cross-validation", FULL)._replace(sentence=f"Not cross-validated: {error}.")], [], []
    results = [row for name, scores in validated.items() for row in _score_results(name, scores, prevalence, len(labels))]
    thresholds = (0.5, prevalence)
    performance = [
        performance_row(name, HELD_OUT, threshold, regression_validation.confusion_at(labels, scores.probabilities, threshold))
        for name, scores in validated.items()
        for threshold in thresholds
    ]
    always = np.full(len(labels), prevalence > 0.5)
    performance.append(performance_row(MAJORITY, HELD_OUT, 0.5, regression_validation.confusion_of(labels, always)))
    calibration = regression_validation.reliability(labels, validated[FULL].probabilities, assumptions.CALIBRATION_GROUPS)
    return results, performance, calibration


def _score_results(name: str, scores: CrossValidation, prevalence: float, count: int) -> list[Result]:
    folds = f"{regression_validation.FOLDS} folds, {regression_validation.REPEATS} times, standardised, L2 with C = {PENALTY_C:g}"
    rows = []
    for term, values, chance in (
        ("area under the ROC curve", scores.auc_scores, 0.5),
        ("average precision", scores.average_precision_scores, prevalence),
    ):
        lower, upper = np.quantile(values, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
        rows.append(
            _base(f"{term}, {name}", f"cross-validation ({folds}); the interval spans the folds")._replace(
                estimate=float(values.mean()),
                estimate_unit="share",
                lower_bound=float(lower),
                upper_bound=float(upper),
                observation_count=count,
                sentence=f"On held-out videos, {name} reaches {values.mean():.3f} ({term}; chance gives {chance:.3f}).",
            )
        )
    return rows


def _base(term: str, method: str, **fields: Any) -> Result:
    return Result(VERIFIED_REGRESSION, OUTCOME, "all", term, method, "", **fields)
