"""Measures of a classifier against scikit-learn and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from ml.classifier import metrics
from ml.statistics.shares import wilson

RANDOM = np.random.default_rng(7)


def found(label: np.ndarray, probability: np.ndarray) -> dict[str, metrics.Measure]:
    return {measure.name: measure for measure in metrics.measure(label, probability)}


def test_measures_agree_with_scikit_learn() -> None:
    label = RANDOM.random(400) < 0.4
    # Few distinct values, so that ties are tested too.
    probability = np.round(np.clip(0.3 * label + RANDOM.random(400) * 0.7, 0, 1), 1)
    measures = found(label, probability)
    assert measures["roc_auc"].value == pytest.approx(roc_auc_score(label, probability))
    assert measures["average_precision"].value == pytest.approx(average_precision_score(label, probability))
    assert measures["brier"].value == pytest.approx(brier_score_loss(label, probability))
    assert measures["f1"].value == pytest.approx(f1_score(label, probability >= 0.5))
    kept = np.clip(probability, metrics.FLOOR, 1 - metrics.FLOOR)
    assert measures["log_loss"].value == pytest.approx(log_loss(label, kept))
    for measure in measures.values():
        if measure.lower is not None:
            assert measure.lower <= measure.value <= measure.upper


def test_counts_are_the_confusion_matrix() -> None:
    measures = found(np.array([True, True, False, False, False]), np.array([0.9, 0.1, 0.8, 0.2, 0.3]))
    names = ("true_claim_count", "missed_claim_count", "false_claim_count", "true_opinion_count", "wrong_count")
    assert [measures[name].value for name in names] == [1, 1, 1, 2, 2]


def test_one_class_leaves_what_it_cannot_define_without_value() -> None:
    measures = found(np.ones(5, dtype=bool), np.full(5, 0.9))
    assert measures["roc_auc"].value is None
    assert measures["accuracy"].value == 1


def test_wilson_against_the_textbook() -> None:
    # Newcombe (1998), table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 0) == (0, 1)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_wilson_holds_its_share(count: int, share: float) -> None:
    successes = round(count * share)
    lower, upper = wilson(successes, count)
    assert 0 <= lower <= successes / count <= upper <= 1


def test_mcnemar_is_the_binomial_test_of_the_discordant_pairs() -> None:
    assert metrics.mcnemar(0, 0) == 1
    assert metrics.mcnemar(0, 5) == pytest.approx(2 * 0.5**5)
    assert metrics.mcnemar(8, 2) == metrics.mcnemar(2, 8)


def test_bootstrap_weights_draw_every_time_the_same_total() -> None:
    weights = metrics.bootstrap_weights(50, 20)
    assert weights.shape == (21, 50)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 50).all()
    assert (metrics.bootstrap_weights.__wrapped__(50, 20) == weights).all()
