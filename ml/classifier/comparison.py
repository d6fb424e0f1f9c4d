"""The comparison of models: every candidate on the same held-out videos, compared, and the champion among them."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ml.classifier.feature_sets import FeatureSet
from ml.classifier.forest import Parts, claim_probability, labels
from ml.classifier.metrics import mcnemar, measure, paired_difference
from ml.classifier.pipelines import CANDIDATES, FOREST, MAJORITY, RULE, build
from ml.classifier.thresholds import Costs
from ml.statistics.calibration import calibration_bins
from ml.statistics.multiplicity import holm
from ml.statistics.shares import wilson
from warehouse.progress import Report

SIGNIFICANCE = 0.05
SLICES = ("verified_status", "author_ban_status")
CALIBRATION_BINS = 10
GATED = ("against_majority", "against_rule", "against_release")
"""Comparisons in which the gate allows no random forest to be clearly worse."""

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


def decision_rows(part: pd.DataFrame, decision: np.ndarray, costs: Costs) -> list[Row]:
    """What the written decisions on the test rows cost, beside reviewing everything.

    Args:
        part: Test rows that the feature set scores.
        decision: Written for each; shape (rows,).
        costs: Of the two errors.

    Returns:
        Rows for `ml.model_metrics` without run and feature set.
    """
    label = labels(part)
    missed, wasted = int((label & (decision == "opinion")).sum()), int((~label & (decision == "claim")).sum())
    reviewed = int((decision == "needs_review").sum())
    reviewed_opinions = int((~label & (decision == "needs_review")).sum())
    count, claims = len(label), int(label.sum())
    cost = missed * costs.missed_claim + (wasted + reviewed_opinions) * costs.wasted_review
    found: list[tuple[str, float | None, tuple[float | None, float | None], int]] = [
        ("missed_share", _share(missed, claims), wilson(missed, claims), claims),
        ("wasted_share", _share(wasted, count - claims), wilson(wasted, count - claims), count - claims),
        ("needs_review_share", _share(reviewed, count), wilson(reviewed, count), count),
        ("cost_of_decisions", cost, (None, None), count),
        ("cost_of_reviewing_all", (count - claims) * costs.wasted_review, (None, None), count),
    ]
    return [
        {
            "model_name": FOREST,
            "evaluation": "test",
            "slice": "all",
            "metric": name,
            "metric_value": value,
            "lower_bound": bounds[0] if observed else None,
            "upper_bound": bounds[1] if observed else None,
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
    """A row for `ml.model_comparisons` without run, feature set and sentence; its verdict is that of one test alone."""
    row: Row = {"model_name": model_name, "comparison": kind, "other_model_name": other_name, **comparison._asdict()}
    return corrected([row])[0]


def corrected(rows: Sequence[Row]) -> list[Row]:
    """The comparisons of one training with Holm's correction over all of them: one verdict for every reader."""
    adjusted = holm([row["p_value"] for row in rows])
    return [
        {**row, "adjusted_p_value": p_value, "verdict": _verdict(row["accuracy_difference"], p_value)}
        for row, p_value in zip(rows, adjusted, strict=True)
    ]


def _verdict(difference: float, adjusted_p_value: float | None) -> str:
    if adjusted_p_value is None or adjusted_p_value >= SIGNIFICANCE:
        return "no clear difference"
    return "clearly better" if difference > 0 else "clearly worse"


def compare_candidates(label: np.ndarray, by_candidate: Mapping[str, np.ndarray]) -> list[Row]:
    """Every candidate against the rule and against the next simpler one."""
    rows = []
    candidates = list(by_candidate)
    if {FOREST, MAJORITY} <= by_candidate.keys():
        found = compare(label, by_candidate[FOREST], by_candidate[MAJORITY])
        rows.append(comparison_row(found, "against_majority", FOREST, MAJORITY))
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
    """The simplest candidate that no more complex one beats clearly, over all pairs together (Holm).

    Args:
        label: Whether each row is a claim; rows that no candidate was fitted on, and not those reported on.
        by_candidate: Probabilities by candidate, from the simplest; each of the label's shape.

    Returns:
        Its name.
    """
    pairs = list(combinations(by_candidate, 2))
    found = [compare(label, by_candidate[rival], by_candidate[simpler]) for simpler, rival in pairs]
    corrected = holm([comparison.p_value for comparison in found])
    beaten = {
        simpler
        for (simpler, _), comparison, p_value in zip(pairs, found, corrected, strict=True)
        if comparison.accuracy_difference > 0 and p_value is not None and p_value < SIGNIFICANCE
    }
    return next(name for name in by_candidate if name not in beaten)


def candidate_number(candidate: str) -> int:
    """Place among the candidates, from 1."""
    return CANDIDATES.index(candidate) + 1


def gated(rows: Sequence[Row]) -> list[Row]:
    """The comparisons that the gate looks at: those of a random forest with what it replaces."""
    return [row for row in rows if row["model_name"] == FOREST and row["comparison"] in GATED]


def clearly_worse(rows: Sequence[Row]) -> list[Row]:
    """Comparisons that the gate stops: a random forest clearly worse than a baseline or the release's model.

    Holm's correction runs over all of them: with several feature sets one would seem worse by
    chance every few deliveries.

    Args:
        rows: Comparisons of every feature set.

    Returns:
        Those whose difference is against the forest, at the corrected level.
    """
    looked_at = gated(rows)
    corrected = holm([row["p_value"] for row in looked_at])
    return [
        row
        for row, p_value in zip(looked_at, corrected, strict=True)
        if row["accuracy_difference"] < 0 and p_value is not None and p_value < SIGNIFICANCE
    ]


def _share(successes: int, count: int) -> float | None:
    return successes / count if count else None
