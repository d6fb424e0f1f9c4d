"""Checks of the regression's assumptions on data that keep and break them."""

import numpy as np
import pandas as pd
import pytest

from ml.statistics.assumptions import (
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    box_tidwell,
    check_calibration,
    check_events,
    check_influence,
    check_linearity,
    check_multicollinearity,
    hosmer_lemeshow,
    variance_inflation,
)
from ml.statistics.convergence import NotFittedError
from ml.statistics.logistic import fit_logistic

RANDOM = np.random.default_rng(11)
SIZE = pd.DataFrame({"size": RANDOM.uniform(0, 10, 3_000), "other": RANDOM.normal(size=3_000)})


def drawn(logit) -> pd.Series:
    return pd.Series((np.random.default_rng(3).random(len(logit)) < 1 / (1 + np.exp(-logit))).astype(int))


STRAIGHT = fit_logistic(drawn(-2 + 0.4 * SIZE["size"]), SIZE)
BENT = fit_logistic(drawn(-4 + 3 * np.sin(SIZE["size"] / 2)), SIZE)


def test_box_tidwell_tells_a_straight_logit_from_a_bent_one() -> None:
    assert box_tidwell(STRAIGHT, SIZE[["size"]]).joint.p_value > 0.05
    assert box_tidwell(BENT, SIZE[["size"]]).joint.p_value < 1e-6
    assert {check.status for check in check_linearity(STRAIGHT, SIZE[["size"]])} == {PASSED}
    assert {check.status for check in check_linearity(BENT, SIZE[["size"]])} == {FAILED}
    assert check_linearity(STRAIGHT, SIZE[[]])[0].status == NOT_APPLICABLE


def test_hosmer_lemeshow_tells_fitting_from_missing_probabilities() -> None:
    outcome = STRAIGHT.outcome.to_numpy(float)
    assert hosmer_lemeshow(outcome, STRAIGHT.probabilities).p_value > 0.01
    assert hosmer_lemeshow(outcome, STRAIGHT.probabilities**2).p_value < 1e-9
    assert {check.status for check in check_calibration(BENT)} == {FAILED}
    with pytest.raises(NotFittedError, match="fewer than three groups"):
        hosmer_lemeshow(np.array([0.0, 1.0]), np.array([0.5, 0.5]))


def test_overlapping_terms_are_seen() -> None:
    apart = check_multicollinearity(SIZE, {})
    assert {check.status for check in apart} == {PASSED}
    overlapping = SIZE.assign(nearly=SIZE["size"] + RANDOM.normal(0, 0.01, 3_000))
    by_term = {check.term: check.status for check in check_multicollinearity(overlapping, {"gone": "it is constant"})}
    assert by_term == {"size": FAILED, "other": PASSED, "nearly": FAILED, "all terms": FAILED, "gone": FAILED}


def test_overlap_counts_as_the_fit_weighs_its_rows() -> None:
    """Against the definition: the variance of an estimate, times what it would be with this term alone."""
    fit = fit_logistic(
        drawn(-2 + 0.8 * SIZE["size"]), SIZE.assign(near=SIZE["size"] + SIZE["other"]).drop(columns="other")
    )
    weights = fit.probabilities * (1 - fit.probabilities)
    for term, factor in variance_inflation(fit.terms, weights).items():
        values = fit.terms[term].to_numpy()
        alone = np.sum(weights * (values - np.average(values, weights=weights)) ** 2)
        assert factor == pytest.approx(fit.result.bse[term] ** 2 * alone, rel=1e-4)


def test_an_influential_row_is_named() -> None:
    terms = pd.DataFrame({"x": [*np.linspace(-1, 1, 40), 60.0]})
    outcome = pd.Series([0, 1] * 20 + [0])
    check = check_influence(fit_logistic(outcome, terms), pd.Series(range(100, 141)))
    assert check.status == FAILED
    assert check.meaning.startswith("Largest Cook's distances by video_id: 140 ")


def test_events_per_variable() -> None:
    assert check_events(pd.Series([1] * 30 + [0] * 970), 3).status == PASSED
    assert check_events(pd.Series([1] * 29 + [0] * 970), 3).status == FAILED
