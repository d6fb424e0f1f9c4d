"""Logistic regression by maximum likelihood at natural prevalence: pure functions on frames."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import optimize, stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

from ml.statistics.convergence import NotFittedError, SettledLogisticRegression
from ml.statistics.t_tests import CONFIDENCE

INTERCEPT = "intercept"
PENALTY_C = 1.0
"""Inverse strength of the L2 penalty on standardised terms, where one is used."""
MAX_ITERATIONS = 100
LARGEST_ERROR = 50.0
"""Of a log-odds per standard deviation of its term; a tenth would already say nothing."""
FIRST_ROWS = 1_000
"""Rows that are looked at first for a direction that separates the classes."""


class OddsRatio(NamedTuple):
    """One term of a logistic regression."""

    term: str
    log_odds: float
    odds_ratio: float
    lower_bound: float
    upper_bound: float
    statistic: float
    p_value: float
    observation_count: int


class RatioTest(NamedTuple):
    """Likelihood-ratio test of terms together."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


class LogisticFit(NamedTuple):
    """A converged maximum-likelihood fit."""

    outcome: pd.Series
    terms: pd.DataFrame
    result: Any
    """The results object of statsmodels."""

    @property
    def pseudo_r_squared(self) -> float:
        """McFadden's: 1 - log-likelihood / log-likelihood of the intercept alone."""
        return float(self.result.prsquared)

    @property
    def probabilities(self) -> np.ndarray:
        """Fitted probability per row."""
        return np.asarray(self.result.predict())


