"""Logistic regression by maximum likelihood: pure functions on frames."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm


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


def fit_odds_ratios(outcome: pd.Series, terms: pd.DataFrame, confidence_level: float = 0.95) -> list[OddsRatio]:
    """Fit at natural prevalence and return each term's odds ratio.

    Args:
        outcome: Zero or one per row.
        terms: Numeric terms without a constant; divide large ones, so that the fit is well conditioned.
        confidence_level: Coverage of the intervals (Wald).

    Returns:
        One entry per term.

    Raises:
        ValueError: The outcome has one class only, or the fit did not converge.
    """
    if outcome.nunique() < 2:
        raise ValueError("The outcome has one class only.")
    fit = sm.Logit(outcome.astype(float), sm.add_constant(terms.astype(float), has_constant="add")).fit(
        disp=0, maxiter=100
    )
    if not fit.mle_retvals["converged"]:
        raise ValueError("The fit did not converge.")
    bounds = np.exp(fit.conf_int(alpha=1 - confidence_level))
    return [
        OddsRatio(
            str(term),
            float(fit.params[term]),
            float(np.exp(fit.params[term])),
            float(bounds.loc[term, 0]),
            float(bounds.loc[term, 1]),
            float(fit.tvalues[term]),
            float(fit.pvalues[term]),
            len(outcome),
        )
        for term in terms.columns
    ]
