"""From probabilities to decisions: the cheapest threshold, and the band in which a person decides."""

from typing import NamedTuple

import numpy as np

from ml.statistics.shares import wilson

BINS = 20


class Costs(NamedTuple):
    """What the two errors cost, in the same unit; `warehouse/settings.py` sets them."""

    missed_claim: float
    wasted_review: float

    @property
    def break_even(self) -> float:
        """Share of claims at which reviewing and not reviewing cost the same."""
        return self.wasted_review / (self.wasted_review + self.missed_claim)


class Band(NamedTuple):
    """From `lower` up to but not including `upper` a person decides."""

    lower: float
    upper: float


def cheapest_threshold(label: np.ndarray, probability: np.ndarray, costs: Costs) -> float:
    """The threshold with the least cost on rows that the model did not see.

    Args:
        label: Whether each row is a claim; shape (rows,).
        probability: Of being a claim; shape (rows,).
        costs: Of the two errors.

    Returns:
        A probability; of equally cheap ones the nearest to the break-even share.
    """
    order = np.argsort(probability, kind="stable")
    values, claims = probability[order], label[order]
    missed = np.concatenate([[0], np.cumsum(claims)])
    wasted = np.count_nonzero(~label) - np.concatenate([[0], np.cumsum(~claims)])
    cost = missed * costs.missed_claim + wasted * costs.wasted_review
    # A threshold lies above everything before its position and not above what stands at it.
    edges = np.concatenate([[0.0], values, [1.0]])
    is_cut = np.concatenate([[True], values[1:] != values[:-1], [True]])
    best = np.flatnonzero(is_cut & (cost == cost[is_cut].min()))
    candidates = [_nearest(costs.break_even, edges[cut], edges[cut + 1]) for cut in best]
    return min(candidates, key=lambda value: abs(value - costs.break_even))


def review_band(label: np.ndarray, probability: np.ndarray, costs: Costs) -> Band:
    """Where the calibration cannot tell which decision is cheaper.

    Args:
        label: Whether each row is a claim; shape (rows,).
        probability: Of being a claim, by fits that did not see the row; shape (rows,).
        costs: Of the two errors.

    Returns:
        The span of all bins whose interval of the share of claims holds the break-even share. An empty bin holds it
        too: of a score that was never seen nothing is known.
    """
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    claims = np.bincount(bins[label], minlength=BINS)
    unsure = [
        number
        for number in range(BINS)
        if (bounds := wilson(int(claims[number]), int(counts[number])))[0] <= costs.break_even <= bounds[1]
    ]
    if not unsure:
        return Band(costs.break_even, costs.break_even)
    return Band(unsure[0] / BINS, (unsure[-1] + 1) / BINS)


def decide(probability: np.ndarray, threshold: float, band: Band) -> np.ndarray:
    """Decisions as text.

    Args:
        probability: Of being a claim; shape (rows,).
        threshold: From here on a claim.
        band: Where a person decides.

    Returns:
        claim, opinion or needs_review; shape (rows,).
    """
    decided = np.where(probability >= threshold, "claim", "opinion")
    unsure = (probability >= band.lower) & (probability < band.upper)
    return np.where(unsure, "needs_review", decided)


def _nearest(wanted: float, low: float, high: float) -> float:
    """The point of (low, high] nearest to the wanted one; clear of `low`, where rounding could cross it."""
    return float(wanted if low < wanted <= high else high if wanted > high else (low + high) / 2)