def usable_terms(terms: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Leave out terms that cannot be told apart from the ones before them.

    Args:
        terms: Numeric terms without a constant.

    Returns:
        The terms that stay, and for each one left out the code of the reason: constant, or a combination of earlier
        ones.
    """
    kept: list[str] = []
    dropped: dict[str, str] = {}
    basis = np.ones((len(terms), 1)) / np.sqrt(max(len(terms), 1))
    for name in terms.columns:
        column = terms[name].to_numpy(float)
        scale = float(np.linalg.norm(column - column.mean())) if len(column) else 0.0
        if scale <= 1e-12 * float(np.linalg.norm(column)):
            dropped[name] = "one_value_only"
            continue
        # Twice, since one pass of Gram-Schmidt leaves rounding behind.
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        if np.linalg.norm(rest) <= 1e-9 * scale:
            dropped[name] = "determined_by_earlier_terms"
            continue
        kept.append(name)
        basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return terms[kept], dropped


def is_separated(outcome: pd.Series, terms: pd.DataFrame) -> bool:
    """Say before fitting whether some combination of the terms separates the classes, wholly or in part.

    Then no maximum-likelihood estimate exists. A linear programme looks for a direction along which no row gets worse
    and some row gets better (Konis 2007).

    Args:
        outcome: Zero or one per row.
        terms: Numeric terms without a constant, at least one.

    Returns:
        Whether the classes are separated, completely or quasi-completely.
    """
    standardised = np.column_stack([np.ones(len(terms)), standardise(terms).to_numpy()])
    signed = np.where(outcome.to_numpy() == 1, 1.0, -1.0)[:, None] * standardised
    # Classes that overlap among some rows overlap among all of them, and a few are most often enough: those in which
    # every term varies. In rows without, a direction that they do not show may separate the others.
    row_count = FIRST_ROWS
    while row_count < len(signed):
        first = signed[:row_count]
        if np.linalg.matrix_rank(first) == first.shape[1] and not _has_separating_direction(first):
            return False
        row_count *= 8
    return _has_separating_direction(signed)


def _has_separating_direction(signed: NDArray[np.float64]) -> bool:
    # Rows with the same terms and outcome say the same.
    signed = np.unique(signed, axis=0)
    programme = optimize.linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs"
    )
    return programme.status == 0 and float(programme.fun or 0.0) < -1e-6


def fit_logistic(outcome: pd.Series, terms: pd.DataFrame) -> LogisticFit:
    """Fit by maximum likelihood.

    Args:
        outcome: Zero or one per row.
        terms: Numeric terms without a constant; divide large ones, so that the fit is well conditioned.

    Returns:
        The fit.

    Raises:
        NotFittedError: The outcome has one class only, the terms are redundant, the classes are separated or the fit
            did not converge: never a number from such a fit.
    """
    require_two_classes(outcome)
    design = sm.add_constant(terms.astype(float), has_constant="add").rename(columns={"const": INTERCEPT})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", HessianInversionWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            result = sm.Logit(outcome.astype(float), design).fit(disp=0, maxiter=MAX_ITERATIONS)
        except (np.linalg.LinAlgError, sm.tools.sm_exceptions.PerfectSeparationError) as error:
            raise NotFittedError("terms_redundant_or_separating") from error
    if not result.mle_retvals["converged"] or not np.all(np.isfinite(result.bse)):
        raise NotFittedError("not_converged")
    # A plateau of the likelihood passes for its maximum; there the errors of single terms have no bound.
    if np.any(result.bse[terms.columns] * terms.std(ddof=0) > LARGEST_ERROR):
        raise NotFittedError("terms_redundant_or_separating")
    return LogisticFit(outcome, terms, result)


def odds_ratios(fit: LogisticFit, confidence_level: float = CONFIDENCE) -> list[OddsRatio]:
    """Each term's odds ratio with its Wald interval.

    Args:
        fit: A converged fit.
        confidence_level: Coverage of the intervals.

    Returns:
        One entry per term, without the intercept.
    """
    bounds = np.exp(fit.result.conf_int(alpha=1 - confidence_level))
    return [
        OddsRatio(
            str(term),
            float(fit.result.params[term]),
            float(np.exp(fit.result.params[term])),
            float(bounds.loc[term, 0]),
            float(bounds.loc[term, 1]),
            float(fit.result.tvalues[term]),
            float(fit.result.pvalues[term]),
            len(fit.outcome),
        )
        for term in fit.terms.columns
    ]


def likelihood_ratio_test(fit: LogisticFit, dropped: list[str]) -> RatioTest:
    """Test terms together: does the fit get worse without them?

    Args:
        fit: A converged fit.
        dropped: The terms under test.

    Returns:
        Twice the difference of the log-likelihoods, its degrees of freedom and p-value.

    Raises:
        NotFittedError: The smaller model does not converge.
    """
    rest = fit.terms.drop(columns=dropped)
    smaller = float(fit.result.llnull) if rest.empty else float(fit_logistic(fit.outcome, rest).result.llf)
    return compare_likelihoods(float(fit.result.llf), smaller, len(dropped))


def compare_likelihoods(larger: float, smaller: float, degrees_of_freedom: int) -> RatioTest:
    """Likelihood-ratio test of nested models from their log-likelihoods."""
    statistic = max(0.0, 2 * (larger - smaller))
    return RatioTest(statistic, degrees_of_freedom, float(stats.chi2.sf(statistic, degrees_of_freedom)))


def penalised_odds_ratios(outcome: pd.Series, terms: pd.DataFrame) -> dict[str, float]:
    """L2-penalised fit for data on which maximum likelihood has no answer.

    Args:
        outcome: Zero or one per row.
        terms: Numeric terms without a constant.

    Returns:
        Term to odds ratio per unit of the term. There are no intervals or p-values: the penalty shrinks towards 1.

    Raises:
        NotFittedError: The outcome has one class only.
    """
    require_two_classes(outcome)
    model = SettledLogisticRegression(C=PENALTY_C, max_iter=1000).fit(standardise(terms), outcome.astype(int))
    ratios = np.exp(model.coef_[0] / terms.std(ddof=0).replace(0.0, 1.0).to_numpy(float))
    return {str(term): float(ratio) for term, ratio in zip(terms, ratios, strict=True)}


def standardise(terms: pd.DataFrame) -> pd.DataFrame:
    """Terms with mean 0 and standard deviation 1; a constant term becomes 0."""
    return (terms - terms.mean()) / terms.std(ddof=0).replace(0.0, 1.0)


def require_two_classes(outcome: pd.Series) -> None:
    """Refuse an outcome without two classes.

    Raises:
        NotFittedError: It has none or one.
    """
    if outcome.nunique() < 2:
        raise NotFittedError("one_outcome_class" if len(outcome) else "no_labelled_video")
