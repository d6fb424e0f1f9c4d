"""The comparison of models: every candidate on the same held-out videos, compared, and the champion among them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.classifier.feature_sets import FeatureSet
from ml.classifier.forest import Parts, claim_probability, labels
from ml.classifier.metrics import mcnemar, measure, paired_difference
from ml.classifier.pipelines import CANDIDATES, FOREST, RULE, build
from ml.classifier.thresholds import Band, Costs
from ml.statistics.calibration import calibration_bins
from ml.statistics.multiplicity import holm
from ml.statistics.shares import wilson
from warehouse.progress import Report

SIGNIFICANCE = 0.05
SLICES = ("verified_status", "author_ban_status")
CALIBRATION_BINS = 10

Row = dict[str, Any]


class Comparison(NamedTuple):
    """Two models on the same rows; its fields are columns of `ml.model_comparisons`."""

    accuracy_difference: float
    lower_bound: float
    upper_bound: float
    only_model_right_count: int
    only_other_right_count: int
    p_value: float
    observation_count: int

    @property
    def verdict(self) -> str:
        """Clearly better, clearly worse, or no clear difference."""
        if self.p_value >= SIGNIFICANCE:
            return "no clear difference"
        return "clearly better" if self.accuracy_difference > 0 else "clearly worse"


def fit_candidates(parts: Parts, feature_set: FeatureSet, progress: Report) -> dict[str, Any]:
    """Fit every candidate but the random forest, which training has fitted already.

    Args:
        parts: Rows by part.
        feature_set: The feature set.
        progress: Receives one line per fit.

    Returns:
        Fitted models by candidate.
    """
    fitted = {}
    for candidate in CANDIDATES:
        if candidate != FOREST:
            progress(f"{feature_set.name}: {candidate.replace('_', ' ')}")
            fitted[candidate] = build(candidate, feature_set).fit(
                parts.train[list(feature_set.columns)], labels(parts.train)
            )
    return fitted


def probabilities(models: Mapping[str, Any], part: pd.DataFrame, feature_set: FeatureSet) -> dict[str, np.ndarray]:
    """Probability of claim by each model, from the simplest."""
    return {
        candidate: claim_probability(models[candidate], part, feature_set)
        for candidate in CANDIDATES
        if candidate in models
    }


def metric_rows(
    candidate: str, evaluation: str, part: pd.DataFrame, probability: np.ndarray, *, is_sliced: bool = False
) -> list[Row]:
    """All measures of one model on one set of rows.

    Args:
        candidate: The model.
        evaluation: Name of the set.
        part: Its rows.
        probability: Of claim, per row.
        is_sliced: Also on the rows of each verified and each author status.

    Returns:
        Rows for `ml.model_metrics` without run and feature set.
    """
    label = labels(part)
    slices = {"all": np.ones(len(part), dtype=bool)}
    for column in SLICES if is_sliced else ():
        for value in sorted(part[column].dropna().unique()):
            slices[f"{column}: {value}"] = (part[column] == value).to_numpy(bool)
    return [
        {
            "model_name": candidate,
            "evaluation": evaluation,
            "slice": name,
            "metric": found.name,
            "metric_value": found.value,
            "lower_bound": found.lower,
            "upper_bound": found.upper,
            "observation_count": found.observation_count,
        }
        for name, chosen in slices.items()
        for found in measure(label[chosen], probability[chosen])
    ]


def decision_rows(part: pd.DataFrame, probability: np.ndarray, threshold: float, band: Band, costs: Costs) -> list[Row]:
    """What the random forest's own threshold costs on the test rows, beside reviewing everything.

    Args:
        part: Test rows.
        probability: Of claim, per row.
        threshold: From training.
        band: From training.
        costs: Of the two errors.

    Returns:
        Rows for `ml.model_metrics` without run and feature set.
    """
    label, decided = labels(part), probability >= threshold
    missed, wasted = int((label & ~decided).sum()), int((~label & decided).sum())
    unsure = int(((probability >= band.lower) & (probability < band.upper)).sum())
    count, claims, called = len(label), int(label.sum()), int(decided.sum())
    found: list[tuple[str, float | None, tuple[float | None, float | None], int]] = [
        ("recall_at_threshold", _share(claims - missed, claims), wilson(claims - missed, claims), claims),
        ("precision_at_threshold", _share(called - wasted, called), wilson(called - wasted, called), called),
        ("needs_review_share", _share(unsure, count), wilson(unsure, count), count),
        ("cost_at_threshold", missed * costs.missed_claim + wasted * costs.wasted_review, (None, None), count),
        ("cost_of_reviewing_all", (count - claims) * costs.wasted_review, (None, None), count),
    ]
    return [
        {
            "model_name": FOREST,
            "evaluation": "test",
            "slice": "all",
            "metric": name,
            "metric_value": value,
            "lower_bound": bounds[0],
            "upper_bound": bounds[1],
            "observation_count": observed,
        }
        for name, value, bounds, observed in found
    ]


def calibration_rows(part: pd.DataFrame, probability: np.ndarray) -> list[Row]:
    """How often a video of each tenth of probability is a claim; empty bins are left out."""
    bins = np.minimum((probability * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    found = calibration_bins(labels(part), probability, bins)
    return [
        {
            "bin_number": int(number) + 1,
            "mean_probability": one.predicted_share,
            "claim_share": one.observed_share,
            "lower_bound": one.lower_bound,
            "upper_bound": one.upper_bound,
            "observation_count": one.observation_count,
        }
        for number, one in zip(np.unique(bins), found, strict=True)
    ]


def compare(label: np.ndarray, probability: np.ndarray, other: np.ndarray) -> Comparison:
    """Compare two models' decisions at 0.5 on the same rows.

    Args:
        label: Whether each row is a claim.
        probability: By the model.
        other: By the model it is compared with.

    Returns:
        The paired difference and McNemar's exact test.
    """
    right, other_right = (probability >= 0.5) == label, (other >= 0.5) == label
    only_model, only_other = int((right & ~other_right).sum()), int((~right & other_right).sum())
    difference = paired_difference(only_model, only_other, len(label))
    return Comparison(*difference, only_model, only_other, mcnemar(only_model, only_other), len(label))


def comparison_row(comparison: Comparison, kind: str, model_name: str, other_name: str) -> Row:
    """A row for `ml.model_comparisons` without run, feature set and sentence."""
    return {
        "model_name": model_name,
        "comparison": kind,
        "other_model_name": other_name,
        **comparison._asdict(),
        "verdict": comparison.verdict,
    }


def compare_candidates(label: np.ndarray, by_candidate: Mapping[str, np.ndarray]) -> list[Row]:
    """Every candidate against the rule and against the next simpler one."""
    rows = []
    candidates = list(by_candidate)
    for position, candidate in enumerate(candidates):
        if candidate != RULE:
            rows.append(
                comparison_row(
                    compare(label, by_candidate[candidate], by_candidate[RULE]), "against_rule", candidate, RULE
                )
            )
        if position > 0:
            simpler = candidates[position - 1]
            found = compare(label, by_candidate[candidate], by_candidate[simpler])
            rows.append(comparison_row(found, "against_next_simpler", candidate, simpler))
    return rows


def champion(label: np.ndarray, by_candidate: Mapping[str, np.ndarray]) -> str:
    """The simplest candidate that no more complex one beats clearly.

    Args:
        label: Whether each row is a claim.
        by_candidate: Probabilities by candidate, from the simplest.

    Returns:
        Its name.
    """
    candidates = list(by_candidate)
    for position, candidate in enumerate(candidates):
        rivals = (compare(label, by_candidate[rival], by_candidate[candidate]) for rival in candidates[position + 1 :])
        if not any(rival.verdict == "clearly better" for rival in rivals):
            return candidate
    return candidates[-1]


def candidate_number(candidate: str) -> int:
    """Place among the candidates, from 1."""
    return CANDIDATES.index(candidate) + 1


def clearly_worse(rows: Sequence[Row]) -> list[Row]:
    """Comparisons that the gate stops: a random forest clearly worse than the rule or the release's model.

    Holm's correction runs over all of them: with several feature sets one would seem worse by
    chance every few deliveries.

    Args:
        rows: Comparisons of every feature set.

    Returns:
        Those whose difference is against the forest, at the corrected level.
    """
    gated = [
        row for row in rows if row["model_name"] == FOREST and row["comparison"] in ("against_rule", "against_release")
    ]
    corrected = holm([row["p_value"] for row in gated])
    return [
        row
        for row, p_value in zip(gated, corrected, strict=True)
        if row["accuracy_difference"] < 0 and p_value is not None and p_value < SIGNIFICANCE
    ]


def _share(successes: int, count: int) -> float | None:
    return successes / count if count else None
