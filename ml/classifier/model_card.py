"""The card that stands beside every saved model: what it is for, how good it is and on whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from ml.classifier.feature_sets import TEXT, FeatureSet
from ml.classifier.pipelines import FOREST, RULE

LEAD_IN_WARNING = (
    "The transcript may give the label away by its lead-in phrase ('someone told me that' against 'my opinion is "
    "that'), not by what is claimed. How much is left with lead-ins that training has not heard stands in the "
    "transcript hold-outs of `ml.robustness_checks`; it may be no more than the majority rate."
)
LATE_WARNING = (
    "Counts are known only after a video has spread. While they are still small the model misses claims; see the "
    "growth curve in `ml.robustness_checks`."
)
ACCOUNT_WARNING = "It sees the account and the length alone: too little to decide, so a person does."


def render(run: Mapping[str, Any], feature_set: FeatureSet, metrics: Sequence[Mapping[str, Any]], rule: str) -> str:
    """Write the card of a feature set's random forest.

    Args:
        run: Its row of `ml.model_runs`.
        feature_set: The feature set.
        metrics: Rows of `ml.model_metrics` of the same feature set.
        rule: The one-line rule in words.

    Returns:
        Markdown.
    """
    tested = [row for row in metrics if row["evaluation"] == "test" and row["model_name"] in {FOREST, RULE}]
    data = (
        f"Fitted on {run['train_count']:,} labelled videos, {run['train_claim_share']:.1%} of them claims, and "
        f"measured on {run['test_count']:,} others, chosen by a hash of the video's id. "
        f"Features ({feature_set.known_when.replace('_', ' ')}): {', '.join(feature_set.columns)}."
    )
    decision = (
        f"From probability {run['decision_threshold']:.3f} a video counts as a claim, at "
        f"{run['missed_claim_cost'] / run['wasted_review_cost']:g} wasted reviews for a missed claim; from "
        f"{run['review_lower_bound']:.2f} to {run['review_upper_bound']:.2f} a person decides."
    )
    lines = [
        f"# Claim model, feature set {feature_set.name}",
        "",
        f"Random forest; run `{run['model_run_id']}`, code {run['code_version']}.",
        "",
        "## Intended use",
        "",
        "Orders videos for review by people. It does not decide about a video or an author, and must not be used to.",
        "",
        "## Data",
        "",
        data,
        "",
        "## Measures on held-out videos",
        "",
        f"{run['summary']} The rule: {rule}.",
        "",
        "| Videos | Model | n | Accuracy | Precision | Recall | Brier |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        *(_line(tested, name, model) for name in _slices(tested) for model in (FOREST, RULE)),
        "",
        decision,
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in _limits(feature_set)),
        "",
    ]
    return "\n".join(lines)


def _slices(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(str(row["slice"]) for row in rows))


def _line(rows: Sequence[Mapping[str, Any]], name: str, model: str) -> str:
    found = {row["metric"]: row for row in rows if row["slice"] == name and row["model_name"] == model}
    cells = " | ".join(_cell(found[metric]) for metric in ("accuracy", "precision", "recall", "brier"))
    return f"| {name} | {model.replace('_', ' ')} | {found['accuracy']['observation_count']:,} | {cells} |"


def _cell(row: Mapping[str, Any]) -> str:
    if row["metric_value"] is None:
        return "not defined"
    return f"{row['metric_value']:.4f} ({row['lower_bound']:.4f} to {row['upper_bound']:.4f})"


def _limits(feature_set: FeatureSet) -> list[str]:
    limits = ["Labels come from one source; a wrong label there is a wrong lesson here."]
    if TEXT in feature_set.columns:
        limits.append(LEAD_IN_WARNING)
    if feature_set.known_when == "after_spread":
        limits.append(LATE_WARNING)
    if not feature_set.decides:
        limits.append(ACCOUNT_WARNING)
    return limits
