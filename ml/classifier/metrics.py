"""Measures of probabilities against labels, each with an interval: pure functions on arrays."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import stats

from ml.statistics.confusion import confusion_of
from ml.statistics.shares import wilson

CONFIDENCE = 0.95
REPLICATES = 200
FLOOR = 1e-6
"""Probabilities are kept this far from 0 and 1 in the log loss, where one certain error would be infinite."""


class Measure(NamedTuple):
    """One estimate with its interval."""

    name: str
    value: float | None
    lower: float | None
    upper: float | None
    observation_count: int


@lru_cache(maxsize=8)
def bootstrap_weights(count: int, replicates: int = REPLICATES, seed: int = 0) -> np.ndarray:
    """How often each row is drawn in each replicate; models measured on the same rows share the draws.

    Args:
        count: Rows.
        replicates: Resamples.
        seed: Of the draws.

    Returns:
        Shape (replicates + 1, count); the first row is all ones, the sample itself.
    """
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=replicates)
    weights = np.vstack([np.ones(count), drawn]).astype(np.float64)
    weights.setflags(write=False)
    return weights


def measure(label: np.ndarray, probability: np.ndarray) -> list[Measure]:
    """Every measure of a candidate at threshold 0.5.

    Args:
        label: Whether each row is a claim; shape (rows,).
        probability: Of being a claim; shape (rows,).

    Returns:
        Shares with Wilson intervals, the rest with percentile intervals of the bootstrap, and the confusion matrix as
        four counts. What one class alone cannot define has no value.
    """
    decided, weights = probability >= 0.5, bootstrap_weights(len(label))
    rejections, false_alarms, misses, hits = confusion_of(label, decided)
    count = len(label)
    shares = [
        _share("accuracy", hits + rejections, count),
        _share("precision", hits, hits + false_alarms),
        _share("recall", hits, hits + misses),
    ]
    resampled = {
        "f1": _f1(label, decided, weights),
        "roc_auc": _roc_auc(label, probability, weights),
        "average_precision": _average_precision(label, probability, weights),
        "brier": weights @ (probability - label) ** 2 / weights.sum(axis=1),
        "log_loss": weights @ log_losses(label, probability) / weights.sum(axis=1),
    }
    counts = {
        "true_claim_count": hits,
        "false_claim_count": false_alarms,
        "missed_claim_count": misses,
        "true_opinion_count": rejections,
        "wrong_count": misses + false_alarms,
    }
    return [
        *shares,
        *(_percentiles(name, values, count) for name, values in resampled.items()),
        *(Measure(name, float(value), None, None, count) for name, value in counts.items()),
    ]


def mcnemar(first_right: int, second_right: int) -> float:
    """McNemar's exact two-sided p-value (McNemar 1947) from the two discordant counts."""
    discordant = first_right + second_right
    return 1.0 if discordant == 0 else float(stats.binomtest(first_right, discordant, 0.5).pvalue)


def paired_difference(first_right: int, second_right: int, count: int) -> tuple[float, float, float]:
    """Difference of two accuracies on the same rows with its interval.

    Args:
        first_right: Rows that only the first gets right.
        second_right: Rows that only the second gets right.
        count: All rows.

    Returns:
        Difference, lower and upper bound: Wald with one half added to each discordant cell (Agresti and Min 2005).
    """
    difference = (first_right - second_right) / count
    first, second, total = first_right + 0.5, second_right + 0.5, count + 2
    error = float(np.sqrt(first + second - (first - second) ** 2 / total)) / total
    margin = float(stats.norm.ppf(0.5 + CONFIDENCE / 2)) * error
    return difference, max(-1.0, difference - margin), min(1.0, difference + margin)


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of repeated values, shape (repeats,), with Student's interval."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, mean, mean
    margin = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - margin, mean + margin


def _share(name: str, successes: int, count: int) -> Measure:
    if count == 0:
        return Measure(name, None, None, None, 0)
    return Measure(name, successes / count, *wilson(successes, count), count)


def _percentiles(name: str, values: np.ndarray, count: int) -> Measure:
    if np.isnan(values[0]):
        return Measure(name, None, None, None, count)
    tail = (1 - CONFIDENCE) / 2
    lower, upper = np.nanquantile(values[1:], [tail, 1 - tail])
    return Measure(name, float(values[0]), float(lower), float(upper), count)


def log_losses(label: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Log loss of each row, bounded by `FLOOR`; shape (rows,)."""
    kept = np.clip(probability, FLOOR, 1 - FLOOR)
    return np.asarray(-np.log(np.where(label, kept, 1 - kept)))


def _f1(label: np.ndarray, decided: np.ndarray, weights: np.ndarray) -> np.ndarray:
    hits = weights @ (label & decided)
    return _divide(2 * hits, weights @ label.astype(float) + weights @ decided.astype(float))


def _grouped(label: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight of claims and of opinions at each distinct probability, from the highest."""
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    shuffled = weights[:, order]
    claims = np.add.reduceat(shuffled * label[order], starts, axis=1)
    return claims, np.add.reduceat(shuffled, starts, axis=1) - claims


def _roc_auc(label: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    claims, opinions = _grouped(label, probability, weights)
    below = opinions.sum(axis=1, keepdims=True) - np.cumsum(opinions, axis=1)
    won = (claims * (below + opinions / 2)).sum(axis=1)
    return _divide(won, claims.sum(axis=1) * opinions.sum(axis=1))


def _average_precision(label: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    claims, opinions = _grouped(label, probability, weights)
    found = np.cumsum(claims, axis=1)
    precision = _divide(found, found + np.cumsum(opinions, axis=1), otherwise=0.0)
    return _divide((precision * claims).sum(axis=1), claims.sum(axis=1))


def _divide(numerator: np.ndarray, denominator: np.ndarray, otherwise: float = np.nan) -> np.ndarray:
    quotient = np.full_like(numerator, otherwise)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient
