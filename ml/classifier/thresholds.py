"""From probabilities to decisions: a band by a promise where one can be made, and by costs where none can."""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

from ml.statistics.shares import wilson

BINS = 20
ERROR_RATE = 0.05
"""How often a promise may be broken: it holds with 95 % confidence."""
REVIEW_LIMIT_SHARE = 0.2
"""A band that sends more of the videos to people decides nothing: then there is no promise, and costs decide."""


class Costs(NamedTuple):
    """What the two errors cost, in the same unit; `warehouse/settings.py` sets them."""

    missed_claim: float
    wasted_review: float

    @property
    def break_even(self) -> float:
        """Share of claims at which reviewing and not reviewing cost the same."""
        return self.wasted_review / (self.wasted_review + self.missed_claim)


class Limits(NamedTuple):
    """What is promised of the written decision; `warehouse/settings.py` sets them."""

    missed_share: float
    """Of the claims, at most so many are decided as opinions."""
    wasted_share: float
    """Of the opinions, at most so many are decided as claims."""


class Band(NamedTuple):
    """Below `lower` is an opinion, from `upper` on a claim; a person decides between."""

    lower: float
    upper: float


PEOPLE = Band(0.0, float(np.nextafter(1.0, 2.0)))
"""No probability lies outside: a person decides on every video."""


class Promise(NamedTuple):
    """What the calibration rows allow to be promised."""

    band: Band | None
    """None where the limits cannot be promised."""
    missed_share_bound: float | None
    """Upper 95 % bound of the share of claims that the band in force decides as opinions."""
    wasted_share_bound: float | None
    needed_claim_count: int | None
    """Labelled claims from which the limit could be promised, if errors stay as frequent; None where no number would
    do."""


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


def cost_band(label: np.ndarray, probability: np.ndarray, costs: Costs) -> Band:
    """The cheapest threshold, and around it the scores of which the rows cannot tell which decision is cheaper.

    Args:
        label: Whether each row is a claim; shape (rows,).
        probability: Of being a claim, by fits that did not see the row; shape (rows,).
        costs: Of the two errors.

    Returns:
        The bins next to the threshold whose interval of the share of claims holds the break-even share, as long as
        rows stand in them; none of them where they would send too much to people.
    """
    threshold = cheapest_threshold(label, probability, costs)
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    counts, claims = np.bincount(bins, minlength=BINS), np.bincount(bins[label], minlength=BINS)
    is_unsure = [
        count > 0 and (bounds := wilson(int(some), int(count)))[0] <= costs.break_even <= bounds[1]
        for some, count in zip(claims, counts, strict=True)
    ]
    first = last = min(int(threshold * BINS), BINS - 1)
    if not is_unsure[first]:
        return Band(threshold, threshold)
    while first > 0 and is_unsure[first - 1]:
        first -= 1
    while last < BINS - 1 and is_unsure[last + 1]:
        last += 1
    if counts[first : last + 1].sum() > REVIEW_LIMIT_SHARE * len(label):
        return Band(threshold, threshold)
    return Band(min(first / BINS, threshold), max((last + 1) / BINS, threshold))


def promise(
    label: np.ndarray,
    probability: np.ndarray,
    may_decide: tuple[np.ndarray, np.ndarray],
    limits: Limits,
    fallback: Band,
) -> Promise:
    """The widest decisions of which both limits hold with 95 % confidence, each by fixed-sequence testing.

    Learn then Test (Angelopoulos et al. 2021) with one sequence per error: thresholds from the most careful on, each
    tested with the exact binomial tail, up to the first that fails. The errors of a written decision depend on more
    than a score, which MAPIE's controllers do not take (1.6, 2026-11); the test is five lines.

    Args:
        label: Whether each calibration row is a claim; shape (rows,), like the two that follow.
        probability: Of being a claim, by a model that has seen none of these rows.
        may_decide: Whether the machine may call each row an opinion, and a claim: a novel or disputed one goes to a
            person.
        limits: What is to be promised.
        fallback: The band in force where the limits cannot be promised.

    Returns:
        The band, and what it promises.
    """
    may_be_opinion, may_be_claim = may_decide
    claims = np.sort(probability[label & may_be_opinion])
    opinions = -np.sort(-probability[~label & may_be_claim])
    claim_count, opinion_count = int(label.sum()), int((~label).sum())
    allowed = allowed_errors(claim_count, limits.missed_share), allowed_errors(opinion_count, limits.wasted_share)
    band = None
    if None not in allowed:
        missed, wasted = int(allowed[0] or 0), int(allowed[1] or 0)
        # Decided as opinions are the scores below `lower`: as many claims as are allowed, and not the next one.
        lower = float(claims[missed]) if missed < len(claims) else 1.0
        upper = float(np.nextafter(opinions[wasted], 2)) if wasted < len(opinions) else 0.0
        if lower >= upper:
            # Any threshold between keeps both limits: the one that costs the least, or the nearest to it.
            lower = upper = min(max((fallback.lower + fallback.upper) / 2, upper), lower)
        band = Band(lower, upper)
    used = band or fallback
    missed_count = int((label & may_be_opinion & (probability < used.lower)).sum())
    wasted_count = int((~label & may_be_claim & (probability >= used.upper)).sum())
    return Promise(
        band=band,
        missed_share_bound=_upper_bound(missed_count, claim_count),
        wasted_share_bound=_upper_bound(wasted_count, opinion_count),
        needed_claim_count=_needed(missed_count / claim_count if claim_count else 0.0, limits.missed_share),
    )


def allowed_errors(count: int, limit: float) -> int | None:
    """The most errors among so many rows that still show a share of at most the limit; None where no number does."""
    if count == 0 or stats.binom.cdf(0, count, limit) > ERROR_RATE:
        return None
    allowed = int(stats.binom.ppf(ERROR_RATE, count, limit))
    return allowed if stats.binom.cdf(allowed, count, limit) <= ERROR_RATE else allowed - 1


def decide(probability: np.ndarray, band: Band) -> np.ndarray:
    """Decisions as text: claim, opinion or needs_review per row."""
    decided = np.where(probability >= band.upper, "claim", "opinion")
    return np.where((probability >= band.lower) & (probability < band.upper), "needs_review", decided)


def _upper_bound(errors: int, count: int) -> float | None:
    """One-sided 95 % bound of a share (Clopper and Pearson 1934)."""
    if count == 0:
        return None
    return 1.0 if errors == count else float(stats.beta.ppf(1 - ERROR_RATE, errors + 1, count - errors))


def _needed(share: float, limit: float) -> int | None:
    """The least number of rows at which errors as frequent as these would show a share of at most the limit."""
    if share >= limit:
        return None
    count = math.ceil(math.log(ERROR_RATE) / math.log1p(-limit))
    while stats.binom.cdf(math.floor(share * count), count, limit) > ERROR_RATE:
        count = math.ceil(count * 1.05)
    return count


def _nearest(wanted: float, low: float, high: float) -> float:
    """The point of (low, high] nearest to the wanted one; clear of `low`, where rounding could cross it."""
    return float(wanted if low < wanted <= high else high if wanted > high else (low + high) / 2)
