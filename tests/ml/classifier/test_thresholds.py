"""From probabilities and costs to decisions."""

import numpy as np
import pytest

from ml.classifier.thresholds import Band, Costs, cheapest_threshold, decide, review_band

COSTS = Costs(missed_claim=5, wasted_review=1)


def cost(label: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    decided = probability >= threshold
    return 5 * (label & ~decided).sum() + (~label & decided).sum()


def test_the_break_even_share_follows_from_the_costs() -> None:
    assert COSTS.break_even == pytest.approx(1 / 6)


def test_no_threshold_is_cheaper() -> None:
    random = np.random.default_rng(0)
    label = random.random(300) < 0.3
    probability = np.round(np.clip(0.4 * label + random.random(300) * 0.6, 0, 1), 2)
    found = cheapest_threshold(label, probability, COSTS)
    assert cost(label, probability, found) == min(
        cost(label, probability, value) for value in np.linspace(0, 1.01, 203)
    )


def test_of_equally_cheap_thresholds_the_nearest_to_break_even() -> None:
    label, probability = np.array([False, True]), np.array([0.1, 0.9])
    assert cheapest_threshold(label, probability, COSTS) == pytest.approx(1 / 6)
    assert cheapest_threshold(label, np.array([0.5, 0.9]), COSTS) == pytest.approx(0.7)


def test_dearer_misses_lower_the_threshold() -> None:
    random = np.random.default_rng(1)
    probability = random.random(2_000)
    label = random.random(2_000) < probability
    assert cheapest_threshold(label, probability, Costs(20, 1)) < cheapest_threshold(label, probability, Costs(1, 1))


def test_a_person_decides_where_the_calibration_cannot_tell() -> None:
    label = np.array([False] * 500 + [True] * 500 + [True, False])
    probability = np.array([0.01] * 500 + [0.99] * 500 + [0.22, 0.22])
    band = review_band(label, probability, COSTS)
    # Nothing was seen between the two heaps, and next to nothing at 0.22.
    assert band == Band(0.05, 0.95)
    assert decide(np.array([0.01, 0.22, 0.99]), 0.2, band).tolist() == ["opinion", "needs_review", "claim"]


def test_with_enough_evidence_the_band_is_narrow() -> None:
    random = np.random.default_rng(2)
    probability = random.random(50_000)
    label = random.random(50_000) < probability
    band = review_band(label, probability, COSTS)
    assert band.lower <= COSTS.break_even <= band.upper
    assert band.upper - band.lower < 0.11
