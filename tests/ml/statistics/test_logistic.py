"""Logistic regression against published fits and statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import (
    FIRST_ROWS,
    fit_logistic,
    is_separated,
    likelihood_ratio_test,
    odds_ratios,
    penalised_odds_ratios,
    usable_terms,
)
from ml.statistics.validation import Confusion, confusion_at, cross_validate, reliability


@pytest.fixture(scope="module")
def spector() -> tuple[pd.Series, pd.DataFrame]:
    data = sm.datasets.spector.load_pandas()
    return data.endog, data.exog


def sample(rows: int = 400) -> tuple[pd.Series, pd.DataFrame]:
    random = np.random.default_rng(7)
    terms = pd.DataFrame({"size": random.normal(0, 1, rows), "kind": random.integers(0, 2, rows).astype(float)})
    outcome = random.random(rows) < 1 / (1 + np.exp(1 - terms["size"] - 0.5 * terms["kind"]))
    return outcome.astype(int), terms


def test_spector_and_mazzeo_as_in_greene(spector) -> None:
    """Greene, Econometric Analysis, table of binary choice estimates (logit): coefficients, t ratios, likelihood."""
    fit = fit_logistic(*spector)
    found = {ratio.term: (ratio.log_odds, ratio.statistic) for ratio in odds_ratios(fit)}
    published = {"GPA": (2.826, 2.238), "TUCE": (0.095, 0.672), "PSI": (2.379, 2.234)}
    assert found == {term: pytest.approx(values, abs=0.0005) for term, values in published.items()}
    assert fit.result.params["intercept"] == pytest.approx(-13.021, abs=0.0005)
    assert fit.result.llf == pytest.approx(-12.890, abs=0.0005)
    assert not is_separated(*spector)


def test_likelihood_ratio_agrees_with_statsmodels(spector) -> None:
    fit = fit_logistic(*spector)
    whole = likelihood_ratio_test(fit, list(fit.terms))
    assert whole.statistic == pytest.approx(fit.result.llr, rel=1e-9)
    assert whole.p_value == pytest.approx(fit.result.llr_pvalue, rel=1e-9)
    one = likelihood_ratio_test(fit, ["TUCE"])
    assert one.degrees_of_freedom == 1
    assert 0 < one.p_value < 1


def test_the_fit_is_that_of_a_binomial_glm() -> None:
    outcome, terms = sample()
    theirs = sm.GLM(outcome, sm.add_constant(terms), family=sm.families.Binomial()).fit(tol=1e-14)
    for ratio in odds_ratios(fit_logistic(outcome, terms)):
        assert ratio.log_odds == pytest.approx(theirs.params[ratio.term], rel=1e-9)
        assert ratio.p_value == pytest.approx(theirs.pvalues[ratio.term], rel=1e-7)


@pytest.mark.parametrize(
    ("outcome", "values", "separated"),
    [
        ([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6], True),
        ([0, 0, 0, 1, 1, 1], [1, 2, 3, 3, 5, 6], True),  # quasi-complete: they touch at 3
        ([0, 0, 1, 0, 1, 1], [1, 2, 3, 4, 5, 6], False),
        ([0, 1, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1], True),  # a category in which everybody is one
    ],
)
def test_separation_is_seen_before_fitting(outcome, values, separated) -> None:
    assert is_separated(pd.Series(outcome), pd.DataFrame({"x": np.array(values, float)})) is separated


@pytest.mark.parametrize("overlapping", [[], [9 * FIRST_ROWS], [0, 1]])
def test_a_single_overlap_among_many_rows_is_found(overlapping: list[int]) -> None:
    values = np.arange(10.0 * FIRST_ROWS)
    outcome = pd.Series((values >= 5 * FIRST_ROWS).astype(int))
    outcome[overlapping] = 1 - outcome[overlapping]
    assert is_separated(outcome, pd.DataFrame({"x": values})) is not bool(overlapping)


def test_separation_does_not_depend_on_the_order_of_the_rows() -> None:
    """Nobody under review in the first rows, and under review only one outcome: the first rows alone overlap."""
    random = np.random.default_rng(5)
    outcome = pd.Series(np.r_[random.integers(0, 2, 3 * FIRST_ROWS), np.ones(200, dtype=int)])
    terms = pd.DataFrame({"x": random.random(len(outcome)), "review": np.r_[np.zeros(3 * FIRST_ROWS), np.ones(200)]})
    shuffled = random.permutation(len(outcome))
    assert is_separated(outcome, terms)
    assert is_separated(outcome.iloc[shuffled], terms.iloc[shuffled])
    with pytest.raises(NotFittedError):
        fit_logistic(outcome, terms)


def test_separated_data_never_give_a_maximum_likelihood_number() -> None:
    outcome, terms = pd.Series([0] * 20 + [1] * 20), pd.DataFrame({"x": np.arange(40.0)})
    with pytest.raises(NotFittedError):
        fit_logistic(outcome, terms)
    assert penalised_odds_ratios(outcome, terms)["x"] > 1


def test_redundant_terms_are_named() -> None:
    _, terms = sample()
    terms = terms.assign(twice=2 * terms["size"] + terms["kind"], same=3.0)
    kept, left_out = usable_terms(terms)
    assert list(kept) == ["size", "kind"]
    assert left_out == {"twice": "determined_by_earlier_terms", "same": "one_value_only"}
    with pytest.raises(NotFittedError):
        fit_logistic(sample()[0], terms[["size", "kind", "twice"]])


@pytest.mark.parametrize("outcome", [[1, 1, 1], []])
def test_an_outcome_without_two_classes_says_so(outcome) -> None:
    terms = pd.DataFrame({"x": np.arange(float(len(outcome)))})
    with pytest.raises(NotFittedError, match=r"one class only|no labelled video"):
        fit_logistic(pd.Series(outcome, dtype=float), terms)


def test_held_out_scores_see_a_signal_and_no_more() -> None:
    outcome, terms = sample(2_000)
    assert 0.6 < cross_validate(outcome, terms).auc_scores.mean() < 0.9
    noise = pd.DataFrame({"noise": np.random.default_rng(1).normal(size=2_000)})
    assert cross_validate(outcome, noise).auc_scores.mean() == pytest.approx(0.5, abs=0.04)


def test_too_few_rows_of_a_class_cannot_be_cross_validated() -> None:
    with pytest.raises(NotFittedError, match="too few rows"):
        cross_validate(pd.Series([0] * 20 + [1] * 3), pd.DataFrame({"x": np.arange(23.0)}))


def test_confusion_counts_and_scores() -> None:
    confusion = confusion_at(np.array([0, 0, 1, 1, 1]), np.array([0.2, 0.7, 0.4, 0.6, 0.9]), 0.5)
    assert confusion == Confusion(1, 1, 1, 2)
    assert (confusion.accuracy, confusion.precision, confusion.recall) == (0.6, 2 / 3, 2 / 3)
    assert confusion.f1_score == pytest.approx(2 / 3)
    assert confusion.majority_accuracy == 0.6
    nobody = Confusion(3, 0, 2, 0)
    assert (nobody.precision, nobody.recall, nobody.f1_score) == (None, 0.0, 0.0)


def test_reliability_covers_every_row_once() -> None:
    probabilities = np.linspace(0, 1, 200)
    outcome = (np.random.default_rng(2).random(200) < probabilities).astype(int)
    bins = reliability(outcome, probabilities, 10)
    assert sum(row.observation_count for row in bins) == 200
    assert [row.predicted_share for row in bins] == sorted(row.predicted_share for row in bins)
    assert all(row.lower_bound <= row.observed_share <= row.upper_bound for row in bins)
    assert len(reliability(outcome, np.full(200, 0.5), 10)) == 1
