"""The written decision: what a score, a second model and everything a model has not seen make of a video."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.classifier.feature_sets import SPREAD, FeatureSet
from ml.classifier.novelty import Known
from ml.classifier.thresholds import Band, Costs, decide
from ml.statistics.shares import wilson

REVIEW = "needs_review"
DECISIONS = ("claim", "opinion", REVIEW)
IS_UNLIKE = "is_unlike"
"""A column of rows whose delivery is unlike what the models learned from."""
DRIFT = "drift"
MODEL, UNSURE, DISAGREEMENT, ACCOUNT_ONLY, TOO_YOUNG = "model", "unsure", "disagreement", "account_only", "too_young"


class Written(NamedTuple):
    """Decision and reason code per row; each of shape (rows,)."""

    decision: np.ndarray
    reason: np.ndarray


def write(
    rows: pd.DataFrame,
    probability: np.ndarray,
    champion_probability: np.ndarray,
    *,
    feature_set: FeatureSet,
    known: Known,
    band: Band,
) -> Written:
    """Decide about videos that a feature set scores.

    Args:
        rows: With the columns of the set, and perhaps `IS_UNLIKE`.
        probability: Of being a claim by the random forest; shape (rows,).
        champion_probability: By the champion; shape (rows,).
        feature_set: The set.
        known: What its training rows held.
        band: Where a person decides.

    Returns:
        What is written, and why.
    """
    if not feature_set.decides:
        # With counts at hand but too few of them, youth is the reason.
        has_counts = rows[SPREAD].notna().to_numpy(bool) if SPREAD in rows else np.zeros(len(rows), dtype=bool)
        return Written(np.full(len(rows), REVIEW, dtype=object), np.where(has_counts, TOO_YOUNG, ACCOUNT_ONLY))
    decision = decide(probability, band).astype(object)
    reason = np.where(decision == REVIEW, UNSURE, MODEL).astype(object)
    may_be_opinion, may_be_claim = decidable(rows, champion_probability, known)
    is_disputed = ((decision == "opinion") & ~may_be_opinion) | ((decision == "claim") & ~may_be_claim)
    decision[is_disputed], reason[is_disputed] = REVIEW, DISAGREEMENT
    novelty = known.reasons(rows)
    is_novel = novelty != ""
    decision[is_novel], reason[is_novel] = REVIEW, novelty[is_novel]
    if IS_UNLIKE in rows:
        is_unlike = rows[IS_UNLIKE].to_numpy(bool)
        decision[is_unlike], reason[is_unlike] = REVIEW, DRIFT
    return Written(decision, reason)


def decidable(rows: pd.DataFrame, champion_probability: np.ndarray, known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Whether the machine may call each row an opinion, and a claim: nothing novel, nothing the champion disputes."""
    is_known = known.reasons(rows) == ""
    return is_known & (champion_probability < 0.5), is_known & (champion_probability >= 0.5)


def matrix_rows(frame: pd.DataFrame, costs: Costs) -> list[dict[str, Any]]:
    """The written decisions of held-out videos against their labels.

    Args:
        frame: `is_claim`, `decision` and the columns that slices are made of, one row per video.
        costs: Of the two errors.

    Returns:
        Rows for `ml.written_decisions`: per slice and label how many are decided how, with Wilson intervals.
    """
    slices = {"all": np.ones(len(frame), dtype=bool)}
    for column in ("verified_status", "author_ban_status"):
        for value in sorted(frame[column].dropna().unique()):
            slices[f"{column}: {value}"] = (frame[column] == value).to_numpy(bool)
    label = frame["is_claim"].to_numpy(bool)
    prices = {("claim", "opinion"): costs.missed_claim, ("opinion", "claim"): costs.wasted_review}
    rows = []
    for name, chosen in slices.items():
        for status, is_status in (("claim", label), ("opinion", ~label)):
            decided: Sequence[str] = frame.loc[chosen & is_status, "decision"].tolist()
            total = len(decided)
            for decision in DECISIONS:
                count = decided.count(decision)
                price = prices.get(
                    (status, decision), costs.wasted_review if (status, decision) == ("opinion", REVIEW) else 0.0
                )
                lower, upper = wilson(count, total) if total else (None, None)
                rows.append(
                    {
                        "slice": name,
                        "claim_status": status,
                        "decision": decision,
                        "video_count": count,
                        "label_count": total,
                        "share": count / total if total else None,
                        "lower_bound": lower,
                        "upper_bound": upper,
                        "cost": count * price,
                    }
                )
    return rows
