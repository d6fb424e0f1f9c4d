"""From probabilities and costs to decisions."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.classifier import registry
from ml.classifier.decisions import decidable
from ml.classifier.forest import claim_probability, labels
from ml.classifier.thresholds import Band, Costs, Limits, allowed_errors, cheapest_threshold, cost_band, decide, promise
from pipeline.landing.synthetic import write_synthetic
from warehouse import contract
from warehouse.settings import Settings

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


def test_a_person_decides_where_the_rows_cannot_tell_and_nothing_else() -> None:
    random = np.random.default_rng(2)
    probability = random.random(50_000)
    label = random.random(50_000) < probability
    band = cost_band(label, probability, COSTS)
    assert band.lower <= COSTS.break_even <= band.upper
    assert band.upper - band.lower < 0.11
    assert decide(np.array([0.01, COSTS.break_even, 0.99]), band).tolist() == ["opinion", "needs_review", "claim"]


def test_empty_bins_are_no_reason_to_ask_a_person() -> None:
    label = np.array([False] * 500 + [True] * 500)
    probability = np.array([0.01] * 500 + [0.99] * 500)
    band = cost_band(label, probability, COSTS)
    assert band.lower == band.upper == pytest.approx(1 / 6)


def test_a_band_that_sends_most_rows_to_people_is_none() -> None:
    label = np.array([True] + [False] * 5).repeat(20)
    band = cost_band(label, np.full(120, 1 / 6), COSTS)
    assert band.lower == band.upper


@pytest.mark.parametrize(
    ("count", "limit", "allowed"), [(0, 0.01, None), (298, 0.01, None), (299, 0.01, 0), (1_000, 0.01, 4)]
)
def test_errors_that_still_show_a_share(count: int, limit: float, allowed: int | None) -> None:
    assert allowed_errors(count, limit) == allowed


def everything(label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(len(label), dtype=bool), np.ones(len(label), dtype=bool)


def test_a_promise_allows_as_many_errors_as_the_binomial_tail_does() -> None:
    label = np.arange(2_000) % 2 == 0
    probability = np.where(label, 0.95, 0.005)
    probability[np.flatnonzero(label)[:6]] = [0.01, 0.02, 0.03, 0.031, 0.032, 0.033]
    found = promise(label, probability, everything(label), Limits(0.01, 0.05), Band(0.2, 0.2))
    assert found.band is not None
    assert int((label & (probability < found.band.lower)).sum()) <= 4
    assert found.missed_share_bound == pytest.approx(0.01, abs=0.0095)
    assert (decide(probability, found.band) != "needs_review").mean() > 0.99


def test_what_cannot_be_promised_says_how_many_labels_it_would_take() -> None:
    label = np.arange(400) % 2 == 0
    found = promise(label, np.where(label, 0.9, 0.1), everything(label), Limits(0.01, 0.05), Band(0.2, 0.2))
    assert found.band is None
    assert found.needed_claim_count == 299
    assert found.missed_share_bound == pytest.approx(1 - 0.05 ** (1 / 200))


@pytest.mark.slow
def test_the_promise_is_broken_in_at_most_one_draw_of_twenty() -> None:
    random = np.random.default_rng(4)
    label = random.random(1_000_000) < 0.5
    probability = np.clip(np.where(label, random.beta(5, 1, len(label)), random.beta(1, 5, len(label))), 0, 1)
    claims = np.sort(probability[label])
    broken = 0
    for _ in range(2_000):
        drawn = random.integers(0, len(label), 1_900)
        found = promise(label[drawn], probability[drawn], everything(label[drawn]), Limits(0.01, 0.05), Band(0.2, 0.2))
        assert found.band is not None
        broken += np.searchsorted(claims, found.band.lower) / len(claims) > 0.01
    assert broken < ONCE_IN_A_THOUSAND


ONCE_IN_A_THOUSAND = 125
"""Of 2,000 draws that break a promise with 5 %, so many or more come once in a thousand times."""


@pytest.mark.slow
def test_a_model_keeps_its_promise_on_a_million_videos_of_the_twin(built_warehouse: Settings, tmp_path: Path) -> None:
    """What is promised is the written decision: after what the model does not know and what the champion disputes."""
    model = registry.load(built_warehouse.models, "engagement")
    label, probability, may_decide = [], [], []
    for rows in twin(tmp_path / "twin.csv", 1_000_000):
        label.append(labels(rows))
        probability.append(claim_probability(model.estimator, rows, model.feature_set))
        champion = claim_probability(model.champion, rows, model.feature_set)
        may_decide.append(decidable(rows, champion, model.known))
    is_claim, score = np.concatenate(label), np.concatenate(probability)
    may_be_opinion, may_be_claim = (np.concatenate(kind) for kind in zip(*may_decide, strict=True))
    missed, wasted = np.sort(score[is_claim & may_be_opinion]), np.sort(score[~is_claim & may_be_claim])
    limits, random, broken = Limits(0.01, 0.05), np.random.default_rng(4), np.zeros(2, dtype=int)
    for _ in range(2_000):
        drawn = random.integers(0, len(score), 1_900)
        allowed = may_be_opinion[drawn], may_be_claim[drawn]
        band = promise(is_claim[drawn], score[drawn], allowed, limits, Band(0.2, 0.2)).band
        assert band is not None
        missed_share = np.searchsorted(missed, band.lower) / is_claim.sum()
        wasted_share = (len(wasted) - np.searchsorted(wasted, band.upper)) / (~is_claim).sum()
        broken += (missed_share > limits.missed_share, wasted_share > limits.wasted_share)
    assert len(score) > 900_000
    assert (broken < ONCE_IN_A_THOUSAND).all(), broken


def twin(path: Path, count: int) -> Iterator[pd.DataFrame]:
    """Labelled videos of a twin that no model has seen, with the features of counts."""
    write_synthetic(path, count, 77)
    for rows in pd.read_csv(path, na_values=["#N/A"], chunksize=100_000):
        known = rows.dropna().copy()
        for rate, (numerator, denominator) in contract.rates().items():
            known[rate] = known[numerator] / known[denominator].where(known[denominator] > 0)
        yield known.assign(is_claim=known["claim_status"] == "claim")
